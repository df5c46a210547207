/* A quest that counts what happened before it was made.
 *
 * At its first QuestChanged row the events before that row are folded through the
 * new quest alone, as if it had been there from the start, and its completions
 * are appended behind the row, in the order of their causes. Then, in that order
 * too, they count for the other quests, as any completion does.
 *
 * Memory is that of one page and of the fold's cache. All of it is the transaction
 * of the row, so that events behind it wait. */
#ifndef QL_PROCESSING_BACKFILL_H
#define QL_PROCESSING_BACKFILL_H

#include "services/processing/fold.h"

/* definition's first row is seq, and definitions have it already. What the sink
 * has ends at *place, before and after. *ret_n: the completions, of other quests
 * too. */
enum ql_code backfill_run(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct definition *definition,
                          const struct definitions *definitions, int64_t seq,
                          struct day_zones *zones, const struct fold_sink *sink, int64_t *place,
                          int64_t *ret_n) QL_MUST_CHECK;

#endif
