/* Marks of a backfill in the event table: what was done and what is left.
 *
 * A history that does not fit into one step is counted in many, each a
 * transaction of its own, while other events are evaluated. A mark is a row of the
 * event table, so that how the steps and the other events stood between each
 * other can be read again: from a start mark on, which stands before the quest's
 * first row, the quest is held back (definitions_hold); a step mark says which
 * rows were counted at its place; with the last one the quest counts like any
 * other. A quest with backfill and without a start mark was counted as a whole
 * at its first row. */
#ifndef QL_PROCESSING_REPLAY_BACKFILL_MARK_H
#define QL_PROCESSING_REPLAY_BACKFILL_MARK_H

#include "platform/base/call.h"
#include "services/processing/rules/definitions.h"
#include "services/processing/store/event_store.h"

#define QUEST_BACKFILL "QuestBackfill" /* the type of these rows; it never travels */

struct backfill_mark {
    char quest_id[QL_UUID_SIZE];
    int64_t after_seq, through_seq; /* counted here: rows behind the one, up to the other */
    bool is_start, is_done;
};

/* The row of a mark, without a seq. */
enum ql_code backfill_mark_row(struct ql_call *call, const struct backfill_mark *mark,
                               struct event_row *ret_row) QL_MUST_CHECK;

/* The mark of row seq. DATA_LOSS (STORED_BACKFILL_UNREADABLE). */
enum ql_code backfill_mark_read(struct ql_call *call, int64_t seq, const char *payload,
                                struct backfill_mark *ret_mark) QL_MUST_CHECK;

/* Holds the quest back, or releases it, as the mark says. */
enum ql_code backfill_mark_apply(struct ql_call *call, const struct backfill_mark *mark,
                                 struct definitions *definitions) QL_MUST_CHECK;

#endif
