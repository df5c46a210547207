/* The gateway's metrics. */
#ifndef QL_GATEWAY_METRICS_H
#define QL_GATEWAY_METRICS_H

#include "platform/base/metrics.h"

enum gateway_metric {
    GATEWAY_REQUESTS, /* by HTTP status */
    GATEWAY_REQUEST_MS,
    GATEWAY_CONNECTIONS,
    GATEWAY_IN_FLIGHT,
    GATEWAY_LOG_DROPPED,
    GATEWAY_VANISHED,
    GATEWAY_CUT, /* by the bound: resets, slow, memory, ... */
    GATEWAY_METRICS_COUNT,
};

extern struct ql_metric gateway_metrics[GATEWAY_METRICS_COUNT];

#endif
