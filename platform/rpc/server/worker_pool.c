/* The queue and the threads of a worker pool. */
#include "platform/rpc/server/worker_pool.h"

#include <stdlib.h>
#include <string.h>

#include "platform/rpc/envelope.h"
#include "platform/rpc/telemetry.h"

struct worker_start {
    struct qli_worker_pool *pool;
    struct ql_arena *arena;
};

/* The gauge of waiting calls follows the queue. The caller holds the lock. */
static void note_waiting(const struct qli_worker_pool *pool, size_t n_before)
{
    ql_metric_add(&qli_rpc_metrics[QLI_WAITING], pool->name,
                  (int64_t)pool->queue.held[QLI_FAIR_CALLS] - (int64_t)n_before);
}

/* NULL when nothing waits. The caller holds the lock, as for the next. */
static struct qli_fair_item *pool_pop(struct qli_worker_pool *pool)
{
    size_t n_before = pool->queue.held[QLI_FAIR_CALLS];
    struct qli_fair_item *item = qli_fair_queue_pop(&pool->queue);

    note_waiting(pool, n_before);
    return item;
}

static void pool_put_back(struct qli_worker_pool *pool, struct qli_fair_item *item)
{
    size_t n_before = pool->queue.held[QLI_FAIR_CALLS];

    qli_fair_queue_put_back(&pool->queue, item);
    note_waiting(pool, n_before);
}

static void *worker_main(void *argument)
{
    struct worker_start start = *(struct worker_start *)argument;
    struct qli_worker_pool *pool = start.pool;
    struct qli_fair_item *item;
    bool goes_on;

    free(argument);
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        pool->n_idle++;
        while (!pool->is_stopping && pool->queue.n_items == 0)
            pthread_cond_wait(&pool->work, &pool->lock);
        pool->n_idle--;
        if (pool->is_stopping)
            break;
        item = pool_pop(pool);
        pthread_mutex_unlock(&pool->lock);
        goes_on = pool->run(item, start.arena);
        ql_arena_reset(start.arena);
        pthread_mutex_lock(&pool->lock);
        if (goes_on)
            pool_put_back(pool, item);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool worker_start_one(struct qli_worker_pool *pool)
{
    struct worker_start *start = malloc(sizeof(*start));
    struct ql_arena *arena = ql_arena_new(QL_RPC_CALL_ARENA_BYTES);

    if (start == NULL || arena == NULL)
        goto failed;
    *start = (struct worker_start){.pool = pool, .arena = arena};
    if (pthread_create(&pool->threads[pool->n_threads], NULL, worker_main, start) != 0)
        goto failed;
    pool->arenas[pool->n_threads++] = arena;
    return true;
failed:
    free(start);
    ql_arena_free(arena);
    return false;
}

bool qli_worker_pool_start(struct qli_worker_pool *pool, const char *name, int n_threads,
                           size_t n_groups, size_t queue_max, qli_worker_run *run)
{
    if (n_threads > QLI_WORKERS_MAX)
        n_threads = QLI_WORKERS_MAX;
    memset(pool, 0, sizeof(*pool));
    pool->name = name;
    pool->run = run;
    pool->queue_max = queue_max;
    /* A thread counts as a place while it idles, and may put back what it was at. */
    if (!qli_fair_queue_init(&pool->queue, n_groups, queue_max + 2 * (size_t)n_threads + 1))
        return false;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    for (int i = 0; i < n_threads; i++) {
        if (!worker_start_one(pool)) {
            qli_worker_pool_stop(pool);
            qli_worker_pool_done(pool);
            return false;
        }
    }
    return true;
}

bool qli_worker_pool_push(struct qli_worker_pool *pool, struct qli_fair_item *item,
                          struct qli_fair_item **ret_evicted)
{
    size_t n_calls = item->amount[QLI_FAIR_CALLS], n_before, n_evicted = 0;
    bool is_taken = false;

    *ret_evicted = NULL;
    pthread_mutex_lock(&pool->lock);
    n_before = pool->queue.held[QLI_FAIR_CALLS];
    if (!pool->is_stopping) {
        const size_t max[QLI_FAIR_MEASURES] = {pool->queue_max + pool->n_idle, QLI_POOL_BYTES_MAX};

        is_taken = qli_fair_queue_push(&pool->queue, item, max, ret_evicted);
    }
    note_waiting(pool, n_before);
    if (is_taken)
        pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (const struct qli_fair_item *evicted = *ret_evicted; evicted != NULL;
         evicted = evicted->next)
        n_evicted += evicted->amount[QLI_FAIR_CALLS];
    if (!is_taken)
        n_evicted += n_calls;
    ql_metric_add(&qli_rpc_metrics[QLI_BUSY], pool->name, (int64_t)n_evicted);
    return is_taken;
}

void qli_worker_pool_stop(struct qli_worker_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_threads; i++) {
        pthread_join(pool->threads[i], NULL);
        ql_arena_free(pool->arenas[i]);
    }
    pool->n_threads = 0;
}

struct qli_fair_item *qli_worker_pool_take_left(struct qli_worker_pool *pool)
{
    struct qli_fair_item *item;

    pthread_mutex_lock(&pool->lock);
    item = pool_pop(pool);
    pthread_mutex_unlock(&pool->lock);
    return item;
}

void qli_worker_pool_done(struct qli_worker_pool *pool)
{
    qli_fair_queue_done(&pool->queue);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
}
