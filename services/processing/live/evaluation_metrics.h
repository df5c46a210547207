/* The metrics of evaluating. */
#ifndef QL_PROCESSING_LIVE_EVALUATION_METRICS_H
#define QL_PROCESSING_LIVE_EVALUATION_METRICS_H

#include "services/processing/live/batch.h"
#include "services/processing/live/processing.h"

void evaluation_metrics_register(void);

/* Sets the metrics of the definitions that app has. */
void evaluation_metrics_show_quests(const struct processing *app);

/* Counts what a committed transaction has stored, and what it knew. */
void evaluation_metrics_count(const struct batch *batch, size_t n_completions);

#endif
