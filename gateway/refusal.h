/* Why a request is not served. The steps of a request return it as their verdict;
 * gateway/pipeline.c alone replies. */
#ifndef QL_GATEWAY_REFUSAL_H
#define QL_GATEWAY_REFUSAL_H

#include <stdbool.h>

#include "platform/base/attributes.h"
#include "platform/base/status.h"

struct refusal {
    int http_status;
    struct ql_status status;
};

/* Fills the refusal and returns false, so that a step ends with
 * `return refusal_set(ret_refusal, 400, ...);`. */
bool refusal_set(struct refusal *ret_refusal, int http_status, enum ql_code code,
                 const char *reason, const char *format, ...) QL_PRINTF(5, 6);

/* The status of a failed call, with the HTTP status of its code. Returns false. */
bool refusal_set_status(struct refusal *ret_refusal, const struct ql_status *status);

/* 503 GATEWAY_BUSY with Retry-After: a bound of the gateway is reached. Returns false. */
bool refusal_set_busy(struct refusal *ret_refusal);

/* 429 with Retry-After: the client's address or account has reached a limit. Both return
 * false; the second is for requests and bytes. */
bool refusal_set_limited(struct refusal *ret_refusal, const char *reason, const char *message);
bool refusal_set_too_many_requests(struct refusal *ret_refusal);

#endif
