/* The description of the API, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0):
 * what GET /openapi.json answers and --openapi prints. Made from the contract
 * and its comments alone, so that it never tells of another API than is served. */
#ifndef QL_GATEWAY_OPENAPI_H
#define QL_GATEWAY_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema.h"

/* Appends the document for every method of the schema that people may call.
 * False with a text in error for a route that OpenAPI cannot tell of, or when
 * memory or out does not suffice. */
bool openapi_write(const struct ql_schema *schema, struct ql_buffer *out, char *error,
                   size_t error_size) QL_MUST_CHECK;

/* What is larger is refused at the start. */
enum { OPENAPI_MAX_BYTES = 4 * 1024 * 1024 };

/* Prints the document of the embedded contract: the --openapi flag. */
int openapi_print(struct ql_call *call, void *context);

#endif
