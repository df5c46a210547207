/* Counting new attempts of a user at a quiz beside all of them. */
#include "services/evaluation/results/outcome.h"

#include <string.h>

#include "services/evaluation/boards/board.h"

static bool are_of_one_result(const struct attempt *a, const struct attempt *b)
{
    return strcmp(a->user_id, b->user_id) == 0 && strcmp(a->quiz_id, b->quiz_id) == 0;
}

/* The new attempts of one user at one quiz. */
struct new_attempts {
    int64_t n, n_passed;
    bool is_first, is_first_passed; /* of them: the attempt that they were counted for */
};

static struct new_attempts count_new(const struct attempt_list *attempts, size_t index)
{
    const struct attempt *attempt = attempts->attempts[index];
    struct new_attempts counts = {.is_first = true, .is_first_passed = attempt->score.is_passed};

    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *other = attempts->attempts[i];

        if (!are_of_one_result(attempt, other))
            continue;
        counts.n++;
        counts.n_passed += other->score.is_passed;
        if (i < index) {
            counts.is_first = false;
            counts.is_first_passed = counts.is_first_passed && !other->score.is_passed;
        }
    }
    return counts;
}

/* The result of all time that an attempt has changed. */
static const struct result_change *find_result(const struct result_changes *changes,
                                               const struct attempt *attempt)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct result_change *change = &changes->rows[i];

        if (strcmp(change->period, BOARD_ALL_TIME) == 0 &&
            strcmp(change->user_id, attempt->user_id) == 0 &&
            strcmp(change->quiz_id, attempt->quiz_id) == 0)
            return change;
    }
    return NULL;
}

static struct quiz_sums *find_quiz(struct quiz_sums *quizzes, size_t *n_quizzes,
                                   const char *quiz_id)
{
    for (size_t i = 0; i < *n_quizzes; i++)
        if (strcmp(quizzes[i].quiz_id, quiz_id) == 0)
            return &quizzes[i];
    quizzes[*n_quizzes] = (struct quiz_sums){.quiz_id = quiz_id};
    return &quizzes[(*n_quizzes)++];
}

enum ql_code outcome_find(struct ql_call *call, const struct attempt_list *attempts,
                          const struct result_changes *changes, struct outcome **ret_outcomes,
                          struct quiz_sums **ret_quizzes, size_t *ret_n_quizzes)
{
    struct outcome *outcomes = ql_arena_calloc(call->arena, attempts->n, sizeof(*outcomes));
    struct quiz_sums *quizzes = ql_arena_calloc(call->arena, attempts->n, sizeof(*quizzes));

    *ret_n_quizzes = 0;
    if (outcomes == NULL || quizzes == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *attempt = attempts->attempts[i];
        const struct new_attempts counts = count_new(attempts, i);
        const struct result_change *result = find_result(changes, attempt);
        struct quiz_sums *quiz = find_quiz(quizzes, ret_n_quizzes, attempt->quiz_id);

        outcomes[i].is_first_pass =
            counts.is_first_passed && result != NULL && result->n_passed == counts.n_passed;
        quiz->n_players += counts.is_first && result != NULL && result->n_attempts == counts.n;
        quiz->n_attempts++;
        quiz->n_passed += attempt->score.is_passed;
        quiz->sum_basis_points += attempt->score.basis_points;
    }
    *ret_outcomes = outcomes;
    *ret_quizzes = quizzes;
    return QL_OK;
}
