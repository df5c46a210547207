/* The pool of arenas: a stack under a lock, the rest is malloc's. */
#include "platform/rpc/arena_pool.h"

void qli_arena_pool_init(struct qli_arena_pool *pool, size_t limit_bytes)
{
    pthread_mutex_init(&pool->lock, NULL);
    pool->n_kept = 0;
    pool->limit_bytes = limit_bytes;
}

void qli_arena_pool_done(struct qli_arena_pool *pool)
{
    while (pool->n_kept > 0)
        ql_arena_free(pool->kept[--pool->n_kept]);
    pthread_mutex_destroy(&pool->lock);
}

struct ql_arena *qli_arena_take(struct qli_arena_pool *pool)
{
    struct ql_arena *arena = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->n_kept > 0)
        arena = pool->kept[--pool->n_kept];
    pthread_mutex_unlock(&pool->lock);
    return arena != NULL ? arena : ql_arena_new(pool->limit_bytes);
}

void qli_arena_give(struct qli_arena_pool *pool, struct ql_arena *arena)
{
    if (arena == NULL)
        return;
    ql_arena_reset(arena);
    pthread_mutex_lock(&pool->lock);
    if (pool->n_kept < QLI_ARENA_POOL_KEPT) {
        pool->kept[pool->n_kept++] = arena;
        arena = NULL;
    }
    pthread_mutex_unlock(&pool->lock);
    ql_arena_free(arena);
}
