/* The choices of each type of question. */
#include "services/quiz/attempts/choices.h"

#include "services/quiz/question/matching.h"

static void add_choice(struct choices *choices, const char *text)
{
    if (choices->n_choices < CHOICES_MAX)
        choices->texts[choices->n_choices++] = text;
}

/* Both limits are the contract's. */
static enum ql_code read_matches(struct ql_call *call, const Question *question,
                                 struct choices *choices)
{
    struct matching_choices matching;
    enum ql_code rc;

    rc = matching_choices_of(call, question, &matching);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < matching.n_texts; i++)
        add_choice(choices, matching.texts[i]);
    for (size_t i = 0; i < question->n_pairs && i < PROMPTS_MAX; i++)
        choices->matches[choices->n_prompts++] = (int32_t)matching.matches[i] + 1;
    return QL_OK;
}

enum ql_code choices_read(struct ql_call *call, const Question *question,
                          struct choices *ret_choices)
{
    *ret_choices = (struct choices){.n_choices = 0};
    switch ((int)question->type) {
    case QUESTION_TYPE_SINGLE_CHOICE:
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        for (size_t i = 0; i < question->n_options; i++)
            add_choice(ret_choices, question->options[i]->text);
        return QL_OK;
    case QUESTION_TYPE_TRUE_FALSE:
        add_choice(ret_choices, NULL);
        add_choice(ret_choices, NULL);
        return QL_OK;
    case QUESTION_TYPE_ORDERING:
        for (size_t i = 0; i < question->n_order_items; i++)
            add_choice(ret_choices, question->order_items[i]);
        return QL_OK;
    case QUESTION_TYPE_MATCHING:
        return read_matches(call, question, ret_choices);
    default:
        return QL_OK;
    }
}

bool choices_are_shuffled(const Question *question, bool shuffle_options)
{
    switch ((int)question->type) {
    case QUESTION_TYPE_ORDERING:
    case QUESTION_TYPE_MATCHING:
        return true;
    case QUESTION_TYPE_SINGLE_CHOICE:
    case QUESTION_TYPE_MULTIPLE_CHOICE:
        return shuffle_options && !question->keep_order;
    default:
        return false;
    }
}
