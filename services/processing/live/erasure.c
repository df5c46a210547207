/* Steps of erasing; the rows that may be changed are chosen by the database
 * (event_erase_step), since only its role can change them. */
#include "services/processing/live/erasure.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "services/processing/rules/user_state.h"

#include "erasure_sql.h"

enum { STEP_ROWS = 500, STEP_BYTES = 1024 * 1024, LOOK_AGAIN_MS = 60000 };

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_processing_events_erased_total",
     .help = "Events of deleted users whose payload was erased."},
};

void erasure_register_metrics(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

enum ql_code erasure_begin(struct ql_call *call, struct ql_pg_tx *tx, const struct batch *batch)
{
    const char **users = ql_arena_calloc(call->arena, batch->n_events, sizeof(*users));
    const char *parameters[1];
    size_t n = 0;
    enum ql_code rc;

    if (users == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < batch->n_events; i++) {
        const struct batch_event *event = &batch->events[i];

        if (batch_event_is_new(event) && strcmp(event->event->type, EVENT_USER_DELETED) == 0 &&
            event->event->user_id[0] != '\0')
            users[n++] = event->event->user_id;
    }
    if (n == 0)
        return QL_OK;
    parameters[0] = ql_pg_from_array(call, users, n);
    rc = ql_pg_run(call, tx, &sql_erasure_delete_progress, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_erasure_begin, parameters, 1, NULL);
}

void erasure_note(struct processing *app, const struct ql_delivery *deliveries, size_t n_deliveries)
{
    app->has_consumed = true;
    for (size_t i = 0; i < n_deliveries; i++)
        if (deliveries[i].event.type != NULL &&
            strcmp(deliveries[i].event.type, EVENT_USER_DELETED) == 0)
            app->erase_at_ms = 0;
}

struct step {
    char user_id[QL_UUID_SIZE]; /* "": there was nothing to erase */
    int64_t n_erased;
    bool is_complete;
};

static enum ql_code run_step(struct ql_call *call, struct ql_pg_pool *pool, struct step *step)
{
    const char *const parameters[] = {ql_pg_from_int64(call, STEP_ROWS),
                                      ql_pg_from_int64(call, STEP_BYTES)};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    enum ql_code rc;

    *step = (struct step){0};
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_erasure_step, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc; /* nothing to erase, nothing to commit */
    memcpy(step->user_id, ql_pg_text(&rows, 0, 0), sizeof(step->user_id));
    step->n_erased = ql_pg_int64(&rows, 0, 1);
    step->is_complete = ql_pg_bool(&rows, 0, 2);
    return ql_pg_commit(call, &tx);
}

enum ql_code erasure_step(struct ql_call *call, struct processing *app, bool *ret_has_more)
{
    struct step step;
    enum ql_code rc;

    *ret_has_more = false;
    if (ql_monotonic_ms() < app->erase_at_ms)
        return QL_OK;
    rc = run_step(call, app->parts.pg, &step);
    if (call->status.is_conflict)
        return rc;
    app->erase_at_ms = ql_monotonic_ms() + LOOK_AGAIN_MS;
    if (rc != QL_OK) {
        QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "erasing events failed"),
               QL_TEXT("reason", call->status.reason), QL_TEXT("text", call->status.message));
        ql_call_clear_status(call);
        return QL_OK;
    }
    if (step.user_id[0] == '\0')
        return QL_OK;
    ql_metric_add(&metrics[0], NULL, step.n_erased);
    if (step.is_complete)
        QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "events of a deleted user erased"),
               QL_TEXT("userId", step.user_id));
    app->erase_at_ms = 0;
    *ret_has_more = true;
    return QL_OK;
}
