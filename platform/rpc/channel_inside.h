/* The inside of a channel: its socket, and the calls under way. */
#ifndef QL_RPC_CHANNEL_INSIDE_H
#define QL_RPC_CHANNEL_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <nng/nng.h>

#include "platform/rpc/arena_pool.h"
#include "platform/rpc/channel.h"

enum qli_pending_phase {
    QLI_PENDING_SENDING = 0, /* nothing was sent yet */
    QLI_PENDING_RECEIVING,
    QLI_PENDING_FAILED, /* before anything was tried; tells it from nng's thread */
};

/* One call under way; recycled, with its context, for the next one. */
struct ql_rpc_pending {
    struct ql_rpc_channel *channel;
    struct ql_rpc_pending *next_free;
    nng_ctx ctx;
    nng_aio *aio;
    enum qli_pending_phase phase;
    uint64_t id;
    int64_t deadline_ms;
    ql_rpc_done *done;
    void *argument;
    bool is_cancelled;   /* under the channel's lock */
    enum ql_code failed; /* of QLI_PENDING_FAILED */
};

struct ql_rpc_channel {
    char *service;
    struct ql_signer *signer;
    nng_socket socket;
    struct qli_arena_pool arenas; /* for the checks and the status of replies */
    atomic_uint_least64_t next_id;
    pthread_mutex_t lock;
    pthread_cond_t none_in_flight;
    struct ql_rpc_pending **all; /* every one made, at most n_all_max */
    struct ql_rpc_pending *free_list;
    int n_all, n_all_max, n_in_flight, max_in_flight;
    bool is_closing;
};

/* The callback of every pending's aio. */
void qli_pending_event(void *pending);

/* The call no longer counts as in flight: before its callback, so that whoever
 * learns of its end may start another one at once. */
void qli_pending_leave(struct ql_rpc_pending *pending);

/* Puts a pending back into the free list: after its callback, so that until
 * then a cancel means this call and no other. */
void qli_pending_give(struct ql_rpc_pending *pending);

#endif
