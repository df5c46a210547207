/* What a method of the contract is like over HTTP. */
#ifndef QL_OPENAPI_METHOD_H
#define QL_OPENAPI_METHOD_H

#include <stdbool.h>

#include "platform/pb/schema/schema.h"

/* Whether people may call the method over HTTP at all. */
bool openapi_serves(const struct ql_method *method);

/* "UserService" of the method's service: the tag, and half of the operation's id. */
const char *openapi_service_name(const struct ql_method *method);

/* Whether its verb is GET. */
bool openapi_is_read(const struct ql_method *method);

/* The field that is the body; NULL when the body is the whole request, or none. */
const struct ql_field *openapi_body_field(const struct ql_method *method);

/* The field that is the answer; NULL when it is the whole response. */
const struct ql_field *openapi_answer_field(const struct ql_method *method);

/* Whether the method answers one resource that has an etag. */
bool openapi_has_etag(const struct ql_method *method);

/* Whether the method refuses a resource that has another etag than If-Match names. */
bool openapi_checks_etag(const struct ql_method *method);

#endif
