/* Two threads and one bounded queue. */
#include "gateway/token_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/base/arena.h"

enum { THREADS = 2, QUEUE_MAX = 256, ARENA_BYTES = 256 * 1024, CHECK_TIMEOUT_MS = 1000 };

struct token_pool {
    struct ql_verifier *verifier;
    pthread_t threads[THREADS];
    int n_threads;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    struct token_check *queue[QUEUE_MAX];
    size_t first, n_waiting;
    bool is_stopping;
};

/* Waits for the next check; NULL when the pool stops and the queue is empty. */
static struct token_check *pool_take(struct token_pool *pool)
{
    struct token_check *check = NULL;

    pthread_mutex_lock(&pool->mutex);
    while (pool->n_waiting == 0 && !pool->is_stopping)
        pthread_cond_wait(&pool->arrived, &pool->mutex);
    if (pool->n_waiting > 0) {
        check = pool->queue[pool->first];
        pool->first = (pool->first + 1) % QUEUE_MAX;
        pool->n_waiting--;
    }
    pthread_mutex_unlock(&pool->mutex);
    return check;
}

static void check_run(struct token_pool *pool, struct ql_arena *arena, struct token_check *check)
{
    struct ql_call call;
    enum ql_code rc;

    ql_call_init(&call, arena, "VerifyToken", CHECK_TIMEOUT_MS);
    rc = ql_verify_token(&call, pool->verifier, check->token, &check->identity);
    check->status = call.status;
    check->status.code = rc;
    check->status.n_violations = 0; /* their texts are freed with the arena */
    ql_arena_reset(arena);
    check->done(check);
}

static void *pool_main(void *argument)
{
    struct token_pool *pool = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = NULL;
    struct token_check *check;

    pthread_setname_np(pthread_self(), "ql:token");
    while ((check = pool_take(pool)) != NULL) {
        if (arena == NULL)
            arena = ql_arena_new(ARENA_BYTES);
        if (arena != NULL) {
            check_run(pool, arena, check);
            continue;
        }
        check->status = (struct ql_status){.code = QL_UNAVAILABLE, .reason = "GATEWAY_BUSY"};
        check->done(check);
    }
    return NULL;
}

struct token_pool *token_pool_new(struct ql_verifier *verifier, char *error, size_t error_size)
{
    struct token_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL) {
        snprintf(error, error_size, "no memory for the token pool");
        return NULL;
    }
    pool->verifier = verifier;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->arrived, NULL);
    while (pool->n_threads < THREADS) {
        if (pthread_create(&pool->threads[pool->n_threads], NULL, pool_main, pool) != 0) {
            snprintf(error, error_size, "cannot start a thread of the token pool");
            token_pool_free(pool);
            return NULL;
        }
        pool->n_threads++;
    }
    return pool;
}

void token_pool_free(struct token_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->arrived);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->arrived);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

bool token_pool_submit(struct token_pool *pool, struct token_check *check)
{
    bool is_queued;

    pthread_mutex_lock(&pool->mutex);
    is_queued = pool->n_waiting < QUEUE_MAX && !pool->is_stopping;
    if (is_queued) {
        pool->queue[(pool->first + pool->n_waiting) % QUEUE_MAX] = check;
        pool->n_waiting++;
        pthread_cond_signal(&pool->arrived);
    }
    pthread_mutex_unlock(&pool->mutex);
    return is_queued;
}
