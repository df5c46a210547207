/* Whom a request is for. */
#ifndef QL_GATEWAY_AUTHORITY_H
#define QL_GATEWAY_AUTHORITY_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Settles req->authority: in HTTP/1 the target's, else Host (gateway/parser.h), in
 * HTTP/2 :authority, else the field host; then checks that the gateway answers to it
 * (host_is_answered). False when the request is refused: 400 where :authority and host
 * differ or a user stands before the host, else 421. */
bool authority_check(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
