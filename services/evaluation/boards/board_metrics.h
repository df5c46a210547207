/* Metrics of boards. */
#ifndef QL_EVALUATION_BOARD_METRICS_H
#define QL_EVALUATION_BOARD_METRICS_H

#include "platform/base/metrics.h"

extern struct ql_metric board_metrics[];

#define board_behind         board_metrics[0]
#define board_rebuilds_total board_metrics[1]
#define board_reads_total    board_metrics[2]
#define board_refused_total  board_metrics[3]
#define board_weeks          board_metrics[4]

void board_metrics_register(void);

#endif
