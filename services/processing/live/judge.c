/* The transaction of a batch: lock the table's end, drop what is known, read the
 * progress concerned, decide, write rows, progress and outbox.
 *
 * Appending is one transaction at a time. So a batch sees every row before its
 * own, also those of a consumer that has lost its place and does not know it
 * yet, and folding the table again by seq repeats exactly what was decided. */
#include "services/processing/live/judge.h"

#include <string.h>

#include "platform/base/log.h"
#include "services/processing/live/catch_up.h"
#include "services/processing/live/decision_rows.h"
#include "services/processing/live/judge_metrics.h"
#include "services/processing/replay/announce.h"
#include "services/processing/replay/backfill.h"
#include "services/processing/store/event_store.h"

enum { RACE_TRIES = 3 };

struct judge {
    const struct processing *app;
    struct batch batch;
    size_t n_prepared; /* events of the whole batch */
    struct definitions_draft draft;
    struct decision decision;
    size_t n_completions;
    bool is_step;          /* no batch: a step of a backfill */
    bool may_be_announced; /* completions may be in the table already */
};

static int step_rows(const struct processing *app)
{
    return app->backfill_rows == 0 ? BACKFILL_STEP_ROWS : app->backfill_rows;
}

/* What stands before the quest's first row, in the transaction of that row. */
static enum ql_code backfill(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    const struct decision *decision = &judge->decision;
    int64_t seq = judge->draft.seq, place = seq, n_completions = 0;
    enum ql_code rc;

    if (decision->backfilled == NULL || decision->is_backfilled_in_steps)
        return QL_OK;
    rc = backfill_run(call, tx,
                      &(const struct backfill){.definition = decision->backfilled,
                                               .definitions = definitions_draft_now(&judge->draft),
                                               .zones = judge->app->zones,
                                               .sink = &announce_sink,
                                               .after_seq = decision->backfill_after_seq,
                                               .before_seq = seq,
                                               .seq = seq,
                                               .is_first = decision->backfill_after_seq == 0},
                      &place, &n_completions);
    judge->n_completions += (size_t)n_completions;
    return rc;
}

/* What has waited for a user's registration, in the transaction of its row. */
static enum ql_code count_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    QL_CLEANUP(fold_cache_done) struct fold_cache cache = {0};
    struct fold fold = {.definitions = definitions_draft_now(&judge->draft),
                        .zones = judge->app->zones,
                        .sink = &announce_sink,
                        .cache = &cache};
    enum ql_code rc;

    if (judge->decision.registered_id == NULL)
        return QL_OK;
    if (!fold_cache_init(&cache, false))
        return ql_fail_memory(call);
    rc = fold_waiting(call, tx, &fold, judge->decision.registered_id);
    if (rc == QL_OK)
        rc = fold_cache_flush(call, tx, &cache);
    judge->n_completions += (size_t)fold.n_completions;
    return rc;
}

/* A step of the backfill that has waited longest, when there is one. */
static enum ql_code do_step(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    const struct definitions *definitions = definitions_draft_now(&judge->draft);
    const struct definition_held *held = definitions_find_held(definitions, NULL);
    struct backfill_mark mark;
    int64_t n_completions = 0;
    enum ql_code rc;

    judge->n_completions = 0;
    if (held == NULL)
        return QL_OK;
    rc = backfill_step(call, tx, held, definitions, judge->app->zones, step_rows(judge->app), &mark,
                       &judge->draft.seq, &n_completions);
    if (rc == QL_OK)
        rc = definitions_draft_change(call, &judge->draft);
    if (rc == QL_OK)
        rc = backfill_mark_apply(call, &mark, judge->draft.changed);
    judge->n_completions = (size_t)n_completions;
    if (rc == QL_OK && mark.is_done)
        QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "quest backfilled"),
               QL_TEXT("questId", mark.quest_id), QL_NUMBER("throughSeq", mark.through_seq));
    return rc;
}

static enum ql_code judge_in(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    enum ql_code rc;

    definitions_draft_begin(&judge->draft, judge->app);
    judge->batch.n_events = judge->n_prepared;
    judge->decision = (struct decision){
        .batch = &judge->batch, .draft = &judge->draft, .zones = judge->app->zones};
    rc = event_store_lock(call, tx);
    if (rc == QL_OK)
        rc = definitions_draft_catch_up(call, tx, &judge->draft);
    if (rc == QL_OK && judge->is_step)
        return do_step(call, tx, judge);
    if (rc != QL_OK || judge->batch.n_events == 0)
        return rc;
    rc = decision_make(call, tx, &judge->decision, step_rows(judge->app));
    if (rc == QL_OK)
        rc = decision_rows_write(call, tx, &judge->decision, judge->may_be_announced,
                                 &judge->n_completions);
    if (rc == QL_OK)
        rc = backfill(call, tx, judge);
    return rc == QL_OK ? count_waiting(call, tx, judge) : rc;
}

static enum ql_code judge_once(struct ql_call *call, struct ql_pg_pool *pool, struct judge *judge)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    judge->draft.is_behind = false;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = judge_in(call, tx, judge);
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

