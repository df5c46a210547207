/* What processing does with events: knows the quests, then evaluates. */
#include "services/processing/live/event_consumer.h"

#include "platform/base/clock.h"
#include "services/processing/live/catch_up.h"
#include "services/processing/live/erasure.h"
#include "services/processing/live/evaluation.h"
#include "services/processing/live/evaluation_metrics.h"
#include "services/processing/live/sync.h"

enum { CHORE_MS = 1000 };

enum ql_code event_consume(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries)
{
    struct processing *app = call->app;
    enum ql_code rc;

    rc = sync_before_batch(call, app);
    if (rc != QL_OK)
        return rc;
    rc = evaluate_batch(call, app, deliveries, n_deliveries);
    erasure_note(app, deliveries, n_deliveries); /* some may be stored whatever rc is */
    return rc;
}

/* Histories first. Erasing goes on beside events and never before the first of them. */
static enum ql_code do_steps(struct ql_call *call, struct processing *app, bool *ret_has_more)
{
    bool has_erasures = false;
    enum ql_code rc;

    rc = evaluate_backfill(call, app, ret_has_more);
    if (rc != QL_OK)
        return rc;
    rc = erasure_step(call, app, &has_erasures);
    *ret_has_more = *ret_has_more || (has_erasures && app->has_consumed);
    return rc;
}

enum ql_code event_chore(struct ql_call *call, bool *ret_has_more)
{
    struct processing *app = call->app;
    enum ql_code rc;

    if (app->is_caught_up)
        return do_steps(call, app, ret_has_more);
    rc = catch_up_run(call, app, ql_monotonic_ms() + CHORE_MS);
    evaluation_metrics_show_quests(app);
    *ret_has_more = !app->is_caught_up;
    return rc;
}

const char *event_not_ready(void *app)
{
    const struct processing *processing = app;

    return processing->is_caught_up ? NULL : "reading the quests of the event table";
}
