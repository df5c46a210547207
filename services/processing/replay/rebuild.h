/* Making progress again from the event table alone, beside the live table, and
 * comparing the two.
 *
 * All of it is one transaction on tables of a schema of its own: unless it swaps,
 * nothing is left behind. Events are folded page by page while others are
 * appended; for the last of them, the comparison and the swap it holds the event
 * table's lock. */
#ifndef QL_PROCESSING_REPLAY_REBUILD_H
#define QL_PROCESSING_REPLAY_REBUILD_H

#include "platform/pg/pg.h"
#include "services/processing/rules/progress_set.h"

enum { REBUILD_LISTED_MAX = 100 };

/* A row that is not the same in both tables; the side that has none is NULL. */
struct rebuild_difference {
    const char *user_id, *quest_id;
    const struct progress *live, *made;
};

struct rebuild_report {
    int64_t n_events, n_rows; /* folded; of progress made */
    int64_t n_differences;
    struct rebuild_difference *differences; /* the first of them, by user and quest */
    size_t n_listed;
    int64_t n_missing, n_excess; /* completions that follow and are not stored, and the reverse */
    const char **completions;    /* the first of both, by id */
    size_t n_completions_listed;
    bool is_swapped;
};

/* Rebuilds, compares and, when asked, swaps: the live table then is what was made.
 * The report lives in the call's arena. ABORTED (REBUILD_RUNNING) beside another
 * one; DATA_LOSS (STORED_QUEST_UNREADABLE); DEADLINE_EXCEEDED. */
enum ql_code rebuild_run(struct ql_call *call, struct ql_pg_pool *pool, bool swaps,
                         struct rebuild_report *ret_report) QL_MUST_CHECK;

#endif
