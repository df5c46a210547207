/* Reading lists of entity tags. */
#include "gateway/etag.h"

#include <string.h>

bool etag_copy(char ret_etag[ETAG_SIZE], const char *etag, size_t length)
{
    bool is_good = length > 0 && length < ETAG_SIZE;

    for (size_t i = 0; is_good && i < length; i++)
        is_good = etag[i] > ' ' && etag[i] <= '~' && etag[i] != '"';
    if (is_good)
        memcpy(ret_etag, etag, length);
    ret_etag[is_good ? length : 0] = '\0';
    return is_good;
}

static bool is_between(char byte)
{
    return byte == ' ' || byte == '\t' || byte == ',';
}

static bool is_listed(const char *list, size_t length, const char *etag, bool weak_too)
{
    const char *at = list, *const end = list + length;
    const size_t etag_length = strlen(etag);

    for (;;) {
        const char *close;
        bool is_weak;

        while (at < end && is_between(*at))
            at++;
        if (at == end)
            return false;
        if (*at == '*')
            return true;
        is_weak = end - at > 2 && at[0] == 'W' && at[1] == '/';
        if (is_weak)
            at += 2;
        if (*at != '"' || (close = memchr(at + 1, '"', (size_t)(end - at - 1))) == NULL)
            return false;
        if ((weak_too || !is_weak) && (size_t)(close - at - 1) == etag_length &&
            memcmp(at + 1, etag, etag_length) == 0)
            return true;
        at = close + 1;
    }
}

bool etag_is_listed(const char *list, size_t length, const char *etag)
{
    return is_listed(list, length, etag, true);
}

static bool is_read(const h2o_req_t *req)
{
    return h2o_memis(req->method.base, req->method.len, H2O_STRLIT("GET")) ||
           h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
}

/* Whether a field of the name lists the etag; *ret_has_field whether there is one. */
static bool field_lists(const h2o_req_t *req, const h2o_token_t *name, const char *etag,
                        bool weak_too, bool *ret_has_field)
{
    *ret_has_field = false;
    for (ssize_t at = -1; (at = h2o_find_header(&req->headers, name, at)) >= 0;) {
        h2o_iovec_t value = req->headers.entries[at].value;

        *ret_has_field = true;
        if (is_listed(value.base, value.len, etag, weak_too))
            return true;
    }
    return false;
}

bool etag_is_another(const h2o_req_t *req, const char *etag)
{
    bool has_field;

    return is_read(req) && !field_lists(req, H2O_TOKEN_IF_MATCH, etag, false, &has_field) &&
           has_field;
}

bool etag_is_known(const h2o_req_t *req, const char *etag)
{
    bool has_field;

    return is_read(req) && field_lists(req, H2O_TOKEN_IF_NONE_MATCH, etag, true, &has_field);
}
