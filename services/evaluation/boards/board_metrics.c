/* The table of metrics. */
#include "services/evaluation/boards/board_metrics.h"

#include "platform/base/attributes.h"

struct ql_metric board_metrics[] = {
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_evaluation_board_behind",
     .help = "Changes that the boards in Redis lack, as the difference of the numbers; 0 in "
             "processes whose follower does not have the lease."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_evaluation_board_rebuilds_total",
     .help = "Times that all boards in Redis were filled anew."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_evaluation_board_reads_total",
     .help = "Pages and ranks read, by what answered: memory, redis, postgres for weeks that are "
             "FINAL, or shared for another call's read.",
     .label = "from"},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_evaluation_board_refused_total",
     .help = "Reads refused since the boards in Redis could not be relied on, by reason.",
     .label = "reason"},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_evaluation_weeks",
     .help = "ISO weeks with attempts, by state.",
     .label = "state"},
};

void board_metrics_register(void)
{
    ql_metrics_register(board_metrics, (int)QL_ARRAY_LENGTH(board_metrics));
}
