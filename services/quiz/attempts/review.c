/* What a review says of each type of question. */
#include "services/quiz/attempts/review.h"

#include <string.h>

#include "platform/base/decimal.h"
#include "platform/text/fold.h"
#include "services/quiz/attempts/answer.h"
#include "services/quiz/attempts/presented.h"
#include "services/quiz/question/right_answer.h"

enum { MILLIPOINTS = 1000 }; /* of a point */

static void add_right(ReviewedQuestion *reviewed, int32_t shown)
{
    reviewed->right_choices[reviewed->n_right_choices++] = shown;
}

static void add_right_options(const struct drawn_question *drawn, ReviewedQuestion *reviewed)
{
    for (size_t i = 0; i < drawn->choices.n_choices; i++)
        if (drawn->question->options[drawn->order[i] - 1]->credit_ppm > 0)
            add_right(reviewed, (int32_t)i + 1);
}

static bool fill_right_choices(struct ql_call *call, const struct drawn_question *drawn,
                               ReviewedQuestion *reviewed)
{
    const struct choices *choices = &drawn->choices;

    if (choices->n_choices == 0)
        return true;
    reviewed->right_choices =
        ql_arena_calloc(call->arena, CHOICES_MAX, sizeof(*reviewed->right_choices));
    if (reviewed->right_choices == NULL)
        return false;
    switch ((int)drawn->question->type) {
    case QUESTION_TYPE_TRUE_FALSE:
        add_right(reviewed, drawn->question->is_true ? 1 : 2);
        break;
    case QUESTION_TYPE_ORDERING:
        for (size_t i = 0; i < choices->n_choices; i++)
            add_right(reviewed, drawn_question_to_shown(drawn, (int32_t)i + 1));
        break;
    case QUESTION_TYPE_MATCHING:
        for (size_t i = 0; i < choices->n_prompts; i++)
            add_right(reviewed, drawn_question_to_shown(drawn, choices->matches[i]));
        break;
    default:
        add_right_options(drawn, reviewed);
    }
    return true;
}

/* "0.9..1.1"; one number for a range that holds nothing else. */
static char *range_text(struct ql_call *call, const NumericAnswer *range)
{
    if (strcmp(range->minimum, range->maximum) == 0)
        return range->minimum;
    return ql_arena_printf(call->arena, "%s..%s", range->minimum, range->maximum);
}

/* The accepted texts or ranges with full credit, or those without. */
static void add_right_texts(struct ql_call *call, const Question *question, bool is_full,
                            ReviewedQuestion *reviewed)
{
    for (size_t i = 0; i < question->n_numeric_answers; i++)
        if ((question->numeric_answers[i]->credit_ppm == CREDIT_FULL_PPM) == is_full)
            reviewed->right_texts[reviewed->n_right_texts++] =
                range_text(call, question->numeric_answers[i]);
    for (size_t i = 0; i < question->n_text_answers; i++)
        if ((question->text_answers[i]->credit_ppm == CREDIT_FULL_PPM) == is_full)
            reviewed->right_texts[reviewed->n_right_texts++] = question->text_answers[i]->text;
}

static bool fill_right_texts(struct ql_call *call, const Question *question,
                             ReviewedQuestion *reviewed)
{
    size_t n_texts = question->n_numeric_answers + question->n_text_answers;

    if (n_texts == 0)
        return true;
    reviewed->right_texts = ql_arena_calloc(call->arena, n_texts, sizeof(*reviewed->right_texts));
    if (reviewed->right_texts == NULL)
        return false;
    add_right_texts(call, question, true, reviewed);
    add_right_texts(call, question, false, reviewed);
    for (size_t i = 0; i < n_texts; i++)
        if (reviewed->right_texts[i] == NULL)
            return false;
    return true;
}

/* For each option as shown; nothing at all when no option has any. */
static bool fill_choice_feedback(struct ql_call *call, const struct drawn_question *drawn,
                                 ReviewedQuestion *reviewed)
{
    const Question *question = drawn->question;
    bool has_feedback = false;

    for (size_t i = 0; i < question->n_options; i++)
        has_feedback = has_feedback || question->options[i]->feedback[0] != '\0';
    if (!has_feedback)
        return true;
    reviewed->choice_feedback =
        ql_arena_calloc(call->arena, drawn->choices.n_choices, sizeof(*reviewed->choice_feedback));
    if (reviewed->choice_feedback == NULL)
        return false;
    reviewed->n_choice_feedback = drawn->choices.n_choices;
    for (size_t i = 0; i < drawn->choices.n_choices; i++)
        reviewed->choice_feedback[i] = question->options[drawn->order[i] - 1]->feedback;
    return true;
}

