/* What handlers ask of the parts of their service. */
#include "platform/service/service.h"

#include <string.h>

#include "platform/service/threads.h"

enum ql_code ql_service_commit(struct ql_call *call, struct ql_pg_tx **tx)
{
    const struct ql_service_parts *parts = call->app;
    enum ql_code rc = ql_pg_commit(call, tx);

    if (rc != QL_OK)
        return rc;
    ql_relay_wake(parts->relay);
    return QL_OK;
}

void ql_service_wake(const struct ql_service_parts *parts, const char *name)
{
    qli_threads_wake(parts->threads, name);
}

struct ql_rpc_channel *ql_service_channel(const struct ql_service_parts *parts, const char *name)
{
    for (size_t i = 0; i < QL_SERVICE_CALLS_MAX && parts->callees[i].name != NULL; i++) {
        if (strcmp(parts->callees[i].name, name) == 0)
            return parts->callees[i].channel;
    }
    return NULL;
}
