/* The keeper's thread: look, follow, and now and then count weeks and purge. */
#include "services/evaluation/boards/board_keeper.h"

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

struct board_keeper {
    struct boards *boards;
    struct board_pass pass;
    struct ql_pg_lease lease; /* "boards" */
    struct ql_arena *arena;
    int64_t next_weeks_ms, next_purge_ms, next_log_ms;
    int64_t followed; /* the change that Redis had at the last purge; 0: none yet */
    pthread_t thread;
    _Atomic bool is_stopping, is_woken;
};

static void start_call(struct board_keeper *keeper, struct ql_call *call, int64_t timeout_ms)
{
    ql_arena_reset(keeper->arena);
    ql_call_init(call, keeper->arena, "evaluation.board_keeper", timeout_ms);
}

static void log_trouble(struct board_keeper *keeper, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < keeper->next_log_ms)
        return;
    keeper->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "boards cannot be kept in step"),
           QL_TEXT("reason", call->status.reason), QL_TEXT("message", call->status.message));
}

/* What the database has, for the reads of this process too. */
static bool look(struct board_keeper *keeper, struct change_look *ret_look)
{
    int64_t began_ms = ql_monotonic_ms();
    struct ql_call call;

    start_call(keeper, &call, LOOK_MS);
    if (change_store_look(&call, keeper->boards->pg, ret_look) != QL_OK) {
        log_trouble(keeper, &call);
        return false;
    }
    freshness_note(&keeper->boards->freshness, began_ms, ret_look->epoch, ret_look->greatest);
    return true;
}

/* Whether this keeper is the one that follows. It forgets its last pass with the lease. */
static bool hold_lease(struct board_keeper *keeper)
{
    struct ql_call call;

    start_call(keeper, &call, LOOK_MS);
    if (ql_pg_lease_hold(&call, keeper->boards->pg, &keeper->lease) != QL_OK)
        log_trouble(keeper, &call);
    if (ql_pg_lease_is_held(&keeper->lease))
        return true;
    keeper->pass.writer = (struct board_writer){0};
    keeper->followed = 0;
    ql_metric_set(&board_behind, NULL, 0);
    return false;
}

static void leave_lease(struct board_keeper *keeper)
{
    struct ql_call call;

    start_call(keeper, &call, LOOK_MS);
    if (ql_pg_lease_leave(&call, keeper->boards->pg, &keeper->lease) != QL_OK)
        log_trouble(keeper, &call);
}

static void follow(struct board_keeper *keeper, const struct change_look *look)
{
    int64_t n_rebuilds = keeper->pass.n_rebuilds, applied;
    struct ql_call call;

    start_call(keeper, &call, PASS_MS);
    if (board_pass_run(&call, &keeper->pass, look) != QL_OK)
        log_trouble(keeper, &call);
    applied = board_pass_applied(&keeper->pass);
    ql_metric_set(&board_behind, NULL,
                  applied < look->greatest ? look->greatest - (applied < 0 ? 0 : applied) : 0);
    ql_metric_add(&board_rebuilds_total, NULL, keeper->pass.n_rebuilds - n_rebuilds);
}

static void count_weeks(struct board_keeper *keeper)
{
    static const char *const states[] = {"OPEN", "CLOSING", "FINAL"};
    struct ql_pg_rows rows;
    struct ql_call call;

    start_call(keeper, &call, LOOK_MS);
    if (week_store_count(&call, keeper->boards->pg, &rows) != QL_OK)
        return;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(states); i++)
        ql_metric_set(&board_weeks, states[i], 0);
    for (size_t i = 0; i < rows.n_rows; i++)
        ql_metric_set(&board_weeks, ql_pg_text(&rows, i, 0), ql_pg_int64(&rows, i, 1));
}

/* Deletes rows of who left, of which Redis has known since the last purge: a Redis that is
 * set back by less can still follow from there. */
static void purge(struct board_keeper *keeper)
{
    int64_t applied = board_pass_applied(&keeper->pass);
    bool has_more = true;
    struct ql_call call;

    while (has_more && keeper->followed > 0 && !keeper->is_stopping) {
        start_call(keeper, &call, LOOK_MS);
        if (change_store_purge(&call, keeper->boards->pg, keeper->followed, &has_more) != QL_OK) {
            log_trouble(keeper, &call);
            return;
        }
    }
    keeper->followed = applied;
}

static bool is_due(int64_t *next_ms, int64_t every_ms)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms < *next_ms)
        return false;
    *next_ms = now_ms + every_ms;
    return true;
}

static void run_once(struct board_keeper *keeper)
{
    struct change_look seen;

    if (!look(keeper, &seen))
        return;
    if (is_due(&keeper->next_weeks_ms, WEEKS_EVERY_MS))
        count_weeks(keeper);
    if (!hold_lease(keeper))
        return;
    follow(keeper, &seen);
    if (is_due(&keeper->next_purge_ms, PURGE_EVERY_MS))
        purge(keeper);
}

static void *keeper_thread(void *argument)
{
    struct board_keeper *keeper = argument;

    while (!keeper->is_stopping) {
        keeper->is_woken = false;
        run_once(keeper);
        (void)ql_sleep_ms(FRESHNESS_LOOK_MS, &keeper->is_woken);
    }
    leave_lease(keeper);
    return NULL;
}

struct board_keeper *board_keeper_start(struct boards *boards)
{
    struct board_keeper *keeper = calloc(1, sizeof(*keeper));

    if (keeper == NULL)
        return NULL;
    keeper->boards = boards;
    keeper->pass =
        (struct board_pass){.pg = boards->pg, .redis = boards->redis, .stop = &keeper->is_stopping};
    ql_pg_lease_init(&keeper->lease, "boards");
    keeper->next_purge_ms = ql_monotonic_ms() + PURGE_EVERY_MS;
    keeper->arena = ql_arena_new(ARENA_BYTES);
    if (keeper->arena == NULL ||
        pthread_create(&keeper->thread, NULL, keeper_thread, keeper) != 0) {
        ql_arena_free(keeper->arena);
        free(keeper);
        return NULL;
    }
    return keeper;
}

void board_keeper_stop(struct board_keeper *keeper)
{
    if (keeper == NULL)
        return;
    keeper->is_stopping = true;
    keeper->is_woken = true;
    (void)pthread_join(keeper->thread, NULL);
    ql_arena_free(keeper->arena);
    free(keeper);
}

void board_keeper_wake(struct board_keeper *keeper)
{
    if (keeper != NULL)
        keeper->is_woken = true;
}
