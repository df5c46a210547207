/* Writing the fields of a line. */
#include "gateway/access_log.h"

#include <stdbool.h>

#include "gateway/metrics.h"
#include "platform/base/address.h"

void access_log_add(const struct access_record *record)
{
    const char *reason = record->reason[0] != '\0' ? record->reason : NULL;
    const char *error = record->error[0] != '\0' ? record->error : NULL;
    char shown[QL_SHOWN_ADDRESS_SIZE];
    const struct ql_log_field fields[] = {
        QL_TEXT("event", "request"),
        QL_TEXT("verb", record->verb),
        QL_TEXT("path", record->path),
        QL_NUMBER("status", record->http_status),
        QL_NUMBER("ms", record->ms),
        QL_NUMBER("bytes", record->bytes),
        QL_TEXT("requestId", record->request_id),
        QL_TEXT("client",
                record->client[0] != '\0' ? ql_address_shown(record->client, shown) : NULL),
        QL_TEXT("user", record->user[0] != '\0' ? record->user : NULL),
        QL_TEXT("method", record->method),
        QL_TEXT("reason", reason),
        QL_TEXT("error", error),
        {.kind = QL_LOG_END},
    };

    if (!ql_log_offer(record->level, &record->trace, fields))
        ql_metric_add(&gateway_metrics[GATEWAY_LOG_DROPPED], NULL, 1);
}
