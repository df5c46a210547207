/* The head of a request as a whole, before anything in it is believed. */
#ifndef QL_GATEWAY_HTTP_HEAD_H
#define QL_GATEWAY_HTTP_HEAD_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Checks its size and, in HTTP/1, where it says that the request ends
 * (gateway/framing.h). False when the request is refused. */
bool http_head_check(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
