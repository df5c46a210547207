/* RFC 9113, section 8.3.1: a request whose host differs from :authority is malformed, and so
 * is one with userinfo ("ada@host"), in HTTP/1 too (RFC 9110 section 4.2.4). */
#include "gateway/authority.h"

#include <string.h>

#include "gateway/host.h"

/* Compares the fields host of HTTP/2, which parser_init makes visible; in HTTP/1 the library
 * has set the authority from Host. False when they differ. */
static bool settle_authority(h2o_req_t *req)
{
    const char *port = req->scheme == &H2O_URL_SCHEME_HTTPS ? "443" : "80";

    /* Without an authority the library sets its own host name. */
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

    if (!settle_authority(req))
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "MALFORMED_REQUEST",
                           "the request is not well-formed HTTP: host differs from :authority");
    if (req->authority.base != NULL && memchr(req->authority.base, '@', req->authority.len) != NULL)
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "MALFORMED_REQUEST",
                           "the request is not well-formed HTTP: a user stands before the host");
    if (!host_is_answered(gateway->settings.http_hosts, gateway->is_local, req->authority.base,
                          req->authority.len))
        return refusal_set(ret_refusal, 421, QL_INVALID_ARGUMENT, "HOST_NOT_ANSWERED",
                           "this name is not served here; QL_HTTP_HOSTS lists the names that are");
    return true;
}
