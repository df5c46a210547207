/* The follower of boards: a thread of every process, which looks at the database's changes for
 * the reads of its process (freshness.h). One of them, which has the lease, makes the boards
 * in Redis follow (board_pass.h), at once when a transaction of its process has changed them,
 * else with its next look. The lease saves work and protects nothing: a follower that was
 * stopped and wakes is refused by the scripts. */
#ifndef QL_EVALUATION_BOARD_FOLLOWER_H
#define QL_EVALUATION_BOARD_FOLLOWER_H

#include "platform/pg/pg.h"
#include "platform/redis/redis.h"
#include "services/evaluation/boards/freshness.h"

/* NULL without memory. What it is given must outlive it; looks are noted in `freshness`. */
struct board_follower *board_follower_start(struct ql_pg_pool *pg, struct ql_redis *redis,
                                            struct freshness *freshness);
void board_follower_stop(struct board_follower *follower); /* NULL is fine */
void board_follower_wake(
    struct board_follower *follower); /* any thread; never blocks; NULL is fine */

#endif
