/* The transaction of a batch: lock the table's end, drop what is known, read the
 * progress concerned, decide, write rows, progress and outbox.
 *
 * Appending is one transaction at a time. So a batch sees every row before its
 * own, also those of a consumer that has lost its place and does not know it
 * yet, and replaying the table again by seq repeats exactly what was decided. */
#include "services/processing/live/evaluation.h"

#include <string.h>

#include "platform/base/log.h"
#include "services/processing/live/catch_up.h"
#include "services/processing/live/decision_rows.h"
#include "services/processing/live/evaluation_metrics.h"
#include "services/processing/replay/publish.h"
#include "services/processing/replay/backfill.h"
#include "services/processing/store/event_store.h"

enum { RACE_TRIES = 3 };

struct evaluation {
    const struct processing *app;
    struct batch batch;
    size_t n_prepared; /* events of the whole batch */
    struct definitions_draft draft;
    struct decision decision;
    size_t n_completions;
    bool is_step;          /* no batch: a step of a backfill */
    bool may_be_published; /* completions may be in the table already */
};

static int step_rows(const struct processing *app)
{
    return app->backfill_rows == 0 ? BACKFILL_STEP_ROWS : app->backfill_rows;
}

/* What stands before the quest's first row, in the transaction of that row. */
static enum ql_code run_backfill(struct ql_call *call, struct ql_pg_tx *tx,
                                 struct evaluation *evaluation)
{
    const struct decision *decision = &evaluation->decision;
    int64_t seq = evaluation->draft.seq, cursor = seq, n_completions = 0;
    enum ql_code rc;

    if (decision->backfilled == NULL || decision->is_backfilled_in_steps)
        return QL_OK;
    rc = backfill_run(
        call, tx,
        &(const struct backfill){.definition = decision->backfilled,
                                 .definitions = definitions_draft_now(&evaluation->draft),
                                 .zones = evaluation->app->zones,
                                 .log = &publish_completion_log,
                                 .after_seq = decision->backfill_after_seq,
                                 .before_seq = seq,
                                 .seq = seq,
                                 .is_first = decision->backfill_after_seq == 0},
        &cursor, &n_completions);
    evaluation->n_completions += (size_t)n_completions;
    return rc;
}

/* What has waited for a user's registration, in the transaction of its row. */
static enum ql_code count_waiting(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct evaluation *evaluation)
{
    QL_CLEANUP(replay_cache_done) struct replay_cache cache = {0};
    struct replay replay = {.definitions = definitions_draft_now(&evaluation->draft),
                            .zones = evaluation->app->zones,
                            .log = &publish_completion_log,
                            .cache = &cache};
    enum ql_code rc;

    if (evaluation->decision.registered_id == NULL)
        return QL_OK;
    if (!replay_cache_init(&cache, false))
        return ql_fail_memory(call);
    rc = replay_waiting(call, tx, &replay, evaluation->decision.registered_id);
    if (rc != QL_OK)
        return rc;
    evaluation->n_completions += (size_t)replay.n_completions;
    return replay_cache_flush(call, tx, &cache);
}

/* A step of the backfill that has waited longest, when there is one. */
static enum ql_code do_step(struct ql_call *call, struct ql_pg_tx *tx,
                            struct evaluation *evaluation)
{
    const struct definitions *definitions = definitions_draft_now(&evaluation->draft);
    const struct definition_held *held = definitions_find_held(definitions, NULL);
    struct backfill_mark mark;
    int64_t n_completions = 0;
    enum ql_code rc;

    evaluation->n_completions = 0;
    if (held == NULL)
        return QL_OK;
    rc = backfill_step(call, tx, held, definitions, evaluation->app->zones,
                       step_rows(evaluation->app), &mark, &evaluation->draft.seq, &n_completions);
    if (rc != QL_OK)
        return rc;
    evaluation->n_completions = (size_t)n_completions;
    rc = definitions_draft_change(call, &evaluation->draft);
    if (rc != QL_OK)
        return rc;
    rc = backfill_mark_apply(call, &mark, evaluation->draft.changed);
    if (rc != QL_OK)
        return rc;
    if (mark.is_done)
        QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "quest backfilled"),
               QL_TEXT("questId", mark.quest_id), QL_NUMBER("throughSeq", mark.through_seq));
    return QL_OK;
}

static enum ql_code evaluate_in(struct ql_call *call, struct ql_pg_tx *tx,
                                struct evaluation *evaluation)
{
    enum ql_code rc;

