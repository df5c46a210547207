/* The metrics of the module, one table. */
#ifndef QL_RPC_TELEMETRY_H
#define QL_RPC_TELEMETRY_H

#include "platform/base/metrics.h"

enum {
    QLI_CALLS,         /* answered, by code */
    QLI_CALL_MS,       /* from receipt to answer, by method */
    QLI_WAITING,       /* in a worker pool's queue, by pool */
    QLI_BUSY,          /* refused because a worker pool was full, by pool */
    QLI_REPLICA_CALLS, /* sent, by replica */
    QLI_EJECTED,       /* replicas taken out */
    QLI_RETRIES,       /* calls sent once more */
    QLI_PIPES,         /* connections of callers */
    QLI_PIPES_CLOSED,  /* by the server, by reason */
    QLI_N_METRICS,
};

extern struct ql_metric qli_rpc_metrics[QLI_N_METRICS];

void qli_rpc_metrics_register(void);

#endif
