/* What processing does with events: knows the quests, then judges. */
#include "services/processing/judge.h"
#include "services/processing/sync.h"

enum ql_code event_consume(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries)
{
    struct processing *app = call->app;
    enum ql_code rc;

    rc = sync_before_batch(call, app);
    if (rc != QL_OK)
        return rc;
    return judge_batch(call, app, deliveries, n_deliveries);
}
