/* From a batch to what follows from it. */
#include "services/processing/live/decision.h"

#include <string.h>

#include "services/processing/live/catch_up.h"
#include "services/processing/replay/backfill.h"
#include "services/processing/replay/affected_set.h"
#include "services/processing/store/event_contents.h"
#include "services/processing/store/event_store.h"
#include "services/processing/store/history_store.h"
#include "services/processing/store/waiting_store.h"

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
        event->is_forged =
            !event->is_known && strcmp(event->event->type, EVENT_QUEST_COMPLETED) == 0;
        event->completions = NULL;
    }
    return QL_OK;
}

/* Which events register a user for the first time. */
static enum ql_code find_registrations(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct batch *batch)
{
    struct registration *found = ql_arena_calloc(call->arena, batch->n_events, sizeof(*found));
    size_t *indices = ql_arena_calloc(call->arena, batch->n_events, sizeof(*indices)), n = 0;
    enum ql_code rc;

    if (found == NULL || indices == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < batch->n_events; i++) {
        struct batch_event *event = &batch->events[i];

        event->is_registration = event->waits = false;
        if (!batch_event_is_new(event) || strcmp(event->event->type, EVENT_USER_REGISTERED) != 0)
            continue;
        found[n] = (struct registration){.user_id = event->event->user_id, .seq = INT64_MAX};
        indices[n++] = i;
    }
    rc = waiting_store_find(call, tx, found, n);
    for (size_t i = 0; i < n; i++) {
        batch->events[indices[i]].is_registration = found[i].is_first;
        batch->events[indices[i]].waits = found[i].waits;
    }
    return rc;
}

static struct rule_event rule_event_of(const struct batch_event *event)
{
    return (struct rule_event){.event_id = event->event->event_id,
                               .event_type = event->event->type,
                               .user_id = event->event->user_id,
                               .occurred_ms = event->event->occurred_ms,
                               .payload = event->payload};
}

/* What is new, as the rules see it, and the quests that change on the way. */
static enum ql_code read_progress(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct decision *decision)
{
    size_t size = decision->batch->n_events;
    struct rule_event *rule_events = ql_arena_calloc(call->arena, size, sizeof(*rule_events));
    const struct definition **changed = ql_arena_calloc(call->arena, size, sizeof(*changed));
    struct affected_set affected = {.definitions = definitions_draft_now(decision->draft),
                                    .changed = changed,
                                    .events = rule_events,
                                    .before_seq = INT64_MAX,
                                    .zones = decision->zones};

    if (rule_events == NULL || changed == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < size; i++) {
        const struct batch_event *event = &decision->batch->events[i];

        if (!batch_event_is_new(event))
            continue;
        rule_events[affected.n_events++] = rule_event_of(event);
        if (event->definition != NULL)
            changed[affected.n_changed++] = event->definition;
    }
    return affected_set_read(call, tx, &affected, &decision->progress);
}

/* Whether an event before the one at index, which makes a quest, may count for it. */
static bool has_overtaken(const struct decision *decision, size_t index)
{
    const struct definition *quest = decision->batch->events[index].definition;

    for (size_t i = 0; i < index; i++) {
        const struct batch_event *event = &decision->batch->events[i];

        if (!batch_event_is_new(event) || event->event->occurred_ms < quest->created_ms)
            continue;
        for (size_t j = 0; j < quest->n_event_types; j++)
            if (strcmp(quest->event_types[j], event->event->type) == 0 ||
                (event->completions != NULL &&
                 strcmp(quest->event_types[j], EVENT_QUEST_COMPLETED) == 0))
                return true;
    }
    return false;
}

static enum ql_code put_definition(struct ql_call *call, struct decision *decision,
                                   const struct definition *definition)
{
    enum ql_code rc;

    rc = definitions_draft_change(call, decision->draft);
    if (rc != QL_OK)
        return rc;
    return catch_up_put(call, decision->draft->changed, definition);
}

/* Takes the definition of the event at index. When events before it count, too, the
 * transaction ends with its row: their completions stand behind it. */
