/* The description of the API, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0):
 * what becomes generated/openapi.json. Made from the contract and its comments alone,
 * so that it describes the API that is served and no other. */
#ifndef QL_OPENAPI_OPENAPI_H
#define QL_OPENAPI_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/buffer.h"
#include "platform/pb/schema/schema.h"

/* Appends the document for every method of the schema that people may call.
 * False with a text in error for a route that OpenAPI cannot express, or when
 * memory or out does not suffice. */
bool openapi_write(const struct ql_schema *schema, struct ql_buffer *out, char *error,
                   size_t error_size) QL_MUST_CHECK;

#endif