/* Everything is committed: now the world outside the transaction follows. */
static void accept(struct processing *app, struct judge *judge)
{
    definitions_draft_accept(&judge->draft, app);
    judge_metrics_show_quests(app);
    judge_metrics_count(&judge->batch, judge->n_completions);
    for (size_t i = 0; i < judge->batch.n_events; i++) {
        const struct batch_event *event = &judge->batch.events[i];

        if (event->is_forged)
            ql_delivery_reject(event->delivery, "FORGED_COMPLETION",
                               "nobody here has completed a quest under this id");
        else if (event->is_known_otherwise || event->is_repeated_otherwise)
            ql_delivery_reject(event->delivery, "EVENT_ID_TAKEN",
                               "the account has published another event with this id");
    }
    if (judge->n_completions > 0)
        ql_relay_wake(app->parts.relay);
}

/* The lock is taken with at most a page of changed quests to be read under it. */
static enum ql_code transact(struct ql_call *call, struct processing *app, struct judge *judge)
{
    enum ql_code rc;

    for (;;) {
        if (!app->is_caught_up) {
            rc = catch_up_run(call, app, call->deadline_ms);
            if (rc != QL_OK)
                return rc;
        }
        if (!app->is_caught_up)
            return ql_fail(call, QL_DEADLINE_EXCEEDED, "QUESTS_BEHIND",
                           "the time ended while quests were read from the event table");
        rc = judge_once(call, app->parts.pg, judge);
        if (!judge->draft.is_behind)
            return rc;
        ql_call_clear_status(call);
        app->is_caught_up = false;
    }
}

/* Judges the first of the deliveries in one transaction, how many of them: all, or
 * up to a quest that counts what is stored before it. */
static enum ql_code judge_first(struct ql_call *call, struct processing *app,
                                struct ql_delivery *deliveries, size_t n_deliveries,
                                size_t *ret_n_judged)
{
    struct judge judge = {.app = app};
    enum ql_code rc;

    rc = batch_prepare(call, deliveries, n_deliveries, &judge.batch);
    if (rc != QL_OK)
        return rc;
    judge.n_prepared = judge.batch.n_events;
    rc = transact(call, app, &judge);
    /* An id that was not there when we looked, or a completion's, which we did not look
     * for: the second look finds it. */
    for (int tries = 1; rc == QL_ALREADY_EXISTS && tries < RACE_TRIES; tries++) {
        ql_call_clear_status(call);
        judge.may_be_announced = true;
        rc = transact(call, app, &judge);
    }
    if (rc == QL_OK)
        accept(app, &judge);
    definitions_draft_done(&judge.draft);
    *ret_n_judged = n_deliveries;
    if (judge.batch.n_events < judge.n_prepared)
        *ret_n_judged =
            (size_t)(judge.batch.events[judge.batch.n_events - 1].delivery - deliveries) + 1;
    return rc;
}

static enum ql_code judge_segment(struct ql_call *call, struct processing *app,
                                  struct ql_delivery *deliveries, size_t n_deliveries)
{
    struct ql_arena *outer = call->arena;
    size_t half, n_judged = 0;
    enum ql_code rc;

    do {
        deliveries += n_judged;
        n_deliveries -= n_judged;
        ql_arena_reset(app->scratch);
        call->arena = app->scratch;
        rc = judge_first(call, app, deliveries, n_deliveries, &n_judged);
        call->arena = outer;
    } while (rc == QL_OK && n_judged < n_deliveries);
    half = n_deliveries / 2;
    if (rc != QL_RESOURCE_EXHAUSTED || half == 0)
        return rc;
    /* Too much for one transaction: the halves, each on its own, come to the same. */
    ql_call_clear_status(call);
    rc = judge_segment(call, app, deliveries, half);
    if (rc != QL_OK)
        return rc;
    return judge_segment(call, app, deliveries + half, n_deliveries - half);
}

enum ql_code judge_batch(struct ql_call *call, struct processing *app,
                         struct ql_delivery *deliveries, size_t n_deliveries)
{
    enum ql_code rc;

    do {
        size_t n = batch_segment(call, app->scratch, deliveries, n_deliveries);

        rc = judge_segment(call, app, deliveries, n);
        deliveries += n;
        n_deliveries -= n;
    } while (rc == QL_OK && n_deliveries > 0);
    return rc;
}

enum ql_code judge_backfill(struct ql_call *call, struct processing *app, bool *ret_has_more)
{
    struct judge judge = {.app = app, .is_step = true};
    struct ql_arena *outer = call->arena;
    enum ql_code rc = QL_OK;

    *ret_has_more = definitions_count_held(app->definitions) > 0;
    if (!*ret_has_more)
        return QL_OK;
    ql_arena_reset(app->scratch);
    call->arena = app->scratch;
    rc = transact(call, app, &judge);
    if (rc == QL_OK)
        accept(app, &judge);
    definitions_draft_done(&judge.draft);
    call->arena = outer;
    *ret_has_more = definitions_count_held(app->definitions) > 0;
    return rc;
}
