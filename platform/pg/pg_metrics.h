/* Metrics of the module. Module-internal. */
#ifndef QL_PG_PG_METRICS_H
#define QL_PG_PG_METRICS_H

#include "platform/base/metrics.h"

extern struct ql_metric qli_pg_metrics[];

#define qli_pg_connections qli_pg_metrics[0]
#define qli_pg_leases      qli_pg_metrics[1]
#define qli_pg_errors      qli_pg_metrics[2]

void qli_pg_metrics_register(void);

#endif
