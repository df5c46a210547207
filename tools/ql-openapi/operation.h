/* One method of the contract as an OpenAPI operation. */
#ifndef QL_OPENAPI_OPERATION_H
#define QL_OPENAPI_OPERATION_H

#include "tools/ql-openapi/types.h"

/* Notes the types of its request and its answer. */
void openapi_operation_reach(struct openapi *openapi, const struct ql_method *method);

/* Writes it as the member "get" or the like. */
void openapi_operation_write(struct openapi *openapi, const struct ql_method *method);

#endif
