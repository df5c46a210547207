/* The metrics of judging. */
#ifndef QL_PROCESSING_LIVE_JUDGE_METRICS_H
#define QL_PROCESSING_LIVE_JUDGE_METRICS_H

#include "services/processing/live/batch.h"
#include "services/processing/live/processing.h"

void judge_metrics_register(void);

/* Sets the metrics of the definitions that app has. */
void judge_metrics_show_quests(const struct processing *app);

/* Counts what a committed transaction has stored, and what it knew. */
void judge_metrics_count(const struct batch *batch, size_t n_completions);

#endif
