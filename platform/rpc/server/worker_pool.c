/* The queue and the threads of a lane. */
#include "platform/rpc/server/worker_pool.h"

#include <stdlib.h>
#include <string.h>

#include "platform/rpc/server/server.h"
#include "platform/rpc/telemetry.h"

struct worker_start {
    struct qli_lane *lane;
    struct ql_arena *arena;
};

/* The gauge of waiting calls follows the queue. The caller holds the lock. */
static void note_waiting(const struct qli_lane *lane, size_t n_before)
{
    ql_metric_add(&qli_rpc_metrics[QLI_WAITING], lane->name,
                  (int64_t)lane->queue.held[QLI_FAIR_CALLS] - (int64_t)n_before);
}

/* NULL when nothing waits. The caller holds the lock, as for the next. */
static struct qli_fair_item *lane_pop(struct qli_lane *lane)
{
    size_t n_before = lane->queue.held[QLI_FAIR_CALLS];
    struct qli_fair_item *item = qli_fair_queue_pop(&lane->queue);

    note_waiting(lane, n_before);
    return item;
}

static void lane_put_back(struct qli_lane *lane, struct qli_fair_item *item)
{
    size_t n_before = lane->queue.held[QLI_FAIR_CALLS];

    qli_fair_queue_put_back(&lane->queue, item);
    note_waiting(lane, n_before);
}

static void *worker_main(void *argument)
{
    struct worker_start start = *(struct worker_start *)argument;
    struct qli_lane *lane = start.lane;
    struct qli_fair_item *item;
    bool goes_on;

    free(argument);
    pthread_mutex_lock(&lane->lock);
    for (;;) {
        lane->n_idle++;
        while (!lane->is_stopping && lane->queue.n_items == 0)
            pthread_cond_wait(&lane->work, &lane->lock);
        lane->n_idle--;
        if (lane->is_stopping)
            break;
        item = lane_pop(lane);
        pthread_mutex_unlock(&lane->lock);
        goes_on = lane->run(item, start.arena);
        ql_arena_reset(start.arena);
        pthread_mutex_lock(&lane->lock);
        if (goes_on)
            lane_put_back(lane, item);
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

static bool worker_start_one(struct qli_lane *lane)
{
    struct worker_start *start = malloc(sizeof(*start));
    struct ql_arena *arena = ql_arena_new(QL_RPC_CALL_ARENA_BYTES);

    if (start == NULL || arena == NULL)
        goto failed;
    *start = (struct worker_start){.lane = lane, .arena = arena};
    if (pthread_create(&lane->threads[lane->n_threads], NULL, worker_main, start) != 0)
        goto failed;
    lane->arenas[lane->n_threads++] = arena;
    return true;
failed:
    free(start);
    ql_arena_free(arena);
    return false;
}

bool qli_lane_start(struct qli_lane *lane, const char *name, int n_threads, size_t n_groups,
                    size_t queue_max, qli_lane_run *run)
{
    if (n_threads > QLI_LANE_MAX_THREADS)
        n_threads = QLI_LANE_MAX_THREADS;
    memset(lane, 0, sizeof(*lane));
    lane->name = name;
    lane->run = run;
    lane->queue_max = queue_max;
    /* A thread counts as room while it idles, and may put back what it was at. */
    if (!qli_fair_queue_init(&lane->queue, n_groups, queue_max + 2 * (size_t)n_threads + 1))
        return false;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->work, NULL);
    for (int i = 0; i < n_threads; i++) {
        if (!worker_start_one(lane)) {
            qli_lane_stop(lane);
            qli_lane_done(lane);
            return false;
        }
    }
    return true;
}

bool qli_lane_push(struct qli_lane *lane, struct qli_fair_item *item,
                   struct qli_fair_item **ret_evicted)
{
    size_t n_calls = item->amount[QLI_FAIR_CALLS], n_before, n_evicted = 0;
    bool is_taken = false;

    *ret_evicted = NULL;
    pthread_mutex_lock(&lane->lock);
    n_before = lane->queue.held[QLI_FAIR_CALLS];
    if (!lane->is_stopping) {
        const size_t max[QLI_FAIR_MEASURES] = {lane->queue_max + lane->n_idle, QLI_LANE_MAX_BYTES};

        is_taken = qli_fair_queue_push(&lane->queue, item, max, ret_evicted);
    }
    note_waiting(lane, n_before);
    if (is_taken)
        pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&lane->lock);
    for (const struct qli_fair_item *evicted = *ret_evicted; evicted != NULL;
         evicted = evicted->next)
        n_evicted += evicted->amount[QLI_FAIR_CALLS];
    if (!is_taken)
        n_evicted += n_calls;
    ql_metric_add(&qli_rpc_metrics[QLI_BUSY], lane->name, (int64_t)n_evicted);
    return is_taken;
}

void qli_lane_stop(struct qli_lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->is_stopping = true;
    pthread_cond_broadcast(&lane->work);
    pthread_mutex_unlock(&lane->lock);
    for (int i = 0; i < lane->n_threads; i++) {
        pthread_join(lane->threads[i], NULL);
        ql_arena_free(lane->arenas[i]);
    }
    lane->n_threads = 0;
}

struct qli_fair_item *qli_lane_take_left(struct qli_lane *lane)
{
    struct qli_fair_item *item;

    pthread_mutex_lock(&lane->lock);
    item = lane_pop(lane);
    pthread_mutex_unlock(&lane->lock);
    return item;
}

void qli_lane_done(struct qli_lane *lane)
{
    qli_fair_queue_done(&lane->queue);
    pthread_cond_destroy(&lane->work);
    pthread_mutex_destroy(&lane->lock);
}
