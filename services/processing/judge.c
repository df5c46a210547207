/* The transaction of a batch: lock the table's end, drop what is known, read the
 * progress concerned, decide, write rows, progress and outbox.
 *
 * Appending is one transaction at a time. So a batch sees every row before its
 * own, also those of a consumer that has lost its place and does not know it
 * yet, and folding the table again by seq repeats exactly what was decided. */
#include "services/processing/judge.h"

#include <string.h>

#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "questline/processing/v1/names.h"
#include "services/processing/announce.h"
#include "services/processing/backfill.h"
#include "services/processing/catch_up.h"
#include "services/processing/concern.h"
#include "services/processing/event_contents.h"
#include "services/processing/event_store.h"
#include "services/processing/fact_store.h"
#include "services/processing/progress_store.h"

enum { RACE_TRIES = 3 };

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_processing_events_stored_total",
     .help = "Rows added to the event table, by event type.",
     .label = "type"},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_processing_events_known_total",
     .help = "Events that were delivered again and changed nothing."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_processing_quests",
     .help = "Quests that events are judged by."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_processing_backfills",
     .help = "Quests whose history is still being counted."},
};

enum { METRIC_STORED, METRIC_KNOWN, METRIC_QUESTS, METRIC_BACKFILLS };

void judge_register_metrics(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

void judge_show_quests(const struct processing *app)
{
    ql_metric_set(&metrics[METRIC_QUESTS], NULL, (int64_t)definitions_count(app->definitions));
    ql_metric_set(&metrics[METRIC_BACKFILLS], NULL,
                  (int64_t)definitions_count_held(app->definitions));
}

struct judge {
    const struct processing *app;
    struct batch batch;
    struct definitions *changed; /* a copy, once this batch differs from app's */
    int64_t definitions_seq;
    struct progress_set *progress;
    size_t n_rows, n_completions;
    size_t n_prepared;                   /* events of the whole batch */
    const struct definition *backfilled; /* the last event's, when events before it count */
    int64_t backfill_after_seq;          /* behind which they begin */
    bool is_backfilled_in_steps;         /* and are too many for this transaction */
    bool is_step;                        /* no batch: a step of a backfill */
    bool may_be_announced;               /* completions may be in the table already */
    bool is_behind;                      /* more quests changed than were read */
};

static const struct definitions *definitions_now(const struct judge *judge)
{
    return judge->changed != NULL ? judge->changed : judge->app->definitions;
}

static enum ql_code change_definitions(struct ql_call *call, struct judge *judge)
{
    if (judge->changed == NULL)
        judge->changed = definitions_copy(judge->app->definitions);
    return judge->changed == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code put_definition(struct ql_call *call, struct judge *judge,
                                   const struct definition *definition)
{
    enum ql_code rc;

    rc = change_definitions(call, judge);
    return rc == QL_OK ? catch_up_put(call, judge->changed, definition) : rc;
}

/* Reads what changed in rows that somebody else has appended since. More than a
 * page of it is read before the lock is taken, not under it. */
static enum ql_code catch_up(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    int64_t last_seq;
    enum ql_code rc;

    rc = catch_up_last_seq(call, tx, &last_seq);
    if (rc != QL_OK || last_seq <= judge->definitions_seq)
        return rc;
    rc = change_definitions(call, judge);
    if (rc == QL_OK)
        rc = catch_up_page(call, tx, judge->changed, &judge->definitions_seq, &judge->is_behind);
    if (rc == QL_OK && judge->is_behind)
        return ql_fail(call, QL_ABORTED, "QUESTS_BEHIND", "more quests changed than a page has");
    return rc;
}

static enum ql_code drop_known(struct ql_call *call, struct ql_pg_tx *tx, struct batch *batch)
{
    struct event_name *names = ql_arena_calloc(call->arena, batch->n_events, sizeof(*names));
    enum ql_code rc;

    if (names == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < batch->n_events; i++)
        names[i] =
            (struct event_name){.event_id = batch->events[i].event->event_id,
                                .account_id = batch->events[i].event->account_id,
                                .is_custom = ql_event_type_is_custom(batch->events[i].event->type)};
    rc = event_store_find_known(call, tx, names, batch->n_events);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < batch->n_events; i++) {
        struct batch_event *event = &batch->events[i];

        event->is_known = names[i].is_known;
        event->is_known_otherwise =
            event->is_known && !event_contents_agree(names[i].contents, event->contents);
        event->is_forged = !event->is_known && strcmp(event->event->type, QUEST_COMPLETED) == 0;
        event->completions = NULL;
    }
    return QL_OK;
}

static struct fact fact_of(const struct batch_event *event)
{
    return (struct fact){.event_id = event->event->event_id,
                         .event_type = event->event->type,
                         .user_id = event->event->user_id,
                         .occurred_ms = event->event->occurred_ms,
                         .payload = event->payload};
}

/* What is new, as the rules see it, and the quests that change on the way. */
static enum ql_code read_progress(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    size_t size = judge->batch.n_events;
    struct fact *facts = ql_arena_calloc(call->arena, size, sizeof(*facts));
    const struct definition **changed = ql_arena_calloc(call->arena, size, sizeof(*changed));
    struct concern concern = {.definitions = definitions_now(judge),
                              .changed = changed,
                              .facts = facts,
                              .before_seq = INT64_MAX,
                              .zones = judge->app->zones};

    if (facts == NULL || changed == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < size; i++) {
        const struct batch_event *event = &judge->batch.events[i];

        if (!batch_event_is_new(event))
            continue;
        facts[concern.n_facts++] = fact_of(event);
        if (event->definition != NULL)
            changed[concern.n_changed++] = event->definition;
    }
    return concern_read(call, tx, &concern, &judge->progress);
}

/* Whether an event before the one at place, which makes a quest, may count for it. */
static bool has_overtaken(const struct judge *judge, size_t place)
{
    const struct definition *quest = judge->batch.events[place].definition;

    for (size_t i = 0; i < place; i++) {
        const struct batch_event *event = &judge->batch.events[i];

        if (!batch_event_is_new(event) || event->event->occurred_ms < quest->created_ms)
            continue;
        for (size_t j = 0; j < quest->n_event_types; j++)
            if (strcmp(quest->event_types[j], event->event->type) == 0 ||
                (event->completions != NULL && strcmp(quest->event_types[j], QUEST_COMPLETED) == 0))
                return true;
    }
    return false;
}

/* Takes the definition of the event at place. When events before it count, too, the
 * transaction ends with its row: their completions stand behind it. */
static enum ql_code take_definition(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge,
                                    size_t place)
{
    const struct definition *quest = judge->batch.events[place].definition;
    bool is_due = false;
    enum ql_code rc;

    if (definitions_find(definitions_now(judge), quest->quest_id) == NULL) {
        rc = backfill_is_due(call, tx, quest, INT64_MAX, &is_due);
        if (rc != QL_OK)
            return rc;
        is_due =
            is_due || (quest->has_creation && !quest->is_archived && has_overtaken(judge, place));
    }
    if (is_due) {
        judge->backfilled = quest;
        judge->batch.n_events = place + 1;
    }
    return put_definition(call, judge, quest);
}

/* Feeds the events to the rules, each to the quests as they stand at its place. */
static enum ql_code decide(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    judge->n_rows = judge->n_completions = 0;
    judge->backfilled = NULL;
    judge->is_backfilled_in_steps = false;
    for (size_t i = 0; i < judge->batch.n_events; i++) {
        struct batch_event *event = &judge->batch.events[i];
        const struct fact fact = fact_of(event);
        enum ql_code rc;

        if (!batch_event_is_new(event))
            continue;
        if (!progress_judge(judge->progress, definitions_now(judge), &fact, &event->completions))
            return ql_fail_memory(call);
        for (const struct completion *c = event->completions; c != NULL; c = c->next)
            judge->n_completions++;
        judge->n_rows++;
        if (event->definition == NULL)
            continue;
        rc = take_definition(call, tx, judge, i);
        if (rc != QL_OK)
            return rc;
    }
    judge->n_rows += judge->n_completions;
    return QL_OK;
}

static struct event_row row_of(const struct batch_event *event)
{
    return (struct event_row){
        .event_id = event->event->event_id,
        .user_id = event->event->user_id,
        .event_type = event->event->type,
        .occurred_ms = event->event->occurred_ms,
        .payload = event->payload,
        .traceparent = event->event->traceparent,
        .account_id = event->event->account_id,
        .contents = event->contents,
    };
}

/* From here on the quest is held back. */
static enum ql_code start_row(struct ql_call *call, const struct judge *judge,
                              struct event_row *ret_row)
{
    struct backfill_mark mark = {.through_seq = judge->backfill_after_seq, .is_start = true};

    memcpy(mark.quest_id, judge->backfilled->quest_id, sizeof(mark.quest_id));
    return backfill_mark_row(call, &mark, ret_row);
}

/* Of the completions, those that the table has: behind a rebuild's swap progress may
 * be less than what was announced. They count, and are not announced again. */
static enum ql_code list_announced(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct judge *judge, const char ***ret_known,
                                   size_t *ret_n_known)
{
    const char **ids = ql_arena_calloc(call->arena, judge->n_completions, sizeof(*ids));
    size_t n = 0;

    *ret_known = NULL;
    *ret_n_known = 0;
    if (!judge->may_be_announced || judge->n_completions == 0)
        return QL_OK;
    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < judge->batch.n_events; i++)
        for (const struct completion *c = judge->batch.events[i].completions; c != NULL;
             c = c->next)
            ids[n++] = c->event_id;
    return event_store_list_known(call, tx, ids, n, ret_known, ret_n_known);
}

