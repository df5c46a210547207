/* Calling the method of a request. */
#ifndef QL_GATEWAY_BACKEND_CALL_H
#define QL_GATEWAY_BACKEND_CALL_H

#include "gateway/request.h"

/* Sends the message in the workspace's wire buffer to the request's backend; the request
 * waits. resume is called once, on the loop's thread, after status is set, and after
 * payload, etag and is_replayed if the status is QL_OK. False, without a call of resume,
 * when too many calls are under way. */
bool backend_call_start(struct request *request, request_resume *resume) QL_MUST_CHECK;

#endif
