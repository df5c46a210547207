/* What becomes of a batch: which of its events are new, which completions they bring
 * about, and which quest counts what is stored before it. Decided under the event
 * table's lock, with nothing written yet. */
#ifndef QL_PROCESSING_LIVE_DECISION_H
#define QL_PROCESSING_LIVE_DECISION_H

#include "services/processing/live/batch.h"
#include "services/processing/live/definitions_draft.h"

struct decision {
    struct batch *batch; /* cut short behind the event at which the transaction has to end */
    struct definitions_draft *draft;
    struct day_zones *zones;

    struct progress_set *progress;
    size_t n_rows, n_completions;
    const struct definition *backfilled; /* the last event's, when events before it count */
    int64_t backfill_after_seq;          /* behind which they begin */
    bool is_backfilled_in_steps;         /* and are too many for this transaction */
    const char *registered_id; /* the last event's user, when events before it waited for it */
};

/* Decides, each event by the quests as they stand at its place. draft changes with
 * the quests of the batch. step_rows: of history that one transaction counts. */
enum ql_code decision_make(struct ql_call *call, struct ql_pg_tx *tx, struct decision *decision,
                           int step_rows) QL_MUST_CHECK;

#endif
