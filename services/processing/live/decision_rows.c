/* From what was decided to rows. */
#include "services/processing/live/decision_rows.h"

#include <string.h>

#include "services/processing/live/erasure.h"
#include "services/processing/replay/publish.h"
#include "services/processing/replay/backfill_mark.h"
#include "services/processing/store/event_store.h"
#include "services/processing/store/progress_store.h"

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
static enum ql_code start_row(struct ql_call *call, const struct decision *decision,
                              struct event_row *ret_row)
{
    struct backfill_mark mark = {.through_seq = decision->backfill_after_seq, .is_start = true};

    memcpy(mark.quest_id, decision->backfilled->quest_id, sizeof(mark.quest_id));
    return backfill_mark_row(call, &mark, ret_row);
}

/* Of the completions, those that the table has: behind a rebuild's swap progress may
 * be less than what was announced. They count, and are not announced again. */
static enum ql_code list_published(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct decision *decision, bool may_be_published,
                                   const char ***ret_known, size_t *ret_n_known)
{
    const char **ids = ql_arena_calloc(call->arena, decision->n_completions, sizeof(*ids));
    size_t n = 0;

    *ret_known = NULL;
    *ret_n_known = 0;
    if (!may_be_published || decision->n_completions == 0)
        return QL_OK;
    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < decision->batch->n_events; i++)
        for (const struct completion *c = decision->batch->events[i].completions; c != NULL;
             c = c->next)
            ids[n++] = c->event_id;
    return event_store_list_known(call, tx, ids, n, ret_known, ret_n_known);
}

/* Stores the rows and the progress behind them, and announces the completions. */
static enum ql_code store_rows(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct decision *decision, const struct event_row *rows,
                               size_t n_rows, const struct ql_event *announced, size_t n_announced)
{
    enum ql_code rc = QL_OK;

    if (n_rows > 0)
        rc = event_store_append(call, tx, rows, n_rows, &decision->draft->seq);
    if (rc != QL_OK)
        return rc;
    rc = progress_store_save(call, tx, decision->progress);
    if (rc != QL_OK)
        return rc;
    rc = erasure_begin(call, tx, decision->batch);
    if (rc != QL_OK || n_announced == 0)
        return rc;
    return ql_outbox_add(call, tx, announced, n_announced);
}

enum ql_code decision_rows_write(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct decision *decision, bool may_be_published,
                                 size_t *ret_n_published)
{
    struct event_row *rows = ql_arena_calloc(call->arena, decision->n_rows + 1, sizeof(*rows));
    struct ql_event *announced =
        ql_arena_calloc(call->arena, decision->n_completions, sizeof(*announced));
    size_t n_rows = 0, n_announced = 0, n_known;
    const char **known;
    enum ql_code rc;

    if (rows == NULL || announced == NULL)
        return ql_fail_memory(call);
    *ret_n_published = 0;
    rc = list_published(call, tx, decision, may_be_published, &known, &n_known);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < decision->batch->n_events; i++) {
        const struct batch_event *event = &decision->batch->events[i];

        if (!batch_event_is_new(event))
            continue;
        if (decision->is_backfilled_in_steps && event->definition == decision->backfilled)
            rc = start_row(call, decision, &rows[n_rows++]);
        if (rc != QL_OK)
            return rc;
        rows[n_rows++] = row_of(event);
        for (const struct completion *c = event->completions; c != NULL; c = c->next) {
            const struct replay_completion completion = {.completion = c,
                                                         .user_id = event->event->user_id,
                                                         .occurred_ms = event->event->occurred_ms};

            if (event_store_is_known(known, n_known, c->event_id))
                continue;
            rc = publish_completion(call, &completion, event->event->traceparent,
                                    &announced[n_announced++], &rows[n_rows++]);
            if (rc != QL_OK)
                return rc;
        }
    }
    *ret_n_published = n_announced;
    return store_rows(call, tx, decision, rows, n_rows, announced, n_announced);
}
