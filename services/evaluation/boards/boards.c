/* Starting and stopping what a process needs for boards. */
#include "services/evaluation/boards/boards.h"

#include "services/evaluation/boards/board_follower.h"
#include "services/evaluation/boards/board_metrics.h"

enum { PAGES = 256 };

enum ql_code boards_open(struct ql_call *call, struct boards *boards, struct ql_pg_pool *pg,
                         struct ql_redis *redis)
{
    board_metrics_register();
    boards->pg = pg;
    boards->redis = redis;
    boards->pages = ql_singleflight_new(PAGES, FRESHNESS_SHARED_MS);
    if (boards->pages == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED",
                       "the table of pages cannot be made");
    boards->follower = board_follower_start(pg, redis, &boards->freshness);
    if (boards->follower == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED",
                       "the follower of boards cannot start");
    return QL_OK;
}

void boards_close(struct boards *boards)
{
    board_follower_stop(boards->follower);
    boards->follower = NULL;
    ql_singleflight_free(boards->pages);
    boards->pages = NULL;
}

void boards_wake(struct boards *boards)
{
    board_follower_wake(boards->follower);
}
