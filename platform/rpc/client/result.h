/* What comes out of a call that does not wait. */
#ifndef QL_RPC_CLIENT_RESULT_H
#define QL_RPC_CLIENT_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/status.h"

/* Valid during the callback only, except that payload may be kept with
 * ql_rpc_result_take. */
struct ql_rpc_result {
    const struct ql_status *status;
    const void *payload; /* unchecked wire bytes: ql_wire_check them */
    size_t payload_length;
    const char *etag;   /* validator of the resource returned; not ended with a NUL */
    size_t etag_length; /* 0: none */
    bool is_replayed;   /* the answer of an earlier call with the same idempotency_key */
    void *owner;        /* private */
};

/* Called exactly once, on nng's thread unless the function that takes it says
 * otherwise: must not block. */
typedef void ql_rpc_done(void *argument, struct ql_rpc_result *result);

/* Keeps the payload, and changes where it lies: it then lives until
 * ql_rpc_result_free. NULL: there is none, or no memory to keep it. */
void *ql_rpc_result_take(struct ql_rpc_result *result);
void ql_rpc_result_free(void *taken); /* NULL is fine */

#endif