    definitions_draft_begin(&evaluation->draft, evaluation->app);
    evaluation->batch.n_events = evaluation->n_prepared;
    evaluation->decision = (struct decision){
        .batch = &evaluation->batch, .draft = &evaluation->draft, .zones = evaluation->app->zones};
    rc = event_store_lock(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = definitions_draft_catch_up(call, tx, &evaluation->draft);
    if (rc != QL_OK)
        return rc;
    if (evaluation->is_step)
        return do_step(call, tx, evaluation);
    if (evaluation->batch.n_events == 0)
        return QL_OK;
    rc = decision_make(call, tx, &evaluation->decision, step_rows(evaluation->app));
    if (rc != QL_OK)
        return rc;
    rc = decision_rows_write(call, tx, &evaluation->decision, evaluation->may_be_published,
                             &evaluation->n_completions);
    if (rc != QL_OK)
        return rc;
    rc = run_backfill(call, tx, evaluation);
    if (rc != QL_OK)
        return rc;
    return count_waiting(call, tx, evaluation);
}

static enum ql_code evaluate_once(struct ql_call *call, struct ql_pg_pool *pool,
                                  struct evaluation *evaluation)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    evaluation->draft.is_behind = false;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = evaluate_in(call, tx, evaluation);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

/* Everything is committed: now the world outside the transaction follows. */
static void accept_evaluation(struct processing *app, struct evaluation *evaluation)
{
    definitions_draft_accept(&evaluation->draft, app);
    evaluation_metrics_show_quests(app);
    evaluation_metrics_count(&evaluation->batch, evaluation->n_completions);
    for (size_t i = 0; i < evaluation->batch.n_events; i++) {
        const struct batch_event *event = &evaluation->batch.events[i];

        if (event->is_forged)
            ql_delivery_reject(event->delivery, "FORGED_COMPLETION",
                               "nobody here has completed a quest under this id");
        else if (event->is_known_otherwise || event->is_repeated_otherwise)
            ql_delivery_reject(event->delivery, "EVENT_ID_TAKEN",
                               "the account has published another event with this id");
    }
    if (evaluation->n_completions > 0)
        ql_relay_wake(app->parts.relay);
}

/* The lock is taken with at most a page of changed quests to be read under it. */
static enum ql_code transact_evaluation(struct ql_call *call, struct processing *app,
                                        struct evaluation *evaluation)
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
        rc = evaluate_once(call, app->parts.pg, evaluation);
        if (!evaluation->draft.is_behind)
            return rc;
        ql_call_clear_status(call);
        app->is_caught_up = false;
    }
}

/* Evaluates the first of the deliveries in one transaction, how many of them: all, or
 * up to a quest that counts what is stored before it. */
static enum ql_code evaluate_first(struct ql_call *call, struct processing *app,
                                   struct ql_delivery *deliveries, size_t n_deliveries,
                                   size_t *ret_n_evaluated)
{
    struct evaluation evaluation = {.app = app};
    enum ql_code rc;

    rc = batch_prepare(call, deliveries, n_deliveries, &evaluation.batch);
    if (rc != QL_OK)
        return rc;
    evaluation.n_prepared = evaluation.batch.n_events;
    rc = transact_evaluation(call, app, &evaluation);
    /* An id that was not there when we looked, or a completion's, which we did not look
     * for: the second look finds it. */
    for (int tries = 1; rc == QL_ALREADY_EXISTS && tries < RACE_TRIES; tries++) {
        ql_call_clear_status(call);
        evaluation.may_be_published = true;
        rc = transact_evaluation(call, app, &evaluation);
    }
    if (rc == QL_OK)
        accept_evaluation(app, &evaluation);
    definitions_draft_done(&evaluation.draft);
    *ret_n_evaluated = n_deliveries;
    if (evaluation.batch.n_events < evaluation.n_prepared)
        *ret_n_evaluated =
            (size_t)(evaluation.batch.events[evaluation.batch.n_events - 1].delivery - deliveries) +
            1;
    return rc;
}

/* Evaluates from the first delivery on, up to the end or a failure; the rest is left. */
static enum ql_code evaluate_in_order(struct ql_call *call, struct processing *app,
                                      struct ql_delivery **deliveries, size_t *n_deliveries)
{
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, app->scratch);
    size_t n_evaluated = 0;

    do {
        enum ql_code rc;

        *deliveries += n_evaluated;
        *n_deliveries -= n_evaluated;
        ql_arena_reset(app->scratch);
        rc = evaluate_first(call, app, *deliveries, *n_deliveries, &n_evaluated);
        if (rc != QL_OK)
            return rc;
    } while (n_evaluated < *n_deliveries);
    return QL_OK;
}

static enum ql_code evaluate_segment(struct ql_call *call, struct processing *app,
                                     struct ql_delivery *deliveries, size_t n_deliveries)
{
    enum ql_code rc = evaluate_in_order(call, app, &deliveries, &n_deliveries);
    size_t half = n_deliveries / 2;

    if (rc != QL_RESOURCE_EXHAUSTED || half == 0)
        return rc;
    /* Too much for one transaction: the halves, each on its own, come to the same. */
    ql_call_clear_status(call);
    rc = evaluate_segment(call, app, deliveries, half);
    if (rc != QL_OK)
        return rc;
    return evaluate_segment(call, app, deliveries + half, n_deliveries - half);
}

enum ql_code evaluate_batch(struct ql_call *call, struct processing *app,
                            struct ql_delivery *deliveries, size_t n_deliveries)
{
    do {
        size_t n = batch_segment(call, app->scratch, deliveries, n_deliveries);
        enum ql_code rc = evaluate_segment(call, app, deliveries, n);

        if (rc != QL_OK)
            return rc;
        deliveries += n;
        n_deliveries -= n;
    } while (n_deliveries > 0);
    return QL_OK;
}

enum ql_code evaluate_backfill(struct ql_call *call, struct processing *app, bool *ret_has_more)
{
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, app->scratch);
    struct evaluation evaluation = {.app = app, .is_step = true};
    enum ql_code rc;

    *ret_has_more = definitions_count_held(app->definitions) > 0;
    if (!*ret_has_more)
        return QL_OK;
    ql_arena_reset(app->scratch);
    rc = transact_evaluation(call, app, &evaluation);
    if (rc == QL_OK)
        accept_evaluation(app, &evaluation);
    definitions_draft_done(&evaluation.draft);
    *ret_has_more = definitions_count_held(app->definitions) > 0;
    return rc;
}
