/* A lane: threads that take work from one bounded queue.
 *
 * What waits is bounded twice, by number and by bytes. A thread that idles
 * counts as room, so a queue of 0 still lets every thread work. */
#ifndef QL_RPC_LANE_H
#define QL_RPC_LANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"

enum {
    QLI_LANE_MAX_BYTES = 64 * 1024 * 1024, /* of everything that waits in one lane */
    QLI_LANE_MAX_THREADS = 64,
};

/* Works on an item. arena belongs to the thread and is reset afterwards. */
typedef void qli_lane_run(void *item, struct ql_arena *arena);

struct qli_lane_entry {
    void *item;
    size_t bytes;
};

struct qli_lane {
    const char *name; /* label of its metrics */
    qli_lane_run *run;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct qli_lane_entry *ring;
    size_t ring_size, head, n_waiting, queue_max;
    size_t waiting_bytes;
    size_t n_idle;
    bool is_stopping;
    int n_threads;
    pthread_t threads[QLI_LANE_MAX_THREADS];
    struct ql_arena *arenas[QLI_LANE_MAX_THREADS];
};

/* Starts the threads. false, and nothing to stop, when one cannot be had. */
bool qli_lane_start(struct qli_lane *lane, const char *name, int n_threads, size_t queue_max,
                    qli_lane_run *run);

/* Hands an item over, which the caller must not touch any more. false: the
 * lane is full or stopping. Any thread; never blocks. */
bool qli_lane_push(struct qli_lane *lane, void *item, size_t bytes) QL_MUST_CHECK;

/* Ends the threads after the items they are at. Waiting items stay. */
void qli_lane_stop(struct qli_lane *lane);

/* After the stop: the next item nobody worked on, or NULL. */
void *qli_lane_take_left(struct qli_lane *lane);

void qli_lane_done(struct qli_lane *lane); /* after the stop; releases */

#endif