static enum ql_code take_definition(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct decision *decision, size_t index)
{
    const struct definition *quest = decision->batch->events[index].definition;
    bool is_due = false;
    enum ql_code rc;

    if (definitions_find(definitions_draft_now(decision->draft), quest->quest_id) == NULL) {
        rc = backfill_is_due(call, tx, quest, INT64_MAX, &is_due);
        if (rc != QL_OK)
            return rc;
        is_due = is_due ||
                 (quest->has_creation && !quest->is_archived && has_overtaken(decision, index));
    }
    if (is_due) {
        decision->backfilled = quest;
        decision->batch->n_events = index + 1;
    }
    return put_definition(call, decision, quest);
}

/* Whether events wait for the one at index, which registers a user: in the table, or
 * before it in the batch. The transaction ends with its row then: the completions of
 * what has waited stand behind it. */
static bool is_waited_for(const struct batch *batch, size_t index)
{
    const struct batch_event *registration = &batch->events[index];
    bool waits = registration->waits;

    if (!registration->is_registration)
        return false;
    for (size_t i = 0; i < index; i++) {
        const struct batch_event *event = &batch->events[i];

        if (!batch_event_is_new(event) ||
            strcmp(event->event->user_id, registration->event->user_id) != 0)
            continue;
        if (event->is_registration)
            return false;
        waits = true;
    }
    return waits;
}

/* Feeds the events to the rules, each to the quests as they stand at its place. */
static enum ql_code decide_events(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct decision *decision)
{
    decision->n_rows = decision->n_completions = 0;
    decision->backfilled = NULL;
    decision->registered_id = NULL;
    decision->is_backfilled_in_steps = false;
    for (size_t i = 0; i < decision->batch->n_events; i++) {
        struct batch_event *event = &decision->batch->events[i];
        const struct rule_event rule_event = rule_event_of(event);
        enum ql_code rc;

        if (!batch_event_is_new(event))
            continue;
        if (!progress_evaluate(decision->progress, definitions_draft_now(decision->draft),
                               &rule_event, &event->completions))
            return ql_fail_memory(call);
        for (const struct completion *c = event->completions; c != NULL; c = c->next)
            decision->n_completions++;
        decision->n_rows++;
        if (is_waited_for(decision->batch, i)) {
            decision->registered_id = event->event->user_id;
            decision->batch->n_events = i + 1;
        }
        if (event->definition == NULL)
            continue;
        rc = take_definition(call, tx, decision, i);
        if (rc != QL_OK)
            return rc;
    }
    decision->n_rows += decision->n_completions;
    return QL_OK;
}

/* The evaluated events end with the quest's first row (take_definition). A history of one
 * page is counted in this transaction; a longer one in steps, and a mark before the row
 * says so. */
static enum ql_code begin_backfill(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct decision *decision, int step_rows)
{
    int64_t last_seq = 0;
    enum ql_code rc;

    if (decision->backfilled == NULL)
        return QL_OK;
    rc = history_store_last_seq(call, tx, &last_seq);
    if (rc != QL_OK)
        return rc;
    rc = backfill_begin(call, tx, decision->backfilled, last_seq + 1, step_rows,
                        &decision->backfill_after_seq, &decision->is_backfilled_in_steps);
    if (rc != QL_OK || !decision->is_backfilled_in_steps)
        return rc;
    return definitions_hold(decision->draft->changed, decision->backfilled->quest_id,
                            decision->backfill_after_seq)
               ? QL_OK
               : ql_fail_memory(call);
}

enum ql_code decision_make(struct ql_call *call, struct ql_pg_tx *tx, struct decision *decision,
                           int step_rows)
{
    enum ql_code rc;

    rc = drop_known(call, tx, decision->batch);
    if (rc != QL_OK)
        return rc;
    rc = find_registrations(call, tx, decision->batch);
    if (rc != QL_OK)
        return rc;
    rc = read_progress(call, tx, decision);
    if (rc != QL_OK)
        return rc;
    rc = decide_events(call, tx, decision);
    if (rc != QL_OK)
        return rc;
    return begin_backfill(call, tx, decision, step_rows);
}
