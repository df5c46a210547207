/* JSON to wire bytes on the way in, wire bytes to JSON on the way out. Both run on the
 * loop, as the limits of a message bound them, in the workspace, whose arena the caller
 * resets. */
#ifndef QL_GATEWAY_TRANSCODE_H
#define QL_GATEWAY_TRANSCODE_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Writes the request message into the workspace's wire buffer. False when the request is
 * refused; the texts of the refusal then lie in the workspace's arena. */
bool transcode_request(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* Checks the service's answer and writes its JSON into the workspace's json buffer. False
 * when the service's answer is none. */
bool transcode_response(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
