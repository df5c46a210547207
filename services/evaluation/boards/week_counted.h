/* When an ISO week becomes FINAL: it has ended, and all its attempts are counted. Then its
 * boards are written down as standings, leave Redis, and are announced. */
#ifndef QL_EVALUATION_WEEK_COUNTED_H
#define QL_EVALUATION_WEEK_COUNTED_H

#include "platform/base/call.h"
#include "platform/pg/pg.h"

enum {
    WEEK_RANKED_MAX = 100, /* places of a board that are announced */
    /* Boards that LeaderboardClosed lists, so that it fits an event. */
    WEEK_CLOSED_BOARDS_MAX = 2000,
};

/* Looks at weeks whose numbers (weeks.expected, weeks.counted) have changed in the
 * transaction, once results and boards are written, and makes those FINAL that have as many
 * attempts as they must have. The transaction holds the lock of results. Each name, for
 * example "2026-W49", is there once. */
enum ql_code week_counted(struct ql_call *call, struct ql_pg_tx *tx, const char *const *weeks,
                          size_t n_weeks) QL_MUST_CHECK;

/* Makes a week FINAL without the attempts that are missing, for an operator who knows why.
 * The transaction holds the lock of results. FAILED_PRECONDITION (WEEK_NOT_OVER) before its
 * end, (WEEK_IS_FINAL) for one that is; INVALID_ARGUMENT (INVALID_FIELD) for a name of no
 * week. */
enum ql_code week_close(struct ql_call *call, struct ql_pg_tx *tx, const char *week) QL_MUST_CHECK;

#endif
