/* HTTP routes of the contract: which method a verb and a path mean, and how a
 * request over HTTP becomes its request message and a response message becomes
 * a body (google.api.http: path variables, query parameters, body,
 * response_body). */
#ifndef QL_PB_ROUTE_ROUTE_H
#define QL_PB_ROUTE_ROUTE_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/route/match.h"
#include "platform/pb/schema/schema.h"

enum { QL_ALLOW_MAX = 64 };

struct ql_routes;

/* Compiles the routes of every method of the schema that has one; schema must
 * outlive them. NULL, with a text in error, for a rule that names no field, an
 * unsupported template, or two equal routes. */
struct ql_routes *ql_routes_new(const struct ql_schema *schema, char *error, size_t error_size);
void ql_routes_free(struct ql_routes *routes);

enum ql_route_result { QL_ROUTE_FOUND, QL_ROUTE_NOT_FOUND, QL_ROUTE_WRONG_VERB };

/* Matches a path without its query. WRONG_VERB fills ret_allow with the verbs
 * that would do, "GET, POST" (RFC 9110 section 10.2.1). HEAD is served by GET. */
enum ql_route_result ql_routes_match(const struct ql_routes *routes, const char *verb,
                                     size_t verb_length, const char *path, size_t path_length,
                                     struct ql_route_match *ret_match,
                                     char ret_allow[QL_ALLOW_MAX]);

/* One line per route: verb, path, method, access. For --routes. */
void ql_routes_print(const struct ql_routes *routes, struct ql_buffer *out);

#endif