static enum ql_code write_all(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    struct event_row *rows = ql_arena_calloc(call->arena, judge->n_rows + 1, sizeof(*rows));
    struct ql_event *announced =
        ql_arena_calloc(call->arena, judge->n_completions, sizeof(*announced));
    size_t n_rows = 0, n_announced = 0, n_known;
    const char **known;
    enum ql_code rc;

    if (rows == NULL || announced == NULL)
        return ql_fail_memory(call);
    rc = list_announced(call, tx, judge, &known, &n_known);
    for (size_t i = 0; i < judge->batch.n_events; i++) {
        const struct batch_event *event = &judge->batch.events[i];

        if (!batch_event_is_new(event))
            continue;
        if (rc == QL_OK && judge->is_backfilled_in_steps && event->definition == judge->backfilled)
            rc = start_row(call, judge, &rows[n_rows++]);
        rows[n_rows++] = row_of(event);
        for (const struct completion *c = event->completions; rc == QL_OK && c != NULL;
             c = c->next) {
            const struct fold_completion completion = {.completion = c,
                                                       .user_id = event->event->user_id,
                                                       .occurred_ms = event->event->occurred_ms};

            if (event_store_is_known(known, n_known, c->event_id))
                continue;
            rc = announce_completion(call, &completion, event->event->traceparent,
                                     &announced[n_announced++], &rows[n_rows++]);
        }
    }
    if (rc == QL_OK && n_rows > 0)
        rc = event_store_append(call, tx, rows, n_rows, &judge->definitions_seq);
    if (rc == QL_OK)
        rc = progress_store_save(call, tx, judge->progress);
    if (rc == QL_OK && n_announced > 0)
        rc = ql_outbox_add(call, tx, announced, n_announced);
    judge->n_completions = n_announced;
    return rc;
}

