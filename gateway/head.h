/* The head of a request as a whole, before anything in it is believed. */
#ifndef QL_GATEWAY_HEAD_H
#define QL_GATEWAY_HEAD_H

#include "gateway/request.h"

/* Checks its size and, in HTTP/1, where it says that the request ends
 * (gateway/framing.h). False when the request has been refused. */
bool head_check(struct request *request);

#endif
