/* Requests from JSON to wire bytes, answers from wire bytes to JSON. Both run on the loop,
 * since the limits of a message bound their time, in the workspace, whose arena the caller
 * resets. */
#ifndef QL_GATEWAY_TRANSCODE_H
#define QL_GATEWAY_TRANSCODE_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Writes the request message to the workspace's wire buffer. False when the request is
 * refused; the texts of the refusal are then in the workspace's arena. */
bool transcode_request(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* Checks the service's answer and writes its JSON to the workspace's json buffer. False when
 * the answer is invalid. */
bool transcode_response(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
