/* The table of the module's metrics. */
#include "platform/redis/redis_metrics.h"

struct ql_metric qli_redis_metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_redis_commands_total",
     .help = "Redis commands by result: ok, error, unavailable, too_large.",
     .label = "result"},
    {.kind = QL_METRIC_HISTOGRAM_MS,
     .name = "ql_redis_command_ms",
     .help = "Time until a Redis command or pipeline was answered or given up."},
    {.kind = QL_METRIC_GAUGE, .name = "ql_redis_connections", .help = "Open Redis connections."},
};

void qli_redis_metrics_register(void)
{
    ql_metrics_register(qli_redis_metrics,
                        sizeof(qli_redis_metrics) / sizeof(qli_redis_metrics[0]));
}
