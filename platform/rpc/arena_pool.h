/* A few arenas kept for reuse, for work that runs on whatever thread nng has. */
#ifndef QL_RPC_ARENA_POOL_H
#define QL_RPC_ARENA_POOL_H

#include <pthread.h>
#include <stddef.h>

#include "platform/base/arena.h"

enum { QLI_ARENA_POOL_KEPT = 32 };

struct qli_arena_pool {
    pthread_mutex_t lock;
    struct ql_arena *kept[QLI_ARENA_POOL_KEPT];
    int n_kept;
    size_t limit_bytes; /* of each arena */
};

void qli_arena_pool_init(struct qli_arena_pool *pool, size_t limit_bytes);
void qli_arena_pool_done(struct qli_arena_pool *pool);

/* An empty arena, or NULL without memory. Any thread. */
struct ql_arena *qli_arena_take(struct qli_arena_pool *pool) QL_MUST_CHECK;
/* Back to the pool; everything in it is gone. NULL is fine. */
void qli_arena_give(struct qli_arena_pool *pool, struct ql_arena *arena);

#endif
