/* The right answer of a question: the rules of its type. */
#include "services/quiz/question/right_answer.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"
#include "services/quiz/question/decimal.h"
#include "services/quiz/question/matching.h"

enum {
    FIELD_SIZE = 64,
    CHOICES_MIN = 2,
    WEIGHTS_OFF_MAX_PPM = 10000, /* positive credits may miss the whole by so much */
};

static enum ql_code check_not_blank(struct ql_call *call, const char *text, const char *list,
                                    size_t index, const char *member)
{
    char path[FIELD_SIZE];

    if (!ql_text_is_blank(text))
        return QL_OK;
    snprintf(path, sizeof(path), "question.%s[%zu]%s", list, index, member);
    return ql_violate(call, path, "must not be only blanks");
}

static enum ql_code check_option_texts(struct ql_call *call, const Question *question)
{
    enum ql_code rc = QL_OK;
    char path[FIELD_SIZE];

    for (size_t i = 0; i < question->n_options; i++) {
        const char *text = question->options[i]->text;

        if (check_not_blank(call, text, "options", i, ".text") != QL_OK)
            rc = QL_INVALID_ARGUMENT;
        for (size_t k = 0; k < i; k++) {
            if (strcmp(question->options[k]->text, text) != 0)
                continue;
            snprintf(path, sizeof(path), "question.options[%zu].text", i);
            rc = ql_violate(call, path, "is the text of another option");
            break;
        }
    }
    return rc;
}

static int32_t greatest_credit(const Question *question)
{
    int32_t greatest = 0;

    for (size_t i = 0; i < question->n_options; i++)
        if (question->options[i]->credit_ppm > greatest)
            greatest = question->options[i]->credit_ppm;
    return greatest;
}

static enum ql_code check_options(struct ql_call *call, const Question *question)
{
    enum ql_code rc = check_option_texts(call, question);

    if (question->n_options < CHOICES_MIN)
        return ql_violate(call, "question.options", "must have at least %d options", CHOICES_MIN);
    return rc;
}

static enum ql_code check_single(struct ql_call *call, const Question *question)
{
    enum ql_code rc = check_options(call, question);

    if (rc == QL_OK && greatest_credit(question) != CREDIT_FULL_PPM)
        return ql_violate(call, "question.options", "must have an option with creditPpm %d",
                          CREDIT_FULL_PPM);
    return rc;
}

static enum ql_code check_weights(struct ql_call *call, const Question *question)
{
    int32_t sum = 0;

    for (size_t i = 0; i < question->n_options; i++)
        if (question->options[i]->credit_ppm > 0)
            sum += question->options[i]->credit_ppm;
    if (sum >= CREDIT_FULL_PPM - WEIGHTS_OFF_MAX_PPM &&
        sum <= CREDIT_FULL_PPM + WEIGHTS_OFF_MAX_PPM)
        return QL_OK;
    return ql_violate(call, "question.options",
                      "must have positive values of creditPpm whose sum is %d, give or take %d",
                      CREDIT_FULL_PPM, WEIGHTS_OFF_MAX_PPM);
}

static enum ql_code check_multiple(struct ql_call *call, const Question *question)
{
    enum ql_code rc = check_options(call, question);

    if (question->partial_credit == PARTIAL_CREDIT_PROPORTIONAL)
        return ql_violate(call, "question.partialCredit",
                          "must be RIGHT_MINUS_WRONG, "
                          "ALL_OR_NOTHING or WEIGHTED");
    if (rc != QL_OK)
        return rc;
    if (greatest_credit(question) <= 0)
        return ql_violate(call, "question.options",
                          "must have an option with a positive creditPpm");
    return question->partial_credit == PARTIAL_CREDIT_WEIGHTED ? check_weights(call, question)
                                                               : QL_OK;
}

static enum ql_code check_numeric(struct ql_call *call, const Question *question)
{
    bool has_full = false;
    enum ql_code rc = QL_OK;
    char path[FIELD_SIZE];

    for (size_t i = 0; i < question->n_numeric_answers; i++) {
        const NumericAnswer *range = question->numeric_answers[i];

        has_full = has_full || range->credit_ppm == CREDIT_FULL_PPM;
        if (decimal_compare(range->minimum, range->maximum) <= 0)
            continue;
        snprintf(path, sizeof(path), "question.numericAnswers[%zu]", i);
        rc = ql_violate(call, path, "must have a minimum that is not above its maximum");
    }
    if (!has_full)
        return ql_violate(call, "question.numericAnswers", "must have a range with creditPpm %d",
                          CREDIT_FULL_PPM);
    return rc;
}

static enum ql_code check_text(struct ql_call *call, const Question *question)
{
    bool has_full = false;
    enum ql_code rc = QL_OK;

    for (size_t i = 0; i < question->n_text_answers; i++) {
        const TextAnswer *accepted = question->text_answers[i];

        has_full = has_full || accepted->credit_ppm == CREDIT_FULL_PPM;
        if (check_not_blank(call, accepted->text, "textAnswers", i, ".text") != QL_OK)
            rc = QL_INVALID_ARGUMENT;
    }
    if (!has_full)
        return ql_violate(call, "question.textAnswers", "must have a text with creditPpm %d",
                          CREDIT_FULL_PPM);
    return rc;
}

static enum ql_code check_no_weights(struct ql_call *call, const Question *question)
{
    if (question->partial_credit != PARTIAL_CREDIT_WEIGHTED)
        return QL_OK;
    return ql_violate(call, "question.partialCredit",
                      "must be RIGHT_MINUS_WRONG, PROPORTIONAL or ALL_OR_NOTHING");
}

static enum ql_code check_ordering(struct ql_call *call, const Question *question)
{
    enum ql_code rc = check_no_weights(call, question);

    if (question->n_order_items < CHOICES_MIN)
        return ql_violate(call, "question.orderItems", "must have at least %d items", CHOICES_MIN);
    for (size_t i = 0; i < question->n_order_items; i++)
        if (check_not_blank(call, question->order_items[i], "orderItems", i, "") != QL_OK)
            rc = QL_INVALID_ARGUMENT;
    return rc;
}

static enum ql_code check_matching(struct ql_call *call, const Question *question)
{
    enum ql_code rc = matching_check(call, question);

    return check_no_weights(call, question) == QL_OK ? rc : QL_INVALID_ARGUMENT;
}

enum ql_code right_answer_check(struct ql_call *call, const Question *question)
{
    switch ((int)question->type) {
    case QUESTION_TYPE_SINGLE_CHOICE:
        return check_single(call, question);
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        return check_multiple(call, question);
    case QUESTION_TYPE_NUMERIC:
        return check_numeric(call, question);
    case QUESTION_TYPE_SHORT_TEXT:
        return check_text(call, question);
    case QUESTION_TYPE_ORDERING:
        return check_ordering(call, question);
    case QUESTION_TYPE_MATCHING:
        return check_matching(call, question);
    default:
        return QL_OK; /* TRUE_FALSE has one field, and every value of it is right */
    }
}
