/* Metrics of the module. Module-internal. */
#ifndef QL_REDIS_REDIS_METRICS_H
#define QL_REDIS_REDIS_METRICS_H

#include "platform/base/metrics.h"

extern struct ql_metric qli_redis_metrics[];

#define qli_redis_commands    qli_redis_metrics[0]
#define qli_redis_command_ms  qli_redis_metrics[1]
#define qli_redis_connections qli_redis_metrics[2]

void qli_redis_metrics_register(void);

#endif
