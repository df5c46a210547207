/* Fields in the pool of h2o's request. */
#include "gateway/response_field.h"

#include <stdint.h>
#include <string.h>

void response_field_add(h2o_req_t *req, const char *name, const char *value)
{
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, SIZE_MAX);

    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, copy.base,
                          copy.len);
}