static bool range_holds(const NumericAnswer *range, ql_decimal value)
{
    ql_decimal minimum, maximum;

    if (ql_decimal_read(range->minimum, &minimum) != QL_DECIMAL_IS_READ ||
        ql_decimal_read(range->maximum, &maximum) != QL_DECIMAL_IS_READ)
        return false;
    return minimum <= value && value <= maximum;
}

/* Of the ranges that hold the number, the first that earns most is what earns. */
static char *numeric_feedback(const Question *question, const Answer *answer)
{
    const NumericAnswer *best = NULL;
    ql_decimal value;

    if (ql_decimal_read(answer->text, &value) == QL_DECIMAL_IS_READ)
        for (size_t i = 0; i < question->n_numeric_answers; i++) {
            const NumericAnswer *range = question->numeric_answers[i];

            if (range_holds(range, value) && (best == NULL || range->credit_ppm > best->credit_ppm))
                best = range;
        }
    return best == NULL ? question->wrong_feedback : best->feedback;
}

/* The same of the accepted texts. A fold that there is no memory for matches nothing. */
static char *text_feedback(struct ql_call *call, const Question *question, const Answer *answer)
{
    const char *given = ql_text_fold(call->arena, answer->text, question->case_sensitive);
    const TextAnswer *best = NULL;

    for (size_t i = 0; given != NULL && i < question->n_text_answers; i++) {
        const TextAnswer *accepted = question->text_answers[i];
        const char *fold = ql_text_fold(call->arena, accepted->text, question->case_sensitive);

        if (fold != NULL && strcmp(fold, given) == 0 &&
            (best == NULL || accepted->credit_ppm > best->credit_ppm))
            best = accepted;
    }
    return best == NULL ? (char *)"" : best->feedback;
}

static char *answer_feedback(struct ql_call *call, const Question *question, const Answer *answer)
{
    switch ((int)question->type) {
    case QUESTION_TYPE_TRUE_FALSE:
        return (answer->choices[0] == 1) == question->is_true ? question->right_feedback
                                                              : question->wrong_feedback;
    case QUESTION_TYPE_NUMERIC:
        return numeric_feedback(question, answer);
    case QUESTION_TYPE_SHORT_TEXT:
        return text_feedback(call, question, answer);
    default:
        return (char *)"";
    }
}

static bool fill_answer(struct ql_call *call, const struct drawn_question *drawn,
                        const Answer *answer, ReviewedQuestion *reviewed)
{
    if (drawn->question->type != QUESTION_TYPE_TRUE_FALSE && drawn->choices.n_choices > 0) {
        reviewed->choice_order = ql_arena_memdup(
            call->arena, drawn->order, drawn->choices.n_choices * sizeof(drawn->order[0]));
        if (reviewed->choice_order == NULL)
            return false;
        reviewed->n_choice_order = drawn->choices.n_choices;
    }
    if (answer_is_empty(answer))
        return true;
    reviewed->answer = (Answer *)answer;
    reviewed->feedback = answer_feedback(call, drawn->question, answer);
    return true;
}

ReviewedQuestion *review_question_new(struct ql_call *call, const struct drawn_question *drawn,
                                      const Answer *answer, int32_t millipoints)
{
    ReviewedQuestion *reviewed = ql_arena_alloc(call->arena, sizeof(*reviewed));

    if (reviewed == NULL)
        return NULL;
    ReviewedQuestion_init(reviewed);
    reviewed->question = presented_new(call, drawn);
    reviewed->millipoints = millipoints;
    reviewed->max_millipoints = drawn_question_points(drawn) * MILLIPOINTS;
    reviewed->explanation = drawn->question->explanation;
    reviewed->source_url = drawn->question->source_url;
    if (reviewed->question == NULL || !fill_right_choices(call, drawn, reviewed) ||
        !fill_right_texts(call, drawn->question, reviewed) ||
        !fill_choice_feedback(call, drawn, reviewed) || !fill_answer(call, drawn, answer, reviewed))
        return NULL;
    return reviewed;
}
