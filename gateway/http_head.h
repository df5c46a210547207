/* Checks of a request's head as a whole, before any of its fields is used. */
#ifndef QL_GATEWAY_HTTP_HEAD_H
#define QL_GATEWAY_HTTP_HEAD_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Checks the size and, in HTTP/1, the framing (gateway/framing.h). False when the request
 * is refused. */
bool http_head_check(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
