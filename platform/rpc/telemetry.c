/* The metrics of the module. */
#include "platform/rpc/telemetry.h"

struct ql_metric qli_rpc_metrics[QLI_N_METRICS] = {
    [QLI_CALLS] = {.kind = QL_METRIC_COUNTER,
                   .name = "ql_rpc_calls_total",
                   .help = "Calls answered, by status code.",
                   .label = "code"},
    [QLI_CALL_MS] = {.kind = QL_METRIC_HISTOGRAM_MS,
                     .name = "ql_rpc_call_ms",
                     .help = "Milliseconds from receipt of a call to its result, by method.",
                     .label = "method"},
    [QLI_WAITING] = {.kind = QL_METRIC_GAUGE,
                     .name = "ql_rpc_queue_waiting",
                     .help = "Calls waiting for a worker, by worker pool.",
                     .label = "pool"},
    [QLI_BUSY] = {.kind = QL_METRIC_COUNTER,
                  .name = "ql_rpc_busy_total",
                  .help = "Calls refused because the worker pool was full, by worker pool.",
                  .label = "pool"},
    [QLI_REPLICA_CALLS] = {.kind = QL_METRIC_COUNTER,
                           .name = "ql_rpc_replica_calls_total",
                           .help = "Calls sent, by replica of the callee.",
                           .label = "replica"},
    [QLI_EJECTED] = {.kind = QL_METRIC_COUNTER,
                     .name = "ql_rpc_replica_ejected_total",
                     .help = "Replicas of callees taken out for draining or not answering."},
    [QLI_RETRIES] = {.kind = QL_METRIC_COUNTER,
                     .name = "ql_rpc_retries_total",
                     .help = "Calls sent once more, to the same or another replica."},
    [QLI_PIPES] = {.kind = QL_METRIC_GAUGE,
                   .name = "ql_rpc_pipes",
                   .help = "Connections of callers to the RPC port."},
    [QLI_PIPES_CLOSED] = {.kind = QL_METRIC_COUNTER,
                          .name = "ql_rpc_pipes_closed_total",
                          .help = "Connections that the RPC port closed: too many of an address, "
                                  "too many in all, a message that did not arrive in full, "
                                  "replies that were not read.",
                          .label = "why"},
};

void qli_rpc_metrics_register(void)
{
    ql_metrics_register(qli_rpc_metrics, QLI_N_METRICS);
}
