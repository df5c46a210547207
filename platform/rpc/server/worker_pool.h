/* A worker pool: threads that take Requests from one bounded queue, a call at a time.
 *
 * What waits is bounded twice, in calls and in bytes, and clients take turns
 * (fair_queue.h). A Request of several calls has as many turns. A thread that
 * idles counts as a place in the queue, so a queue of 0 still lets every thread work. */
#ifndef QL_RPC_WORKER_POOL_H
#define QL_RPC_WORKER_POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"
#include "platform/rpc/server/fair_queue.h"

enum {
    QLI_POOL_BYTES_MAX = 64 * 1024 * 1024, /* of everything that waits in one pool */
    QLI_WORKERS_MAX = 64,
};

/* Executes one call of an item's. arena belongs to the thread and is reset
 * afterwards. False: that was the last one, and the item is not the pool's any more. */
typedef bool qli_worker_run(struct qli_fair_item *item, struct ql_arena *arena);

struct qli_worker_pool {
    const char *name; /* label of its metrics */
    qli_worker_run *run;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct qli_fair_queue queue;
    size_t queue_max; /* calls */
    size_t n_idle;
    bool is_stopping;
    int n_threads;
    pthread_t threads[QLI_WORKERS_MAX];
    struct ql_arena *arenas[QLI_WORKERS_MAX];
};

/* Starts the threads, for items of n_groups groups. false, and nothing to stop,
 * when one cannot be had. */
bool qli_worker_pool_start(struct qli_worker_pool *pool, const char *name, int n_threads,
                           size_t n_groups, size_t queue_max, qli_worker_run *run);

/* Hands an item over, which the caller must not touch any more. false: the
 * pool is full or stopping. What had to make way is *ret_evicted, a list by next,
 * and the caller's to refuse, whatever is returned. Any thread; never blocks. */
bool qli_worker_pool_push(struct qli_worker_pool *pool, struct qli_fair_item *item,
                          struct qli_fair_item **ret_evicted) QL_MUST_CHECK;

/* Ends the threads after the calls they are at. Waiting items stay. */
void qli_worker_pool_stop(struct qli_worker_pool *pool);

/* After the stop: the next item nobody worked on, or NULL. */
struct qli_fair_item *qli_worker_pool_take_left(struct qli_worker_pool *pool);

void qli_worker_pool_done(struct qli_worker_pool *pool); /* after the stop; releases */

#endif
