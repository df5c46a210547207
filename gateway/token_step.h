/* The check of a request's bearer token: at once when it is cached, else on a thread of the
 * token pool. Each client address has a share of the checks that may wait. */
#ifndef QL_GATEWAY_TOKEN_STEP_H
#define QL_GATEWAY_TOKEN_STEP_H

#include "gateway/refusal.h"
#include "gateway/request.h"

enum token_verdict {
    TOKEN_VERIFIED, /* request->check.identity is filled */
    TOKEN_WAITS,    /* resume will be called on the loop's thread; call token_step_end there */
    TOKEN_REFUSED,
};

/* Checks the token that request_headers_token has read. */
enum token_verdict token_step_begin(struct request *request, request_resume *resume,
                                    struct refusal *ret_refusal);

/* Ends a check that waited; true when request->check.identity is filled. */
bool token_step_end(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

/* Charges the account that the token names, and checks its role against the method's access:
 * an early refusal, as the service checks access again. */
bool token_step_check_access(struct request *request, struct refusal *ret_refusal) QL_MUST_CHECK;

#endif