static int step_rows(const struct processing *app)
{
    return app->backfill_rows == 0 ? BACKFILL_STEP_ROWS : app->backfill_rows;
}

/* What is judged ends with the quest's first row (take_definition). A history of a
 * page is counted behind it; a longer one in steps, of which a mark before the row
 * tells. */
static enum ql_code begin_backfill(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    int64_t last_seq = 0;
    enum ql_code rc;

    if (judge->backfilled == NULL)
        return QL_OK;
    rc = fact_store_last_seq(call, tx, &last_seq);
    if (rc == QL_OK)
        rc = backfill_begin(call, tx, judge->backfilled, last_seq + 1, step_rows(judge->app),
                            &judge->backfill_after_seq, &judge->is_backfilled_in_steps);
    if (rc != QL_OK || !judge->is_backfilled_in_steps)
        return rc;
    return definitions_hold(judge->changed, judge->backfilled->quest_id, judge->backfill_after_seq)
               ? QL_OK
               : ql_fail_memory(call);
}

static enum ql_code backfill(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    int64_t seq = judge->definitions_seq, place = seq, n_completions = 0;
    enum ql_code rc;

    if (judge->backfilled == NULL || judge->is_backfilled_in_steps)
        return QL_OK;
    rc = backfill_run(call, tx,
                      &(const struct backfill){.definition = judge->backfilled,
                                               .definitions = definitions_now(judge),
                                               .zones = judge->app->zones,
                                               .sink = &announce_sink,
                                               .after_seq = judge->backfill_after_seq,
                                               .before_seq = seq,
                                               .seq = seq,
                                               .is_first = judge->backfill_after_seq == 0},
                      &place, &n_completions);
    judge->n_completions += (size_t)n_completions;
    return rc;
}

