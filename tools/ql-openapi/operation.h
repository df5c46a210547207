/* One method of the contract as an OpenAPI operation. */
#ifndef QL_OPENAPI_OPERATION_H
#define QL_OPENAPI_OPERATION_H

#include "tools/ql-openapi/types.h"

/* Whether people may call the method over HTTP at all. */
bool openapi_serves(const struct ql_method *method);

/* Notes the types of its request and its answer. */
void openapi_operation_reach(struct openapi *openapi, const struct ql_method *method);

/* Writes it as the member "get" or the like. */
void openapi_operation_write(struct openapi *openapi, const struct ql_method *method);

/* Whether the method answers one resource that has an etag. */
bool openapi_has_etag(const struct ql_method *method);

/* "UserService" of the method's service: the tag, and half of the operation's id. */
const char *openapi_service_name(const struct ql_method *method);

#endif
