/* The score of an attempt: a pure function of what QuizCompleted has, in integers.
 *
 * A question earns ⌊points * 1000 * credit⌋ millipoints, truncated toward zero; an attempt the
 * sum of them, at least 0. Shares are rounded down, so whether an attempt passed never differs
 * from the share that is shown: 79.66 % shows 79 and fails at 80. */
#ifndef QL_EVALUATION_SCORE_H
#define QL_EVALUATION_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

enum { SCORE_ITEMS_MAX = 100, SCORE_POINTS_MAX = 100 };

/* What a question earned. */
struct score_item {
    int32_t millipoints; /* below zero when the answer cost */
    int32_t max_millipoints;
};

struct score {
    int32_t millipoints, max_millipoints; /* 0 <= millipoints <= max_millipoints */
    int32_t percent, basis_points;        /* of the maximum */
    int32_t worth_millipoints;            /* on boards: the same share of the quiz's board_points */
    bool is_passed;
    size_t n_items;
    struct score_item *items; /* in the order of the attempt's items */
};

/* Scores an attempt. Memory is the call's arena. INVALID_ARGUMENT: ITEMS_MISSING when the
 * attempt does not have all its questions, which travel in no stored event; ITEMS_INVALID.
 * RESOURCE_EXHAUSTED. Any thread. */
enum ql_code score_attempt(struct ql_call *call, const QuizCompleted *attempt,
                           struct score *ret_score) QL_MUST_CHECK;

/* The share of a sum, at least 0, in basis points; 0 of nothing. */
int32_t score_basis_points(int64_t millipoints, int64_t max_millipoints);

#endif
