/* The follower's thread: look, follow, and now and then count weeks and purge. */
#include "services/evaluation/boards/board_follower.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pg/lease.h"
#include "services/evaluation/boards/board_metrics.h"
#include "services/evaluation/boards/board_pass.h"
#include "services/evaluation/boards/week_store.h"

enum {
    LOOK_MS = 1000,       /* a look that takes longer is of no use */
    PASS_MS = 10 * 60000, /* of a rebuild of millions of entries */
    WEEKS_EVERY_MS = 10000,
    PURGE_EVERY_MS = 3600 * 1000,
    LOG_EVERY_MS = 5000,
    ARENA_BYTES = 16 * 1024 * 1024,
};

struct board_follower {
    struct ql_pg_pool *pg;
    struct freshness *freshness;
    struct board_pass pass;
    struct ql_pg_lease lease; /* "boards" */
    struct ql_arena *arena;
    int64_t next_weeks_ms, next_purge_ms, next_log_ms;
    int64_t followed; /* the change that Redis had at the last purge; 0: none yet */
    pthread_t thread;
    _Atomic bool is_stopping, is_woken;
};

static void start_call(struct board_follower *follower, struct ql_call *call, int64_t timeout_ms)
{
    ql_arena_reset(follower->arena);
    ql_call_init(call, follower->arena, "evaluation.board_follower", timeout_ms);
}

static void log_trouble(struct board_follower *follower, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < follower->next_log_ms)
        return;
    follower->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "boards cannot be kept in step"),
           QL_TEXT("reason", call->status.reason), QL_TEXT("message", call->status.message));
}

/* What the database has, for the reads of this process too. */
static bool look_at_changes(struct board_follower *follower, struct change_look *ret_look)
{
    int64_t began_ms = ql_monotonic_ms();
    struct ql_call call;

    start_call(follower, &call, LOOK_MS);
    if (change_store_look(&call, follower->pg, ret_look) != QL_OK) {
        log_trouble(follower, &call);
        return false;
    }
    freshness_note(follower->freshness, began_ms, ret_look->epoch, ret_look->greatest);
    return true;
}

/* Whether this follower is the one that follows. It forgets its last pass with the lease. */
static bool hold_lease(struct board_follower *follower)
{
    struct ql_call call;

    start_call(follower, &call, LOOK_MS);
    if (ql_pg_lease_hold(&call, follower->pg, &follower->lease) != QL_OK)
        log_trouble(follower, &call);
    if (ql_pg_lease_is_held(&follower->lease))
        return true;
    follower->pass.writer = (struct board_writer){0};
    follower->followed = 0;
    ql_metric_set(&board_behind, NULL, 0);
    return false;
}

static void leave_lease(struct board_follower *follower)
{
    struct ql_call call;

    start_call(follower, &call, LOOK_MS);
    if (ql_pg_lease_leave(&call, follower->pg, &follower->lease) != QL_OK)
        log_trouble(follower, &call);
}

static void follow_changes(struct board_follower *follower, const struct change_look *look)
{
    int64_t n_rebuilds = follower->pass.n_rebuilds, applied;
    struct ql_call call;

    start_call(follower, &call, PASS_MS);
    if (board_pass_run(&call, &follower->pass, look) != QL_OK)
        log_trouble(follower, &call);
    applied = board_pass_applied(&follower->pass);
    ql_metric_set(&board_behind, NULL,
                  applied < look->greatest ? look->greatest - (applied < 0 ? 0 : applied) : 0);
    ql_metric_add(&board_rebuilds_total, NULL, follower->pass.n_rebuilds - n_rebuilds);
}

static void count_weeks(struct board_follower *follower)
{
    static const char *const states[] = {"OPEN", "CLOSING", "FINAL"};
    struct ql_pg_rows rows;
    struct ql_call call;

    start_call(follower, &call, LOOK_MS);
    if (week_store_count(&call, follower->pg, &rows) != QL_OK)
        return;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(states); i++)
        ql_metric_set(&board_weeks, states[i], 0);
    for (size_t i = 0; i < rows.n_rows; i++)
        ql_metric_set(&board_weeks, ql_pg_text(&rows, i, 0), ql_pg_int64(&rows, i, 1));
}

/* Deletes rows of who left, of which Redis has known since the last purge: a Redis that is
 * set back by less can still follow from there. */
static void purge_followed(struct board_follower *follower)
{
    int64_t applied = board_pass_applied(&follower->pass);
    bool has_more = true;
    struct ql_call call;

    while (has_more && follower->followed > 0 && !follower->is_stopping) {
        start_call(follower, &call, LOOK_MS);
        if (change_store_purge(&call, follower->pg, follower->followed, &has_more) != QL_OK) {
            log_trouble(follower, &call);
            return;
        }
    }
    follower->followed = applied;
}

static bool is_due(int64_t *next_ms, int64_t every_ms)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < *next_ms)
        return false;
    *next_ms = now_ms + every_ms;
    return true;
}

static void run_once(struct board_follower *follower)
{
    struct change_look seen;

    if (!look_at_changes(follower, &seen))
        return;
    if (is_due(&follower->next_weeks_ms, WEEKS_EVERY_MS))
        count_weeks(follower);
    if (!hold_lease(follower))
        return;
    follow_changes(follower, &seen);
    if (is_due(&follower->next_purge_ms, PURGE_EVERY_MS))
        purge_followed(follower);
}

static void *follower_thread(void *argument)
{
    struct board_follower *follower = argument;

    while (!follower->is_stopping) {
        follower->is_woken = false;
        run_once(follower);
        (void)ql_sleep_ms(FRESHNESS_LOOK_MS, &follower->is_woken);
    }
    leave_lease(follower);
    return NULL;
}

struct board_follower *board_follower_start(struct ql_pg_pool *pg, struct ql_redis *redis,
                                            struct freshness *freshness)
{
    struct board_follower *follower = calloc(1, sizeof(*follower));

    if (follower == NULL)
        return NULL;
    follower->pg = pg;
    follower->freshness = freshness;
    follower->pass = (struct board_pass){.pg = pg, .redis = redis, .stop = &follower->is_stopping};
    ql_pg_lease_init(&follower->lease, "boards");
    follower->next_purge_ms = ql_monotonic_ms() + PURGE_EVERY_MS;
    follower->arena = ql_arena_new(ARENA_BYTES);
    if (follower->arena == NULL ||
        pthread_create(&follower->thread, NULL, follower_thread, follower) != 0) {
        ql_arena_free(follower->arena);
        free(follower);
        return NULL;
    }
    return follower;
}

void board_follower_stop(struct board_follower *follower)
{
    if (follower == NULL)
        return;
    follower->is_stopping = true;
    follower->is_woken = true;
    (void)pthread_join(follower->thread, NULL);
    ql_arena_free(follower->arena);
    free(follower);
}

void board_follower_wake(struct board_follower *follower)
{
    if (follower != NULL)
        follower->is_woken = true;
}
