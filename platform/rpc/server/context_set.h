/* All contexts of a server: as many as calls can wait or be at work, and some more. */
#ifndef QL_RPC_CONTEXT_SET_H
#define QL_RPC_CONTEXT_SET_H

#include <stdint.h>

#include "platform/rpc/server/context.h"

struct qli_context_set {
    struct qli_context_shared shared;
    struct qli_context *contexts;
    int n_contexts;
};

/* What the contexts run on must outlive them. */
void qli_context_set_init(struct qli_context_set *set, const struct qli_dispatcher *dispatcher,
                          struct qli_worker_pool *normal, struct qli_worker_pool *heavy);
void qli_context_set_done(struct qli_context_set *set);

/* Opens n_busy contexts, and those to spare, and lets them receive. 0 or nng's error, after
 * which qli_context_set_close is due all the same. */
int qli_context_set_open(struct qli_context_set *set, nng_socket socket, struct qli_pipes *pipes,
                         int n_busy);

/* After the socket is closed: waits for callbacks and releases the contexts. */
void qli_context_set_close(struct qli_context_set *set);

/* Every further call is answered DRAINING. */
void qli_context_set_refuse(struct qli_context_set *set);

/* After that: waits up to timeout_ms for the Requests taken. */
void qli_context_set_drain(struct qli_context_set *set, int64_t timeout_ms);

#endif
