/* From completions to events. */
#include "services/processing/replay/publish.h"

#include "platform/outbox/outbox.h"
#include "questline/processing/v1/names.h"
#include "services/processing/store/history_store.h"

enum ql_code publish_completion(struct ql_call *call, const struct replay_completion *completed,
                                const char *traceparent, struct ql_event *ret_event,
                                struct event_row *ret_row)
{
    const struct completion *completion = completed->completion;
    QuestCompleted body;
    char *payload;
    enum ql_code rc;

    QuestCompleted_init(&body);
    body.quest_id = (char *)completion->quest_id;
    body.quest_revision = completion->quest_revision;
    body.ordinal = completion->ordinal;
    body.cause_event_id = (char *)completion->cause_event_id;
    rc = ql_event_make(call, EVENT_QUEST_COMPLETED, completion->event_id, completed->user_id,
                       &body.base, ret_event);
    if (rc != QL_OK)
        return rc;
    ret_event->occurred_ms = completed->occurred_ms;
    if (traceparent[0] != '\0')
        ret_event->traceparent = traceparent;
    rc = ql_event_body_json(call, ret_event, &payload);
    if (rc != QL_OK)
        return rc;
    *ret_row = (struct event_row){.event_id = ret_event->event_id,
                                  .user_id = ret_event->user_id,
                                  .event_type = ret_event->type,
                                  .occurred_ms = ret_event->occurred_ms,
                                  .payload = payload,
                                  .traceparent = ret_event->traceparent};
    return QL_OK;
}

/* Which of them the table has; see evaluation.c. */
static enum ql_code list_published(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct replay_completion *completions, size_t n,
                                   const char ***ret_known, size_t *ret_n_known)
{
    const char **ids = ql_arena_calloc(call->arena, n, sizeof(*ids));

    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++)
        ids[i] = completions[i].completion->event_id;
    return event_store_list_known(call, tx, ids, n, ret_known, ret_n_known);
}

static enum ql_code log_add(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct replay_completion *completions, size_t n,
                            int64_t *ret_cursor)
{
    struct event_row *rows = ql_arena_calloc(call->arena, n, sizeof(*rows));
    struct ql_event *events = ql_arena_calloc(call->arena, n, sizeof(*events));
    size_t n_new = 0, n_known = 0;
    const char **known = NULL;
    enum ql_code rc;

    if (rows == NULL || events == NULL)
        return ql_fail_memory(call);
    rc = list_published(call, tx, completions, n, &known, &n_known);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        if (event_store_is_known(known, n_known, completions[i].completion->event_id))
            continue;
        rc = publish_completion(call, &completions[i], "", &events[n_new], &rows[n_new]);
        if (rc != QL_OK)
            return rc;
        n_new++;
    }
    if (n_new == 0)
        return QL_OK;
    rc = event_store_append(call, tx, rows, n_new, ret_cursor);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, events, n_new);
}

static enum ql_code log_list(struct ql_call *call, struct ql_pg_tx *tx, int64_t after_cursor,
                             int64_t before_cursor, int max, struct event_page *ret_page)
{
    static const char *const type = EVENT_QUEST_COMPLETED;

    return history_store_list_events(call, tx, &type, 1, after_cursor, before_cursor, max,
                                     ret_page);
}

const struct completion_log publish_completion_log = {.add = log_add, .list = log_list};
