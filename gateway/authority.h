/* Whom a request is for. */
#ifndef QL_GATEWAY_AUTHORITY_H
#define QL_GATEWAY_AUTHORITY_H

#include "gateway/request.h"

/* Settles req->authority: in HTTP/1 the target's, else Host (gateway/parser.h), in
 * HTTP/2 :authority, else the field host; then checks that the gateway answers to it
 * (host_is_answered). 400 where :authority and host differ or a
 * user stands before the host, else 421; false when the
 * request has been refused. */
bool authority_check(struct request *request);

#endif
