/* Sums over attempts, in the transaction that stores these, and what users have reached. */
#ifndef QL_EVALUATION_SUMS_STORE_H
#define QL_EVALUATION_SUMS_STORE_H

#include "services/evaluation/results/result_store.h"

/* What attempts add to a quiz's figures, and what the figures are then. */
struct quiz_sums {
    const char *quiz_id;
    int64_t n_players, n_attempts, n_passed, sum_basis_points; /* to add */
    int32_t players, attempts, passed_attempts, average_basis_points;
};

/* What a user has reached in all quizzes, and the number it was read under: of two totals
 * of a user those with the greater number are the later ones. */
struct user_totals {
    const char *user_id;
    int64_t sequence;
    int32_t attempts, quizzes, quizzes_passed, millipoints, average_basis_points;
};

/* Adds to the figures of quizzes, each of which is there once, and reads them. */
enum ql_code sums_store_add_quizzes(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct quiz_sums *quizzes, size_t n_quizzes) QL_MUST_CHECK;

/* Adds the questions of those attempts that are the first of their users at the quiz. */
enum ql_code sums_store_add_questions(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt_list *attempts) QL_MUST_CHECK;

/* The totals of the attempts' users, each once; all have one new number. */
enum ql_code sums_store_list_totals(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct attempt_list *attempts,
                                    struct user_totals **ret_totals,
                                    size_t *ret_n_totals) QL_MUST_CHECK;

#endif
