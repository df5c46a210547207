/* Evaluation: a batch of events becomes rows, progress and completions, in one
 * transaction. */
#ifndef QL_PROCESSING_LIVE_EVALUATION_H
#define QL_PROCESSING_LIVE_EVALUATION_H

#include "services/processing/live/batch.h"
#include "services/processing/live/processing.h"

/* Stores what is new of the deliveries, evaluates it by the quests as they stand at
 * its place in the event table, and announces the completions; rejects what can
 * never be stored. QL_OK: all of it is committed, and app's definitions are
 * those behind the last row; without deliveries just the latter. Any failure:
 * nothing is stored, and app's definitions are those of some earlier place. Consumer thread only. */
enum ql_code evaluate_batch(struct ql_call *call, struct processing *app,
                            struct ql_delivery *deliveries, size_t n_deliveries) QL_MUST_CHECK;

/* One step of the backfill that has waited longest; *ret_has_more: another step is
 * due. Any failure: nothing is done. Consumer thread only. */
enum ql_code evaluate_backfill(struct ql_call *call, struct processing *app,
                               bool *ret_has_more) QL_MUST_CHECK;

#endif
