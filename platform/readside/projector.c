/* Each change in its turn; the read model keeps the newer ones. */
#include "platform/readside/projector.h"

#include "platform/readside/read_model.h"

enum ql_code ql_projector_project(struct ql_call *call, const struct ql_read_side *side,
                                  struct ql_delivery *delivery)
{
    int kind = ql_read_side_kind_of(side, &delivery->event);
    struct ql_resource_item item;
    enum ql_code rc;

    if (side->redis == NULL)
        return QL_OK;
    if (kind < 0) {
        ql_delivery_reject(delivery, "UNEXPECTED_TYPE", "the event is no change of a resource");
        return QL_OK;
    }
    rc = qli_read_kind_of_event(call, &side->kinds[kind], &delivery->event, &item);
    if (rc == QL_INVALID_ARGUMENT) {
        ql_delivery_reject(delivery, call->status.reason, "%s", call->status.message);
        ql_call_clear_status(call);
        return QL_OK;
    }
    if (rc != QL_OK)
        return rc;
    return ql_read_model_put(call, side, kind, &item, 1);
}

enum ql_code ql_projector_handle(struct ql_call *call, const struct ql_read_side *side,
                                 struct ql_delivery *deliveries, size_t n_deliveries)
{
    for (size_t i = 0; i < n_deliveries; i++) {
        enum ql_code rc = ql_projector_project(call, side, &deliveries[i]);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
