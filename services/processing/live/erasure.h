/* What happens to events and progress of deleted users.
 *
 * A deleted user has no progress: it goes with the transaction that stores UserDeleted,
 * and whatever replays the event table leaves out everybody who is deleted anywhere in
 * it, whatever stands before. So nothing follows from what their events said, and it is
 * erased: id, user, type and times of a row stay. That is done in steps, each a
 * transaction of its own without the event table's lock, between two batches: a process
 * that is killed goes on with the next one. The table event_erasures says how far it
 * has come and what is complete. Rows that are stored later about such a user are
 * stored empty. */
#ifndef QL_PROCESSING_LIVE_ERASURE_H
#define QL_PROCESSING_LIVE_ERASURE_H

#include "services/processing/live/batch.h"
#include "services/processing/live/processing.h"

/* In the transaction that stores the batch, behind its progress: deletes the progress of
 * users whom it deletes, and notes that their events are to be erased. */
enum ql_code erasure_begin(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct batch *batch) QL_MUST_CHECK;

/* After a batch: a deletion among the deliveries makes the next step due. Consumer
 * thread only. */
void erasure_note(struct processing *app, const struct ql_delivery *deliveries,
                  size_t n_deliveries);

/* One step, when one is due; *ret_has_more: another is. Each minute it is looked whether
 * somebody else has left one undone. A failure is logged, and the step is tried again a
 * minute later: events do not wait for it. Only a conflict is returned, for the caller to
 * run the step again (platform/base/rerun.h). Consumer thread only. */
enum ql_code erasure_step(struct ql_call *call, struct processing *app, bool *ret_has_more);

void erasure_register_metrics(void);

#endif
