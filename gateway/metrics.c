/* The table of the gateway's metrics. */
#include "gateway/metrics.h"

struct ql_metric gateway_metrics[GATEWAY_METRICS_COUNT] = {
    [GATEWAY_REQUESTS] = {QL_METRIC_COUNTER, "ql_http_requests_total",
                          "HTTP requests answered, by status", "status", NULL, NULL},
    [GATEWAY_REQUEST_MS] = {QL_METRIC_HISTOGRAM_MS, "ql_http_request_ms",
                            "Time from a complete request to its answer, by RPC method", "method",
                            NULL, NULL},
    [GATEWAY_CONNECTIONS] = {QL_METRIC_GAUGE, "ql_http_connections", "Open HTTP connections", NULL,
                             NULL, NULL},
    [GATEWAY_IN_FLIGHT] = {QL_METRIC_GAUGE, "ql_http_in_flight",
                           "Requests waiting for a token check or a service", NULL, NULL, NULL},
    [GATEWAY_LOG_DROPPED] = {QL_METRIC_COUNTER, "ql_http_log_dropped_total",
                             "Access log lines dropped because the buffer was full", NULL, NULL,
                             NULL},
    [GATEWAY_VANISHED] = {QL_METRIC_COUNTER, "ql_http_vanished_total",
                          "Requests whose client disconnected before the answer", NULL, NULL, NULL},
    [GATEWAY_CUT] = {QL_METRIC_COUNTER, "ql_http_cut_total",
                     "Connections cut because they exceeded a bound, by which", "why", NULL, NULL},
};
