/* Header fields of the answer. */
#ifndef QL_GATEWAY_RESPONSE_FIELD_H
#define QL_GATEWAY_RESPONSE_FIELD_H

#include <h2o.h>

/* Adds a field; name is a literal in lower case, value is copied. */
void response_field_add(h2o_req_t *req, const char *name, const char *value);

/* Adds X-Content-Type-Options and X-Request-Id, which every answer has. */
void response_fields_add_common(h2o_req_t *req, const char *request_id);

#endif
