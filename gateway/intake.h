/* What a request's header fields say, copied, bounded and checked. */
#ifndef QL_GATEWAY_INTAKE_H
#define QL_GATEWAY_INTAKE_H

#include "gateway/request.h"

/* Fills the record: where the client is (as client_address_find says), verb, path,
 * request id (the client's or a new one), trace. */
void intake_identify(struct request *request);

/* Checks body size, Content-Type, Accept, Idempotency-Key and If-Match, and keeps
 * the last two. False when the request has been refused: it is gone then. */
bool intake_check_shape(struct request *request);

/* Finds the bearer token and copies it into request->check.token. False when
 * the request has been refused. */
bool intake_token(struct request *request);

#endif
