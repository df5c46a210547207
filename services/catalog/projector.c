/* The projector: the changes that are announced, from a work queue of their own into
 * the read model. What Redis has not taken stays in the queue. */
#include "services/catalog/catalog.h"
#include "services/catalog/read_model.h"

enum ql_code catalog_project(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries)
{
    const struct catalog *app = call->app;

    for (size_t i = 0; app->redis != NULL && i < n_deliveries; i++) {
        int kind = model_kind_of(&deliveries[i].event);
        struct ql_copy_item item;
        enum ql_code rc;

        if (kind < 0) {
            ql_delivery_reject(&deliveries[i], "UNEXPECTED_TYPE", "no change of the catalog");
            continue;
        }
        rc = model_kinds[kind]->from_event(call, &deliveries[i].event, &item);
        if (rc == QL_INVALID_ARGUMENT) {
            ql_delivery_reject(&deliveries[i], call->status.reason, "%s", call->status.message);
            ql_call_clear_status(call);
            continue;
        }
        if (rc == QL_OK)
            rc = read_model_put(call, app->redis, model_kinds[kind], &item, 1);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
