/* The queue and the threads of a lane. */
#include "platform/rpc/lane.h"

#include <stdlib.h>
#include <string.h>

#include "platform/rpc/server.h"
#include "platform/rpc/telemetry.h"

struct worker_start {
    struct qli_lane *lane;
    struct ql_arena *arena;
};

/* The caller holds the lock and saw n_waiting > 0. */
static struct qli_lane_entry lane_pop(struct qli_lane *lane)
{
    struct qli_lane_entry entry = lane->ring[lane->head];

    lane->head = (lane->head + 1) % lane->ring_size;
    lane->n_waiting--;
    lane->waiting_bytes -= entry.bytes;
    ql_metric_add(&qli_rpc_metrics[QLI_WAITING], lane->name, -1);
    return entry;
}

static void *worker_main(void *argument)
{
    struct worker_start start = *(struct worker_start *)argument;
    struct qli_lane *lane = start.lane;

    free(argument);
    pthread_mutex_lock(&lane->lock);
    for (;;) {
        struct qli_lane_entry entry;

        lane->n_idle++;
        while (!lane->is_stopping && lane->n_waiting == 0)
            pthread_cond_wait(&lane->work, &lane->lock);
        lane->n_idle--;
        if (lane->is_stopping)
            break;
        entry = lane_pop(lane);
        pthread_mutex_unlock(&lane->lock);
        lane->run(entry.item, start.arena);
        ql_arena_reset(start.arena);
        pthread_mutex_lock(&lane->lock);
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

bool qli_lane_start(struct qli_lane *lane, const char *name, int n_threads, size_t queue_max,
                    qli_lane_run *run)
{
    if (n_threads > QLI_LANE_MAX_THREADS)
        n_threads = QLI_LANE_MAX_THREADS;
    memset(lane, 0, sizeof(*lane));
    lane->name = name;
    lane->run = run;
    lane->queue_max = queue_max;
    lane->ring_size = queue_max + (size_t)n_threads;
    lane->ring = calloc(lane->ring_size, sizeof(*lane->ring));
    if (lane->ring == NULL)
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

bool qli_lane_push(struct qli_lane *lane, void *item, size_t bytes)
{
    bool has_room;

    pthread_mutex_lock(&lane->lock);
    has_room = !lane->is_stopping && lane->n_waiting < lane->queue_max + lane->n_idle &&
               lane->waiting_bytes + bytes <= QLI_LANE_MAX_BYTES;
    if (has_room) {
        size_t tail = (lane->head + lane->n_waiting) % lane->ring_size;

        lane->ring[tail] = (struct qli_lane_entry){.item = item, .bytes = bytes};
        lane->n_waiting++;
        lane->waiting_bytes += bytes;
        ql_metric_add(&qli_rpc_metrics[QLI_WAITING], lane->name, 1);
        pthread_cond_signal(&lane->work);
    }
    pthread_mutex_unlock(&lane->lock);
    if (!has_room)
        ql_metric_add(&qli_rpc_metrics[QLI_BUSY], lane->name, 1);
    return has_room;
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

void *qli_lane_take_left(struct qli_lane *lane)
{
    void *item = NULL;

    pthread_mutex_lock(&lane->lock);
    if (lane->n_waiting > 0)
        item = lane_pop(lane).item;
    pthread_mutex_unlock(&lane->lock);
    return item;
}

void qli_lane_done(struct qli_lane *lane)
{
    free(lane->ring);
    pthread_cond_destroy(&lane->work);
    pthread_mutex_destroy(&lane->lock);
}
