/* The boards of a process: what reads and the follower share. */
#ifndef QL_EVALUATION_BOARDS_H
#define QL_EVALUATION_BOARDS_H

#include "platform/pg/pg.h"
#include "platform/readside/singleflight.h"
#include "platform/redis/redis.h"
#include "services/evaluation/boards/freshness.h"

struct board_follower;

struct boards {
    struct ql_pg_pool *pg;
    struct ql_redis *redis;
    struct freshness freshness;
    struct ql_singleflight *pages;   /* read lately, for FRESHNESS_SHARED_MS */
    struct board_follower *follower; /* NULL: none */
};

/* Starts the follower. Pool and client must outlive the boards. RESOURCE_EXHAUSTED; boards_close
 * then releases the rest. */
enum ql_code boards_open(struct ql_call *call, struct boards *boards, struct ql_pg_pool *pg,
                         struct ql_redis *redis) QL_MUST_CHECK;
void boards_close(struct boards *boards);

/* Changes were committed: the follower looks at once. Any thread; never blocks. */
void boards_wake(struct boards *boards);

#endif
