/* The transaction of a batch: everything that follows from it, once.
 *
 *   drop known events -> lock -> players -> attempts -> results -> boards -> sums -> outbox
 *
 * Whatever depends on attempts is computed again from all attempts concerned; sums grow by
 * attempts that were inserted. So deliveries in any order, and any of them again, give the
 * same rows. */
#ifndef QL_EVALUATION_APPLY_H
#define QL_EVALUATION_APPLY_H

#include "services/evaluation/results/batch.h"
#include "platform/pg/pg.h"

struct applied {
    size_t n_scored; /* attempts that were not known */
    size_t n_late;   /* of them: of weeks that were FINAL */
};

/* Applies a batch in the caller's transaction. */
enum ql_code apply_batch(struct ql_call *call, struct ql_pg_tx *tx, const struct batch *batch,
                         struct applied *ret_applied) QL_MUST_CHECK;

#endif
