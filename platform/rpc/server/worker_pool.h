/* A lane: threads that take Requests from one bounded queue, a call at a time.
 *
 * What waits is bounded twice, in calls and in bytes, and clients take turns
 * (fair_queue.h). A Request of several calls has as many turns. A thread that
 * idles counts as room, so a queue of 0 still lets every thread work. */
#ifndef QL_RPC_LANE_H
#define QL_RPC_LANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"
#include "platform/rpc/server/fair_queue.h"

enum {
    QLI_LANE_MAX_BYTES = 64 * 1024 * 1024, /* of everything that waits in one lane */
    QLI_LANE_MAX_THREADS = 64,
};

/* Executes one call of an item's. arena belongs to the thread and is reset
 * afterwards. False: that was the last one, and the item is not the lane's any more. */
typedef bool qli_lane_run(struct qli_fair_item *item, struct ql_arena *arena);

struct qli_lane {
    const char *name; /* label of its metrics */
    qli_lane_run *run;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct qli_fair_queue queue;
    size_t queue_max; /* calls */
    size_t n_idle;
    bool is_stopping;
    int n_threads;
    pthread_t threads[QLI_LANE_MAX_THREADS];
    struct ql_arena *arenas[QLI_LANE_MAX_THREADS];
};

/* Starts the threads, for items of n_groups groups. false, and nothing to stop,
 * when one cannot be had. */
bool qli_lane_start(struct qli_lane *lane, const char *name, int n_threads, size_t n_groups,
                    size_t queue_max, qli_lane_run *run);

/* Hands an item over, which the caller must not touch any more. false: the
 * lane is full or stopping. What had to make way is *ret_evicted, a list by next,
 * and the caller's to refuse, whatever is returned. Any thread; never blocks. */
bool qli_lane_push(struct qli_lane *lane, struct qli_fair_item *item,
                   struct qli_fair_item **ret_evicted) QL_MUST_CHECK;

/* Ends the threads after the calls they are at. Waiting items stay. */
void qli_lane_stop(struct qli_lane *lane);

/* After the stop: the next item nobody worked on, or NULL. */
struct qli_fair_item *qli_lane_take_left(struct qli_lane *lane);

void qli_lane_done(struct qli_lane *lane); /* after the stop; releases */

#endif
