/* RFC 9113, section 8.3.1: a host that differs from :authority is malformed, and so
 * is one behind a user ("ada@host"), in HTTP/1 too (RFC 9110 section 4.2.4). */
#include "gateway/authority.h"

#include <string.h>

#include "gateway/host.h"

/* The fields host of HTTP/2, which come here because of parser_init; in HTTP/1 the
 * library has made the authority of Host. False when there are several. */
static bool settle(h2o_req_t *req)
{
    const char *port = req->scheme == &H2O_URL_SCHEME_HTTPS ? "443" : "80";

    /* The library puts its own name in where a request has none. */
    if (req->authority.base == req->hostconf->authority.hostport.base)
        req->authority = h2o_iovec_init(NULL, 0);
    for (ssize_t at = -1; (at = h2o_find_header(&req->headers, H2O_TOKEN_HOST, at)) >= 0;) {
        h2o_iovec_t host = req->headers.entries[at].value;

        if (req->authority.base == NULL)
            req->authority = host;
        else if (!host_is_same(req->authority.base, req->authority.len, host.base, host.len, port))
            return false;
    }
    return true;
}

bool authority_check(struct request *request, struct refusal *ret_refusal)
{
    const struct gateway *gateway = request->gateway;
    h2o_req_t *req = request->req;

    if (!settle(req))
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "MALFORMED_REQUEST",
                           "the request is not well-formed HTTP: host differs from :authority");
    if (req->authority.base != NULL && memchr(req->authority.base, '@', req->authority.len) != NULL)
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "MALFORMED_REQUEST",
                           "the request is not well-formed HTTP: a user stands before the host");
    if (!host_is_answered(gateway->settings.http_hosts, gateway->is_local, req->authority.base,
                          req->authority.len))
        return refusal_set(
            ret_refusal, 421, QL_INVALID_ARGUMENT, "HOST_NOT_ANSWERED",
            "nothing of this name is here; QL_HTTP_HOSTS lists the names that are answered");
    return true;
}
