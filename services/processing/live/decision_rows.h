/* Writing what was decided of a batch. */
#ifndef QL_PROCESSING_LIVE_DECISION_ROWS_H
#define QL_PROCESSING_LIVE_DECISION_ROWS_H

#include "services/processing/live/decision.h"

/* Appends the rows of the batch and its completions, writes progress, and puts the
 * completions into the outbox. may_be_published: completions may be in the table
 * already. *ret_n_published: the others. draft->seq is the last row's then. */
enum ql_code decision_rows_write(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct decision *decision, bool may_be_published,
                                 size_t *ret_n_published) QL_MUST_CHECK;

#endif
