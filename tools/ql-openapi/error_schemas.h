/* The schemas of an error body. */
#ifndef QL_OPENAPI_ERROR_SCHEMAS_H
#define QL_OPENAPI_ERROR_SCHEMAS_H

#include "tools/ql-openapi/types.h"

/* Writes them as members of components.schemas. */
void openapi_error_schemas(struct openapi *openapi);

#endif
