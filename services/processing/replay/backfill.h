/* What a quest counts of the events that are stored before it.
 *
 * At its first QuestChanged row the events before that row are replayed through the
 * new quest alone: all of them for a quest with backfill, as if it had been there
 * from the start, and for others those that happened since it was made and have
 * overtaken its row. Its completions are appended in the order of their causes.
 * Then, in that order too, they count for the other quests, as any completion does.
 *
 * A history that fits into one page is counted in the transaction of the quest's
 * first row. A longer one is counted in steps of a page, each a transaction of its
 * own under the event table's lock, between the batches: see backfill_mark.h. The
 * steps follow the table to its end, each row by the revision of the quest that
 * stood before it, so that the quest has counted, once it is released, what it
 * would have counted had it been evaluated all the while. */
#ifndef QL_PROCESSING_REPLAY_BACKFILL_H
#define QL_PROCESSING_REPLAY_BACKFILL_H

#include "services/processing/replay/backfill_mark.h"
#include "services/processing/replay/replay.h"

/* Whether rows before seq, the quest's first one, may count for it. */
enum ql_code backfill_is_due(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct definition *definition, int64_t seq,
                             bool *ret_is_due) QL_MUST_CHECK;

struct backfill {
    const struct definition *definition;
    const struct definitions *definitions; /* as they stand at seq */
    struct day_zones *zones;
    const struct completion_log *log;
    int64_t after_seq, before_seq; /* the rows to be counted */
    int64_t seq;                   /* the row at which it is done */
    bool is_first;                 /* nobody has progress on the quest yet, and nothing is
                                    * to be known of users before these rows */
};

/* Replays the rows. What the log has ends at *cursor, before and after. *ret_n: the
 * completions, of other quests too. */
enum ql_code backfill_run(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct backfill *backfill, int64_t *cursor,
                          int64_t *ret_n) QL_MUST_CHECK;

enum { BACKFILL_STEP_ROWS = 500 }; /* of a step, and at most some MB of payload */

/* Behind which row the rows before seq begin that may count, and whether they are
 * more than a step of max_rows counts. */
enum ql_code backfill_begin(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct definition *definition, int64_t seq, int max_rows,
                            int64_t *ret_after_seq, bool *ret_is_long) QL_MUST_CHECK;

/* Counts the next max_rows of a quest that definitions hold back, behind
 * held->after_seq, and appends the mark of it. The event table's lock is held.
 * *ret_last_seq: of the rows appended. */
enum ql_code backfill_step(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct definition_held *held,
                           const struct definitions *definitions, struct day_zones *zones,
                           int max_rows, struct backfill_mark *ret_mark, int64_t *ret_last_seq,
                           int64_t *ret_n) QL_MUST_CHECK;

/* Counts again what the mark of row seq says, for a rebuild. *cursor: as above. */
enum ql_code backfill_repeat(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct backfill_mark *mark, int64_t seq,
                             const struct definitions *definitions, struct day_zones *zones,
                             const struct completion_log *log, int64_t *cursor) QL_MUST_CHECK;

#endif
