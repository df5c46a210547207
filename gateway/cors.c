/* Reading lists of origins, and adding fields to answers. */
#include "gateway/cors.h"

#include <string.h>

#include "gateway/response_field.h"

#define ALLOWED_FIELDS                                                                             \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, "        \
    "traceparent"
#define EXPOSED_FIELDS "X-Request-Id, ETag, Retry-After, Allow, Idempotency-Replayed"
#define MAX_AGE        "600" /* seconds */

static bool next_origin(const char **at, const char **ret_origin, size_t *ret_length)
{
    const char *begin = *at + strspn(*at, " ,");
    size_t length = strcspn(begin, ",");

    *at = begin + length;
    while (length > 0 && begin[length - 1] == ' ')
        length--;
    *ret_origin = begin;
    *ret_length = length;
    return length > 0;
}

/* scheme://host[:port], without a path, as browsers send it. */
static bool is_origin(const char *text, size_t length)
{
    const char *mark = memmem(text, length, "://", 3);

    if (mark == NULL || mark == text || (size_t)(mark - text) + 3 == length)
        return false;
    for (const char *at = text; at < text + length; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || strchr("*\"?#@", *at) ||
            (*at == '/' && at != mark + 1 && at != mark + 2))
            return false;
    return true;
}

bool cors_origins_are_good(const char *origins)
{
    const char *at = origins, *origin;
    size_t length;

    if (strcmp(origins, "*") == 0)
        return true;
    while (next_origin(&at, &origin, &length))
        if (!is_origin(origin, length))
            return false;
    return true;
}

bool cors_allows(const char *origins, const char *origin, size_t length)
{
    const char *at = origins, *listed;
    size_t listed_length;

    if (strcmp(origins, "*") == 0)
        return true;
    while (next_origin(&at, &listed, &listed_length))
        if (listed_length == length && memcmp(listed, origin, length) == 0)
            return true;
    return false;
}

static bool find_origin(const char *origins, h2o_req_t *req, h2o_iovec_t *ret_origin)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, H2O_STRLIT("origin"), -1);

    if (origins[0] == '\0' || at < 0 ||
        h2o_find_header_by_str(&req->headers, H2O_STRLIT("origin"), at) >= 0)
        return false; /* none, or more than one */
    *ret_origin = req->headers.entries[at].value;
    return cors_allows(origins, ret_origin->base, ret_origin->len);
}

void cors_add_fields(const char *origins, h2o_req_t *req)
{
    bool is_any = strcmp(origins, "*") == 0;
    h2o_iovec_t origin;

    if (origins[0] == '\0')
        return;
    /* Also when the origin is not allowed: a cache must not serve that answer to others. */
    response_field_add(req, "vary", "Origin");
    if (!find_origin(origins, req, &origin))
        return;
    response_field_add(req, "access-control-allow-origin",
                       is_any ? "*" : h2o_strdup(&req->pool, origin.base, origin.len).base);
    response_field_add(req, "access-control-expose-headers", EXPOSED_FIELDS);
}

void cors_add_options_fields(const char *origins, h2o_req_t *req, const char *allow)
{
    h2o_iovec_t origin;

    response_field_add(req, "allow", allow);
    if (h2o_find_header_by_str(&req->headers, H2O_STRLIT("access-control-request-method"), -1) <
            0 ||
        !find_origin(origins, req, &origin))
        return;
    response_field_add(req, "access-control-allow-methods", allow);
    response_field_add(req, "access-control-allow-headers", ALLOWED_FIELDS);
    response_field_add(req, "access-control-max-age", MAX_AGE);
}
