/* JSON to wire bytes on the way in, wire bytes to JSON on the way out, on the
 * loop: both are bounded by the limits of a message. */
#ifndef QL_GATEWAY_TRANSCODE_H
#define QL_GATEWAY_TRANSCODE_H

#include "gateway/request.h"

/* Writes the request message into loop->wire. False when the request has been
 * refused. */
bool transcode_request(struct request *request);

/* Checks the answer, writes its JSON and replies. */
void transcode_response(struct request *request);

#endif
