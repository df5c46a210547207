/* The calls of a channel that do not wait, at most so many at once; each is used again
 * for a later one. The lock is call_pool.c's alone. */
#ifndef QL_RPC_CLIENT_CALL_POOL_H
#define QL_RPC_CLIENT_CALL_POOL_H

#include <stdatomic.h>

#include "platform/rpc/client/attempt.h"
#include "platform/rpc/client/request.h"
#include "platform/rpc/client/result.h"

struct qli_call_pool;

/* Where a call is that was put into a batch: private to batch.c. */
struct qli_batch_entry;

/* One call under way: alone, or in a batch. */
struct ql_rpc_pending {
    struct qli_call_pool *pool;
    struct ql_rpc_pending *next_free;
    struct qli_attempt attempt;              /* when it is alone, and for its end when it is not */
    _Atomic(struct qli_batch_entry *) entry; /* NULL: it is in no batch */
    ql_rpc_done *done;
    void *argument;
};

/* Takes a call out of its batch; see batch.h. */
typedef bool qli_call_withdraw(struct ql_rpc_pending *call);

struct qli_call_pool_options {
    const char *service; /* must outlive the pool */
    struct qli_balancer *balancer;
    int calls_max;
    qli_call_withdraw *withdraw;
};

/* NULL without memory. */
struct qli_call_pool *qli_call_pool_new(const struct qli_call_pool_options *options);

/* How many calls there may be: those under way, and those whose callbacks run. */
int qli_call_pool_size(const struct qli_call_pool *pool);

struct qli_arena_pool *qli_call_pool_arenas(struct qli_call_pool *pool);

/* Cancels every call and waits until the callbacks of all have returned. */
void qli_call_pool_close(struct qli_call_pool *pool);
void qli_call_pool_free(struct qli_call_pool *pool); /* after the close; NULL is fine */

/* A call for this callback, to be prepared. NULL: too many are in
 * flight, the pool closes, or no memory. */
struct ql_rpc_pending *qli_call_take(struct qli_call_pool *pool, ql_rpc_done *done,
                                     void *argument) QL_MUST_CHECK;

/* Gives the call its id and its deadline. False when that has passed: then the call fails
 * by itself. */
bool qli_call_prepare(struct ql_rpc_pending *call,
                      const struct ql_rpc_request *request) QL_MUST_CHECK;

/* Sends a call that was prepared, alone; or fails it, when it does not fit. */
void qli_call_start(struct ql_rpc_pending *call, const struct ql_rpc_request *request);

/* Ends a call: runs its callback, and makes it free for the next. It no longer counts as
 * under way before its callback, so that whoever learns of its end may start another at
 * once; it is free after it, so that until then a cancel means this call. result, NULL
 * for a failure, lies in reply, which is freed; reply is NULL when it is somebody
 * else's. */
void qli_call_finish(struct ql_rpc_pending *call, const struct ql_status *status,
                     const struct qli_result_view *result, nng_msg *reply);

/* Gives up a call, wherever it is. */
void qli_call_cancel(struct ql_rpc_pending *call);

#endif
