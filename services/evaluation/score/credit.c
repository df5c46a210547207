/* Credits of types without options, and which type an item has. */
#include "services/evaluation/score/credit.h"

#include <string.h>

#include "platform/base/decimal.h"
#include "platform/text/fold.h"
#include "services/evaluation/score/option_credit.h"

static enum credit_verdict true_false(const CompletedItem *item, bool is_formula_scored,
                                      struct credit *ret_credit)
{
    enum { TRUE = 1, FALSE };
    const Answer *answer = item->answer;
    bool is_right;

    if (answer->n_choices != 1 || answer->choices[0] < TRUE || answer->choices[0] > FALSE)
        return CREDIT_NO_ANSWER;
    is_right = (answer->choices[0] == TRUE) == (item->is_true != 0);
    *ret_credit =
        !is_right && is_formula_scored ? (struct credit){-1, 1} : credit_all_or_nothing(is_right);
    return CREDIT_FOUND;
}

static enum credit_verdict numeric_credit(const CompletedItem *item, struct credit *ret_credit)
{
    ql_decimal value, minimum, maximum;
    enum ql_decimal_verdict verdict = ql_decimal_read(item->answer->text, &value);
    int32_t best_ppm = 0;

    if (verdict == QL_DECIMAL_IS_NO_NUMBER)
        return CREDIT_NO_ANSWER;
    for (size_t i = 0; i < item->n_numeric_answers; i++) {
        const NumericAnswer *range = item->numeric_answers[i];

        if (ql_decimal_read(range->minimum, &minimum) != QL_DECIMAL_IS_READ ||
            ql_decimal_read(range->maximum, &maximum) != QL_DECIMAL_IS_READ ||
            range->credit_ppm < 1 || range->credit_ppm > CREDIT_PPM_MAX)
            return CREDIT_NO_KEY;
        if (verdict == QL_DECIMAL_IS_READ && value >= minimum && value <= maximum &&
            range->credit_ppm > best_ppm)
            best_ppm = range->credit_ppm;
    }
    *ret_credit = credit_ppm(best_ppm);
    return CREDIT_FOUND;
}

static enum credit_verdict short_text(struct ql_arena *arena, const CompletedItem *item,
                                      struct credit *ret_credit)
{
    bool is_case_sensitive = item->case_sensitive != 0;
    const char *answer = ql_text_fold(arena, item->answer->text, is_case_sensitive);
    int32_t best_ppm = 0;

    if (answer == NULL)
        return ql_arena_is_spent(arena) ? CREDIT_NO_MEMORY : CREDIT_NO_ANSWER;
    for (size_t i = 0; i < item->n_text_answers; i++) {
        const TextAnswer *accepted = item->text_answers[i];
        const char *text = ql_text_fold(arena, accepted->text, is_case_sensitive);

        if (text == NULL && ql_arena_is_spent(arena))
            return CREDIT_NO_MEMORY;
        if (text == NULL || accepted->credit_ppm < 1 || accepted->credit_ppm > CREDIT_PPM_MAX)
            return CREDIT_NO_KEY;
        if (strcmp(answer, text) == 0 && accepted->credit_ppm > best_ppm)
            best_ppm = accepted->credit_ppm;
    }
    *ret_credit = credit_ppm(best_ppm);
    return CREDIT_FOUND;
}

static enum credit_verdict ordering_credit(const CompletedItem *item, struct credit *ret_credit)
{
    const Answer *answer = item->answer;
    int64_t n = item->order_count, n_pairs = n * (n - 1) / 2, n_in_order = 0, n_unmoved = 0;
    bool chosen[ANSWER_CHOICES_MAX];

