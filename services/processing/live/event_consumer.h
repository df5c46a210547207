/* The consumer of the queue "questline.processing.v1". */
#ifndef QL_PROCESSING_LIVE_EVENT_CONSUMER_H
#define QL_PROCESSING_LIVE_EVENT_CONSUMER_H

#include "services/processing/live/processing.h"

/* The handler of the queue's deliveries. Consumer thread only. */
enum ql_code event_consume(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries);

/* The work of that thread between two batches: reads the definitions after a start, then
 * runs the steps of backfills and erasures. Consumer thread only. */
enum ql_code event_chore(struct ql_call *call, bool *ret_has_more);

/* NULL, or why the process is not ready to evaluate events. Any thread. */
const char *event_not_ready(void *app);

#endif
