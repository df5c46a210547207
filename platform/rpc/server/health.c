/* HealthService/CheckHealth: from memory only, never fails. */
#include "platform/rpc/server/health.h"

#include "questline/rpc/v1/names.h"

static enum ql_code health_rpc_check(struct ql_call *call, const CheckHealthRequest *in,
                                     CheckHealthResponse *out)
{
    struct qli_health *health = call->app;
    bool is_serving =
        !atomic_load(&health->is_draining) &&
        (health->is_serving == NULL || health->is_serving(health->is_serving_argument));

    (void)in;
    out->service = ql_arena_strdup(call->arena, health->service);
    if (out->service == NULL)
        return ql_fail_memory(call);
    out->state = is_serving ? SERVING_STATE_SERVING : SERVING_STATE_NOT_SERVING;
    return QL_OK;
}

QL_RPC_HANDLER(health_rpc_check, CheckHealthRequest, CheckHealthResponse)

const struct ql_rpc_method qli_health_methods[] = {
    QL_RPC_METHOD(HealthService_CheckHealth, health_rpc_check, CheckHealthRequest,
                  CheckHealthResponse, QL_RPC_POOL_NORMAL),
    {0},
};
