/* What handlers ask of the parts of their service. */
#include "platform/service/service.h"

#include <string.h>

struct ql_rpc_channel *ql_service_channel(const struct ql_service_parts *parts, const char *name)
{
    for (size_t i = 0; i < QL_SERVICE_CALLS_MAX && parts->callees[i].name != NULL; i++) {
        if (strcmp(parts->callees[i].name, name) == 0)
            return parts->callees[i].channel;
    }
    return NULL;
}
