/* The reasons, in one place. */
#include "platform/rpc/legacy_reasons.h"

#include <string.h>

bool qli_legacy_is_not_executed(const struct ql_status *status)
{
    return status->code == QL_UNAVAILABLE &&
           (strcmp(status->reason, "DRAINING") == 0 || strcmp(status->reason, "NOT_STARTED") == 0);
}

bool qli_legacy_is_precondition_failed(const struct ql_status *status)
{
    return status->code == QL_ABORTED && strcmp(status->reason, "ETAG_MISMATCH") == 0;
}
