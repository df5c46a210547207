/* A call under way, from its start to its one callback. */
#ifndef QL_RPC_PENDING_H
#define QL_RPC_PENDING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <nng/nng.h>

#include "platform/rpc/client/channel.h"
#include "platform/rpc/client/reply_view.h"

struct qli_replica;
struct Questline__Rpc__V1__Call;

enum qli_pending_phase {
    QLI_PENDING_IDLE = 0,
    QLI_PENDING_WAITING, /* for a connection, or before the next try */
    QLI_PENDING_SENDING, /* nothing was sent yet */
    QLI_PENDING_RECEIVING,
    QLI_PENDING_GATHERED, /* in a batch */
    QLI_PENDING_FAILED,   /* before anything was tried; tells it from nng's thread */
};

/* One call under way; recycled for the next one. */
struct ql_rpc_pending {
    struct ql_rpc_channel *channel;
    struct ql_rpc_pending *next_free;
    nng_aio *aio;
    nng_aio *timer;              /* of its own: an aio that slept once takes timeouts for success */
    nng_msg *request;            /* each try sends a copy of it */
    struct qli_replica *replica; /* of the try under way, or NULL */
    nng_ctx ctx;                 /* of that replica */
    struct qli_batch *batch;     /* of a gathered call: where it is, under the lock */
    int place;                   /* in the batch */
    uint32_t tried;              /* a bit for each replica that was tried */
    int n_tries;
    uint64_t id;
    int64_t deadline_ms;
    int64_t connect_until_ms;   /* no longer than this without a connection */
    int64_t ask_again_until_ms; /* 0: nobody has turned it away */
    ql_rpc_done *done;
    void *argument;
    enum ql_code failed; /* of QLI_PENDING_FAILED */
    bool is_safe;        /* it may be repeated even when it was executed */
    /* These are written under the lock. */
    enum qli_pending_phase phase;
    atomic_bool is_cancelled;
    atomic_bool is_moved; /* its try was given up for another one */
};

/* A number for a new call, any thread; a pending for it, or NULL, under the lock. */
uint64_t qli_pending_id(struct ql_rpc_channel *channel);
struct ql_rpc_pending *qli_pending_take(struct ql_rpc_channel *channel);

/* Fills it from a request. The code that it must fail with at once, or QL_OK. */
enum ql_code qli_pending_fill(struct ql_rpc_pending *pending, uint64_t id,
                              const struct ql_rpc_request *request, ql_rpc_done *done,
                              void *argument);

/* Sends the call of a pending that was filled, alone; or tells why not. */
void qli_pending_send(struct ql_rpc_pending *pending, const struct ql_rpc_request *request);

/* The Request with its one call, packed into a message of its own. */
enum ql_code qli_request_pack(const struct ql_rpc_request *request, uint64_t id,
                              int64_t remaining_ms, nng_msg **ret_message);

/* The Call of a request; its texts are the request's. */
void qli_call_fill(struct Questline__Rpc__V1__Call *call, const struct ql_rpc_request *request,
                   uint64_t id, int64_t remaining_ms);

/* Starts the first try; or nothing, so that the callback tells the failure. */
void qli_pending_start(struct ql_rpc_pending *pending);
void qli_pending_start_failed(struct ql_rpc_pending *pending);

/* The callback of every pending's aio and timer. */
void qli_pending_event(void *pending);

/* Interrupts what is under way; gives up a try for another, or ends a wait. Under the lock. */
void qli_pending_interrupt(struct ql_rpc_pending *pending);
void qli_pending_move(struct ql_rpc_pending *pending);

/* The try is over: its replica and context are free again. Under the lock. */
void qli_pending_release(struct ql_rpc_pending *pending);

/* The call no longer counts as in flight: before its callback, so that whoever
 * learns of its end may start another one at once. Under the lock. */
void qli_pending_leave(struct ql_rpc_pending *pending);

/* Puts a pending back into the free list: after its callback, so that until
 * then a cancel means this call and no other. Under the lock. */
void qli_pending_give(struct ql_rpc_pending *pending);

/* Waits before the next try. Under the lock. */
void qli_pending_wait(struct ql_rpc_pending *pending, int64_t wait_ms);

/* Goes on at once, on nng's thread. */
void qli_pending_soon(struct ql_rpc_pending *pending);

/* Runs the callback. result, NULL for a failure, is its payload and etag; owner is
 * the message that they lie in, freed afterwards; NULL: it is somebody else's. */
void qli_pending_tell(struct ql_rpc_pending *pending, const struct ql_status *status,
                      const struct qli_result_view *result, nng_msg *owner);

/* Tells the caller, once, and recycles; result and owner as above. */
void qli_pending_finish(struct ql_rpc_pending *pending, const struct ql_status *status,
                        const struct qli_result_view *result, nng_msg *owner);

/* What an answer says about its replica. Takes the lock. */
void qli_replica_learn(struct qli_replica *replica, const struct ql_status *status);
/* True only where nothing can have been executed. */
bool qli_was_turned_away(const struct ql_status *status);

/* The outcome that one result holds. */
enum ql_code qli_result_read(struct ql_call *call, const struct qli_result_view *result);

/* The outcome that a reply holds for the call with this id. */
enum ql_code qli_reply_read(struct ql_call *call, nng_msg *message, uint64_t id,
                            struct qli_result_view *ret_result);

#endif
