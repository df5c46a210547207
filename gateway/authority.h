/* The authority of a request: the host that it addresses. */
#ifndef QL_GATEWAY_AUTHORITY_H
#define QL_GATEWAY_AUTHORITY_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Sets req->authority: in HTTP/1 the target's, else Host (gateway/parser.h), in HTTP/2
 * :authority, else the field host; then checks that the gateway serves it
 * (host_is_answered). False when the request is refused: 400 when :authority and host differ
 * or the authority has userinfo, else 421. */
bool authority_check(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
