/* What users have reached in quizzes: totals that the evaluation of their attempts
 * reports, shown in the account. */
#ifndef QL_USER_QUIZ_STATS_H
#define QL_USER_QUIZ_STATS_H

#include <stdint.h>

#include "platform/pg/pg.h"

/* Totals of one user. Without attempts there are none. */
struct quiz_stats {
    int64_t sequence; /* of two totals the greater sequence holds */
    int32_t attempts;
    int32_t quizzes;
    int32_t quizzes_passed;
    int32_t millipoints;          /* thousandths of a point */
    int32_t average_basis_points; /* hundredths of a per cent */
};

/* Totals as they arrived; user_id is a UUID. */
struct quiz_stats_report {
    const char *user_id;
    struct quiz_stats stats;
};

/* Stores the reports whose accounts are there and that are newer than what is stored;
 * the others change nothing. Any number for one user, in any order. */
enum ql_code quiz_stats_put(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct quiz_stats_report *reports,
                            size_t n_reports) QL_MUST_CHECK;

/* Deletes a user's totals, in the transaction that deletes the account. */
enum ql_code quiz_stats_delete(struct ql_call *call, struct ql_pg_tx *tx,
                               const char *user_id) QL_MUST_CHECK;

#endif
