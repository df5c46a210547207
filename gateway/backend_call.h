/* The call of a request's method at its service. */
#ifndef QL_GATEWAY_BACKEND_CALL_H
#define QL_GATEWAY_BACKEND_CALL_H

#include "gateway/request.h"

/* Sends the message in the workspace's wire buffer to the request's backend; the request
 * waits. resume is called once, on the loop's thread, when its status is filled, and its
 * payload, etag and is_replayed if the status is QL_OK. False, and no call of resume, when
 * too many calls are under way. */
bool backend_call_start(struct request *request, request_resume *resume) QL_MUST_CHECK;

#endif
