/* What a quest counts of the events that are stored before it.
 *
 * At its first QuestChanged row the events before that row are folded through the
 * new quest alone: all of them for a quest with backfill, as if it had been there
 * from the start, and for others those that happened since it was made and have
 * overtaken its row. Its completions are appended behind the row, in the order of their causes. Then, in that order
 * too, they count for the other quests, as any completion does.
 *
 * Memory is that of one page and of the fold's cache. All of it is the transaction
 * of the row, so that events behind it wait. */
#ifndef QL_PROCESSING_BACKFILL_H
#define QL_PROCESSING_BACKFILL_H

#include "services/processing/fold.h"

/* Whether rows before seq, the quest's first one, may count for it. */
enum ql_code backfill_is_due(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct definition *definition, int64_t seq,
                             bool *ret_is_due) QL_MUST_CHECK;

/* definition's first row is seq, and definitions have it already. What the sink
 * has ends at *place, before and after. *ret_n: the completions, of other quests
 * too. */
enum ql_code backfill_run(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct definition *definition,
                          const struct definitions *definitions, int64_t seq,
                          struct day_zones *zones, const struct fold_sink *sink, int64_t *place,
                          int64_t *ret_n) QL_MUST_CHECK;

#endif
