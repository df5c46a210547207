/* From credits to points, and from points to shares. */
#include "services/evaluation/score/score.h"

#include "services/evaluation/score/credit.h"

enum { MILLI = 1000, PERCENT = 100, BASIS_POINTS = 10000 };

int32_t score_basis_points(int64_t millipoints, int64_t max_millipoints)
{
    if (millipoints <= 0 || max_millipoints <= 0)
        return 0;
    return (int32_t)(BASIS_POINTS * millipoints / max_millipoints);
}

static enum ql_code score_one(struct ql_call *call, const CompletedItem *item,
                              bool is_formula_scored, struct score_item *ret_item)
{
    int64_t max_millipoints = (int64_t)item->points * MILLI;
    struct credit credit;
    enum ql_code rc;

    if (item->points < 1 || item->points > SCORE_POINTS_MAX)
        return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_INVALID", "question %s has %d points",
                       item->question_id, (int)item->points);
    rc = credit_of(call, item, is_formula_scored, &credit);
    if (rc != QL_OK)
        return rc;
    /* Division of integers truncates toward zero (C11 6.5.5). */
    ret_item->millipoints = (int32_t)(max_millipoints * credit.numerator / credit.denominator);
    ret_item->max_millipoints = (int32_t)max_millipoints;
    return QL_OK;
}

static void add_up(const QuizCompleted *attempt, struct score *score)
{
    int64_t sum = 0, max = 0;

    for (size_t i = 0; i < score->n_items; i++) {
        sum += score->items[i].millipoints;
        max += score->items[i].max_millipoints;
    }
    if (sum < 0)
        sum = 0;
    score->millipoints = (int32_t)sum;
    score->max_millipoints = (int32_t)max;
    score->percent = (int32_t)(PERCENT * sum / max);
    score->basis_points = score_basis_points(sum, max);
    score->worth_millipoints = (int32_t)((int64_t)attempt->board_points * MILLI * sum / max);
    score->is_passed = score->basis_points >= attempt->pass_basis_points;
}

enum ql_code score_attempt(struct ql_call *call, const QuizCompleted *attempt,
                           struct score *ret_score)
{
    *ret_score = (struct score){.n_items = attempt->n_items};
    if (attempt->n_items == 0 || attempt->n_items != (size_t)attempt->question_count)
        return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_MISSING",
                       "the attempt has %d questions, and the event has %zu of them",
                       (int)attempt->question_count, attempt->n_items);
    if (attempt->n_items > SCORE_ITEMS_MAX)
        return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_INVALID", "%zu questions, %d at most",
                       attempt->n_items, (int)SCORE_ITEMS_MAX);
    ret_score->items = ql_arena_calloc(call->arena, attempt->n_items, sizeof(*ret_score->items));
    if (ret_score->items == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < attempt->n_items; i++) {
        enum ql_code rc =
            score_one(call, attempt->items[i], attempt->formula_scoring, &ret_score->items[i]);

        if (rc != QL_OK)
            return rc;
    }
    add_up(attempt, ret_score);
    return QL_OK;
}