    if (n < 2 || n > ANSWER_CHOICES_MAX)
        return CREDIT_NO_KEY;
    if (answer->n_choices != (size_t)n || !answer_read_set(answer, (size_t)n, chosen))
        return CREDIT_NO_ANSWER;
    for (int64_t i = 0; i < n; i++) {
        n_unmoved += answer->choices[i] == i + 1;
        for (int64_t j = i + 1; j < n; j++)
            n_in_order += answer->choices[i] < answer->choices[j];
    }
    switch (item->partial_credit) {
    case PARTIAL_CREDIT_UNSPECIFIED:
    case PARTIAL_CREDIT_RIGHT_MINUS_WRONG:
        *ret_credit = credit_at_least_nothing(2 * n_in_order - n_pairs, n_pairs);
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_PROPORTIONAL:
        *ret_credit = (struct credit){n_unmoved, n};
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_ALL_OR_NOTHING:
        *ret_credit = credit_all_or_nothing(n_unmoved == n);
        return CREDIT_FOUND;
    default:
        return CREDIT_NO_KEY;
    }
}

static enum credit_verdict matching_credit(const CompletedItem *item, struct credit *ret_credit)
{
    const Answer *answer = item->answer;
    int64_t n = (int64_t)item->n_matches, n_right = 0, n_wrong = 0;

    if (n < 1 || n > ANSWER_CHOICES_MAX)
        return CREDIT_NO_KEY;
    if (answer->n_choices != item->n_matches)
        return CREDIT_NO_ANSWER;
    for (int64_t i = 0; i < n; i++) {
        bool is_right = answer->choices[i] == item->matches[i];

        if (item->matches[i] < 1 || item->matches[i] > ANSWER_CHOICES_MAX)
            return CREDIT_NO_KEY;
        if (answer->choices[i] < 0 || answer->choices[i] > ANSWER_CHOICES_MAX)
            return CREDIT_NO_ANSWER;
        n_right += is_right;
        n_wrong += !is_right && answer->choices[i] != 0;
    }
    switch (item->partial_credit) {
    case PARTIAL_CREDIT_UNSPECIFIED:
    case PARTIAL_CREDIT_PROPORTIONAL:
        *ret_credit = (struct credit){n_right, n};
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_RIGHT_MINUS_WRONG:
        *ret_credit = credit_at_least_nothing(n_right - n_wrong, n);
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_ALL_OR_NOTHING:
        *ret_credit = credit_all_or_nothing(n_right == n);
        return CREDIT_FOUND;
    default:
        return CREDIT_NO_KEY;
    }
}

static bool is_answered(const Answer *answer)
{
    return answer != NULL && (answer->n_choices > 0 || answer->text[0] != '\0');
}

static enum credit_verdict find_credit(struct ql_arena *arena, const CompletedItem *item,
                                       bool is_formula_scored, struct credit *ret_credit)
{
    switch (item->type) {
    case QUESTION_TYPE_SINGLE_CHOICE:
        return option_credit_single(item, is_formula_scored, ret_credit);
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        return option_credit_multiple(item, ret_credit);
    case QUESTION_TYPE_TRUE_FALSE:
        return true_false(item, is_formula_scored, ret_credit);
    case QUESTION_TYPE_NUMERIC:
        return numeric_credit(item, ret_credit);
    case QUESTION_TYPE_SHORT_TEXT:
        return short_text(arena, item, ret_credit);
    case QUESTION_TYPE_ORDERING:
        return ordering_credit(item, ret_credit);
    case QUESTION_TYPE_MATCHING:
        return matching_credit(item, ret_credit);
    default:
        return CREDIT_NO_KEY;
    }
}

enum ql_code credit_of(struct ql_call *call, const CompletedItem *item, bool is_formula_scored,
                       struct credit *ret_credit)
{
    *ret_credit = credit_all_or_nothing(false);
    if (!is_answered(item->answer))
        return QL_OK;
    switch (find_credit(call->arena, item, is_formula_scored, ret_credit)) {
    case CREDIT_NO_KEY:
        return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_INVALID",
                       "the key of question %s is none of its type", item->question_id);
    case CREDIT_NO_ANSWER:
        return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_INVALID",
                       "the answer to question %s is none to its type", item->question_id);
    case CREDIT_NO_MEMORY:
        return ql_fail_memory(call);
    case CREDIT_FOUND:
        break;
    }
    return QL_OK;
}
