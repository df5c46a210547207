/* A context of the REP socket, on its way round
 *
 *   receiving -> working (on nng's thread or in a worker pool) -> sending -> receiving
 *
 * There are more contexts than calls that can wait (context_set.h), so that one is
 * always receiving and a fast method never waits behind a slow one. */
#ifndef QL_RPC_CONTEXT_H
#define QL_RPC_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <nng/nng.h>

#include "platform/rpc/arena_pool.h"
#include "platform/rpc/server/pipes.h"
#include "platform/rpc/server/reply.h"
#include "platform/rpc/server/work.h"
#include "platform/rpc/server/worker_pool.h"

enum qli_context_phase { QLI_CONTEXT_IDLE = 0, QLI_CONTEXT_RECEIVING, QLI_CONTEXT_SENDING };

/* What the contexts of a server share. */
struct qli_context_shared {
    const struct qli_dispatcher *dispatcher;
    struct qli_worker_pool *normal, *heavy;
    struct qli_pipes *pipes;
    struct qli_arena_pool envelope_arenas, call_arenas;
    pthread_mutex_t lock;
    pthread_cond_t all_answered;
    atomic_int n_taken; /* Requests received and not yet answered */
    atomic_bool is_draining;
};

struct qli_context {
    struct qli_context_shared *shared;
    nng_ctx ctx;
    /* One aio for both ways: its callback after the send starts the next receive, without
     * any thread waiting for a slow reader. */
    nng_aio *aio;
    nng_aio *timer;             /* for pauses, made for the first; aio may not sleep: it would then
                     * take its later timeouts for success */
    nng_pipe pipe;              /* where the Request came from */
    char peer[QL_NETWORK_SIZE]; /* its address */
    enum qli_context_phase phase;
    struct ql_arena *arena; /* holds work, from receipt to reply */
    struct qli_work work;
    struct qli_reply reply;       /* begun with the first call */
    struct qli_fair_item waiting; /* the context in a worker pool */
};

/* Opens a context of the socket. 0 or nng's error. */
int qli_context_open(struct qli_context *context, nng_socket socket,
                     struct qli_context_shared *shared);
void qli_context_receive(struct qli_context *context);

/* Runs the next call of the context that waits with this item. False: that was the last
 * one, the reply is on its way, and the context is no longer the caller's. */
bool qli_context_work(struct qli_fair_item *waiting, struct ql_arena *arena);

/* Answers what is waiting with this item with DRAINING. */
void qli_context_refuse(struct qli_fair_item *waiting);

/* After the socket is closed: waits for the callback and releases. */
void qli_context_close(struct qli_context *context);

#endif
