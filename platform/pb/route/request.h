/* An HTTP request as a request message, and a response message as a body. */
#ifndef QL_PB_ROUTE_REQUEST_H
#define QL_PB_ROUTE_REQUEST_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/route/match.h"

struct ql_routes;

/* Builds the request message into out. query has no '?'. A route without a body
 * refuses one (BODY_NOT_ALLOWED). INVALID_ARGUMENT names the field: unknown or
 * repeated query parameter, bad percent-encoding, a value out of its type, a text
 * of the path that the body says otherwise (UUIDs in any case of letters). The
 * update mask of a PATCH that has none names the members of the body's JSON object,
 * whatever their values. */
enum ql_code ql_route_read_request(struct ql_call *call, const struct ql_routes *routes,
                                   const struct ql_route_match *match, const char *query,
                                   size_t query_length, const char *body, size_t body_length,
                                   struct ql_buffer *out) QL_MUST_CHECK;

/* Writes the JSON body of a response message, response_body applied. */
enum ql_code ql_route_write_response(struct ql_call *call, const struct ql_routes *routes,
                                     const struct ql_route_match *match, const void *wire,
                                     size_t length, struct ql_buffer *out) QL_MUST_CHECK;

#endif