/* A step of the backfill that has waited longest, when there is one. */
static enum ql_code do_step(struct ql_call *call, struct ql_pg_tx *tx, struct judge *judge)
{
    const struct definition_held *held = definitions_find_held(definitions_now(judge), NULL);
    struct backfill_mark mark;
    int64_t n_completions = 0;
    enum ql_code rc;

    judge->n_completions = 0;
    if (held == NULL)
        return QL_OK;
    rc = backfill_step(call, tx, held, definitions_now(judge), judge->app->zones,
                       step_rows(judge->app), &mark, &judge->definitions_seq, &n_completions);
    if (rc == QL_OK)
        rc = change_definitions(call, judge);
    if (rc == QL_OK)
        rc = backfill_mark_apply(call, &mark, judge->changed);
    judge->n_completions = (size_t)n_completions;
    if (rc == QL_OK && mark.is_done)
        QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "quest backfilled"),
               QL_TEXT("questId", mark.quest_id), QL_NUMBER("throughSeq", mark.through_seq));
    return rc;
}

static enum ql_code judge_work(struct ql_call *call, struct ql_pg_tx *tx, void *argument)
{
    struct judge *judge = argument;
    enum ql_code rc;

    definitions_freep(&judge->changed); /* of a try before */
    judge->batch.n_events = judge->n_prepared;
    judge->definitions_seq = judge->app->definitions_seq;
    judge->is_behind = false;
    rc = event_store_lock(call, tx);
    if (rc == QL_OK)
        rc = catch_up(call, tx, judge);
    if (rc == QL_OK && judge->is_step)
        return do_step(call, tx, judge);
    if (rc != QL_OK || judge->batch.n_events == 0)
        return rc;
    rc = drop_known(call, tx, &judge->batch);
    if (rc == QL_OK)
        rc = read_progress(call, tx, judge);
    if (rc == QL_OK)
        rc = decide(call, tx, judge);
    if (rc == QL_OK)
        rc = begin_backfill(call, tx, judge);
    if (rc == QL_OK)
        rc = write_all(call, tx, judge);
    if (rc == QL_OK)
        rc = backfill(call, tx, judge);
    return rc;
}

static void count_stored(const struct judge *judge)
{
    for (size_t i = 0; i < judge->batch.n_events; i++) {
        const struct batch_event *event = &judge->batch.events[i];

        if (batch_event_is_new(event))
            ql_metric_add(&metrics[METRIC_STORED], event->event->type, 1);
        else if (!event->is_forged)
            ql_metric_add(&metrics[METRIC_KNOWN], NULL, 1);
    }
    if (judge->n_completions > 0)
        ql_metric_add(&metrics[METRIC_STORED], QUEST_COMPLETED, (int64_t)judge->n_completions);
}

/* Everything is committed: now the world outside the transaction follows. */
static void accept(struct processing *app, struct judge *judge)
{
    app->definitions_seq = judge->definitions_seq;
    if (judge->changed != NULL) {
        definitions_free(app->definitions);
        app->definitions = judge->changed;
        judge->changed = NULL;
    }
    judge_show_quests(app);
    count_stored(judge);
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
        rc = ql_pg_transact(call, app->parts.pg, judge_work, judge);
        if (!judge->is_behind)
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
    definitions_free(judge.changed);
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
    definitions_free(judge.changed);
    call->arena = outer;
    *ret_has_more = definitions_count_held(app->definitions) > 0;
    return rc;
}
