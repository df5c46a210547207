/* Key and answer of a question, in the author's numbers. */
#include "services/quiz/attempts/completed.h"

#include "services/quiz/attempts/answer.h"

/* The contract's defaults, spelled out. */
static Questline__Quiz__V1__PartialCredit partial_credit(const Question *question)
{
    if (question->partial_credit != PARTIAL_CREDIT_UNSPECIFIED)
        return question->partial_credit;
    switch ((int)question->type) {
    case QUESTION_TYPE_MULTIPLE_CHOICE:
    case QUESTION_TYPE_ORDERING:
        return PARTIAL_CREDIT_RIGHT_MINUS_WRONG;
    case QUESTION_TYPE_MATCHING:
        return PARTIAL_CREDIT_PROPORTIONAL;
    default:
        return PARTIAL_CREDIT_UNSPECIFIED;
    }
}

static bool fill_options(struct ql_call *call, const Question *question, CompletedItem *item)
{
    item->option_credits_ppm =
        ql_arena_calloc(call->arena, question->n_options, sizeof(*item->option_credits_ppm));
    if (item->option_credits_ppm == NULL)
        return false;
    item->n_option_credits_ppm = question->n_options;
    for (size_t i = 0; i < question->n_options; i++)
        item->option_credits_ppm[i] = question->options[i]->credit_ppm;
    return true;
}

static bool fill_ranges(struct ql_call *call, const Question *question, CompletedItem *item)
{
    size_t n_ranges = question->n_numeric_answers;
    NumericAnswer *ranges = ql_arena_calloc(call->arena, n_ranges, sizeof(*ranges));

    item->numeric_answers = ql_arena_calloc(call->arena, n_ranges, sizeof(*item->numeric_answers));
    if (ranges == NULL || item->numeric_answers == NULL)
        return false;
    item->n_numeric_answers = n_ranges;
    for (size_t i = 0; i < n_ranges; i++) {
        NumericAnswer_init(&ranges[i]);
        ranges[i].minimum = question->numeric_answers[i]->minimum;
        ranges[i].maximum = question->numeric_answers[i]->maximum;
        ranges[i].credit_ppm = question->numeric_answers[i]->credit_ppm;
        item->numeric_answers[i] = &ranges[i];
    }
    return true;
}

static bool fill_texts(struct ql_call *call, const Question *question, CompletedItem *item)
{
    size_t n_texts = question->n_text_answers;
    TextAnswer *texts = ql_arena_calloc(call->arena, n_texts, sizeof(*texts));

    item->text_answers = ql_arena_calloc(call->arena, n_texts, sizeof(*item->text_answers));
    if (texts == NULL || item->text_answers == NULL)
        return false;
    item->n_text_answers = n_texts;
    item->case_sensitive = question->case_sensitive;
    for (size_t i = 0; i < n_texts; i++) {
        TextAnswer_init(&texts[i]);
        texts[i].text = question->text_answers[i]->text;
        texts[i].credit_ppm = question->text_answers[i]->credit_ppm;
        item->text_answers[i] = &texts[i];
    }
    return true;
}

static bool fill_matches(struct ql_call *call, const struct choices *choices, CompletedItem *item)
{
    item->matches = ql_arena_memdup(call->arena, choices->matches,
                                    choices->n_prompts * sizeof(choices->matches[0]));
    item->n_matches = choices->n_prompts;
    return item->matches != NULL;
}

static bool fill_key(struct ql_call *call, const struct drawn_question *drawn, CompletedItem *item)
{
    const Question *question = drawn->question;

    switch ((int)question->type) {
    case QUESTION_TYPE_SINGLE_CHOICE:
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        return fill_options(call, question, item);
    case QUESTION_TYPE_TRUE_FALSE:
        item->is_true = question->is_true;
        return true;
    case QUESTION_TYPE_NUMERIC:
        return fill_ranges(call, question, item);
    case QUESTION_TYPE_SHORT_TEXT:
        return fill_texts(call, question, item);
    case QUESTION_TYPE_ORDERING:
        item->order_count = (int32_t)drawn->choices.n_choices;
        return true;
    case QUESTION_TYPE_MATCHING:
        return fill_matches(call, &drawn->choices, item);
    default:
        return true;
    }
}

CompletedItem *completed_item_new(struct ql_call *call, const struct drawn_question *drawn,
                                  const Answer *answer)
{
    CompletedItem *item = ql_arena_alloc(call->arena, sizeof(*item));

    if (item == NULL)
        return NULL;
    CompletedItem_init(item);
    item->question_id = drawn->question->question_id;
    item->revision = drawn->question->revision;
    item->type = drawn->question->type;
    item->points = drawn_question_points(drawn);
    item->partial_credit = partial_credit(drawn->question);
    if (!fill_key(call, drawn, item))
        return NULL;
    if (answer_is_empty(answer))
        return item;
    item->answer = answer_to_author(call, drawn, answer);
    return item->answer == NULL ? NULL : item;
}
