/* What new attempts mean for their users and quizzes, by what results have become of them. */
#ifndef QL_EVALUATION_OUTCOME_H
#define QL_EVALUATION_OUTCOME_H

#include "services/evaluation/results/sums_store.h"

struct outcome {
    bool is_first_pass; /* no attempt of the user at the quiz has passed before */
};

/* Outcomes of new attempts, which are in the order of their ends, and what they add to the
 * figures of their quizzes; *ret_quizzes has each quiz once. Memory is the call's arena.
 * RESOURCE_EXHAUSTED. */
enum ql_code outcome_find(struct ql_call *call, const struct attempt_list *attempts,
                          const struct result_changes *changes, struct outcome **ret_outcomes,
                          struct quiz_sums **ret_quizzes, size_t *ret_n_quizzes) QL_MUST_CHECK;

#endif
