/* Reading and checking the header fields of a request. */
#ifndef QL_GATEWAY_REQUEST_HEADERS_H
#define QL_GATEWAY_REQUEST_HEADERS_H

#include "gateway/refusal.h"
#include "gateway/request.h"

/* Fills the record: the client's address (client_address_find), verb, path, request id (the
 * client's or a new one), trace. */
void request_headers_identify(struct request *request);

/* Checks body size, Content-Type, Accept, Idempotency-Key and If-Match, and copies the last
 * two. False when the request is refused. */
bool request_headers_check(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* Copies the bearer token to request->check.token. False when the request is refused. */
bool request_headers_token(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
