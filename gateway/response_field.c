/* Fields are copied to the pool of h2o's request. */
#include "gateway/response_field.h"

#include <stdint.h>
#include <string.h>

void response_field_add(h2o_req_t *req, const char *name, const char *value)
{
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);

    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, copy.base,
                          copy.len);
}

void response_fields_add_common(h2o_req_t *req, const char *request_id)
{
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"), 1,
                          NULL, H2O_STRLIT("nosniff"));
    response_field_add(req, "x-request-id", request_id);
}
