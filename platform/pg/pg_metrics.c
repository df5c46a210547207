/* The table of the module's metrics. */
#include "platform/pg/pg_metrics.h"

struct ql_metric qli_pg_metrics[] = {
    {.kind = QL_METRIC_GAUGE, .name = "ql_pg_connections", .help = "Open database connections."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_pg_leases_total",
     .help = "Connections leased from a pool."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_pg_errors_total",
     .help = "Failed database requests, by SQLSTATE.",
     .label = "sqlstate"},
};

void qli_pg_metrics_register(void)
{
    ql_metrics_register(qli_pg_metrics, sizeof(qli_pg_metrics) / sizeof(qli_pg_metrics[0]));
}
