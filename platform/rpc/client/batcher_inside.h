/* The inside of gathering: batches, on their way
 *
 *   free -> open -> [waiting] -> under way -> free
 *
 * A Reply is received by nng's thread and, if the gather's owner wants to be
 * woken, worked on by the owner's: its calls are told there, without a message to
 * the owner for each. A gathered call has a place in its batch until it is answered, cancelled or
 * late; then the place is empty and the batch goes on. Whatever goes wrong sends
 * a call on its way alone, as ql_rpc_send would. */
#ifndef QL_RPC_GATHER_INSIDE_H
#define QL_RPC_GATHER_INSIDE_H

#include "platform/rpc/client/channel_inside.h"
#include "platform/rpc/client/batcher.h"

enum {
    QLI_BATCH_CALLS_MAX = 32,
    QLI_CALL_BYTES_MAX = 16 * 1024, /* a larger call travels alone */
};

struct qli_place {
    struct ql_rpc_pending *pending; /* NULL: empty */
    size_t offset, length;          /* its part of the message, itself a Request */
};

struct qli_batch {
    struct ql_rpc_gather *gather;
    struct qli_batch *next, *next_made;
    nng_aio *send; /* without a callback: what it tells is asked when the answer is there */
    nng_aio *receive;
    nng_msg *message; /* a copy is sent */
    struct qli_place places[QLI_BATCH_CALLS_MAX];
    int n_places;
    struct qli_replica *replica; /* while under way */
    nng_ctx ctx;
    int64_t last_deadline_ms;
    bool was_sent;               /* once it was received or lost */
    struct qli_batch *next_come; /* in the gather's come */
};

struct ql_rpc_gather {
    struct ql_rpc_channel *channel;
    struct ql_rpc_gather *next;
    struct qli_batch *first, *last; /* not under way; the last one may have room */
    struct qli_batch *free_list, *made;
    int n_under_way;
    bool has_new;                     /* since the last flush; the owner's thread only */
    uint8_t call[QLI_CALL_BYTES_MAX]; /* being packed; the owner's thread only */

    pthread_mutex_t come_lock; /* of what follows; never held with the channel's */
    ql_rpc_gather_wake *wake;  /* NULL: nobody takes */
    void *wake_argument;
    struct qli_batch *come, **come_end; /* received or lost, not yet taken */
};

/* Sends what waits, as far as it may. Without the lock; any thread. */
void qli_gather_pump(struct ql_rpc_gather *gather);

/* Gives a batch that was received or lost to the gather's owner. False: it has none
 * to give it to. */
bool qli_gather_hand_over(struct qli_batch *batch);

/* All under the channel's lock. */

/* Takes a call out of its batch; it fails with the code, told from nng's thread. */
void qli_batch_leave(struct ql_rpc_pending *pending, enum ql_code code);

/* Ends the calls whose time is over, and batches whose replica is hung. */
void qli_gathers_look_after(struct ql_rpc_channel *channel, int64_t now_ms);

/* When nothing is in flight any more; without the lock. */
void qli_gathers_free(struct ql_rpc_channel *channel);

#endif
