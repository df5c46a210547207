/* One JSON line, one count and one duration for each call. */
#include "platform/rpc/server/call_record.h"

#include <stdio.h>

#include "platform/base/address.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/telemetry.h"

static bool code_is_our_fault(enum ql_code code)
{
    return code == QL_INTERNAL || code == QL_UNKNOWN || code == QL_DATA_LOSS;
}

static enum ql_log_level call_level(const struct ql_call *call, const struct qli_method *method)
{
    if (code_is_our_fault(call->status.code))
        return QL_LOG_ERROR;
    if (call->status.code == QL_UNAVAILABLE)
        return QL_LOG_WARN;
    return method != NULL && method->is_health ? QL_LOG_DEBUG : QL_LOG_INFO;
}

static void call_log(const struct ql_call *call, const struct qli_method *method, int64_t ms)
{
    const struct ql_status *status = &call->status;
    const char *code = ql_code_name(status->code);
    char shown[QL_SHOWN_ADDRESS_SIZE];
    struct ql_log_field fields[10];
    size_t n = 0;

    fields[n++] = QL_TEXT("event", "call");
    fields[n++] = QL_TEXT("method", call->method);
    fields[n++] = QL_TEXT("code", code);
    if (status->reason[0] != '\0')
        fields[n++] = QL_TEXT("reason", status->reason);
    if (code_is_our_fault(status->code) || status->code == QL_UNAVAILABLE)
        fields[n++] = QL_TEXT("detail", status->message);
    fields[n++] = QL_NUMBER("ms", ms);
    if (call->identity.subject[0] != '\0')
        fields[n++] = QL_TEXT("user", call->identity.subject);
    if (call->client_address != NULL && call->client_address[0] != '\0')
        fields[n++] = QL_TEXT("client", ql_address_shown(call->client_address, shown));
    fields[n++] = QL_TEXT("requestId", call->request_id);
    fields[n] = (struct ql_log_field){.kind = QL_LOG_END};
    ql_log_write(call_level(call, method), &call->trace, fields);
}

/* What went wrong inside is for the log; the caller learns what finds it there. */
static void status_hide_inside(struct ql_call *call)
{
    if (!code_is_our_fault(call->status.code))
        return;
    snprintf(call->status.message, sizeof(call->status.message), "internal error, request id %s",
             call->request_id);
    call->status.n_violations = 0;
}

void qli_call_record(struct ql_call *call, const struct qli_method *method, int64_t received_ms)
{
    int64_t ms = ql_monotonic_ms() - received_ms;

    ql_metric_add(&qli_rpc_metrics[QLI_CALLS], ql_code_name(call->status.code), 1);
    /* Only names of our own: a stranger's would fill the table of label values. */
    ql_metric_observe_ms(&qli_rpc_metrics[QLI_CALL_MS], method != NULL ? call->method : "unknown",
                         ms);
    call_log(call, method, ms);
    status_hide_inside(call);
}
