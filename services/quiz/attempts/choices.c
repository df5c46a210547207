/* The choices of each type of question. */
#include "services/quiz/attempts/choices.h"

#include <string.h>

#include "platform/text/fold.h"

static void add_choice(struct choices *choices, const char *text)
{
    if (choices->n_choices < CHOICES_MAX)
        choices->texts[choices->n_choices++] = text;
}

/* The number of a match among those before it, or of the new one that it becomes. */
static enum ql_code add_match(struct ql_call *call, struct choices *choices,
                              const char *folds[CHOICES_MAX], const char *text, int32_t *ret_number)
{
    const char *fold = ql_text_fold(call->arena, text, false);
    size_t i = 0;

    if (fold == NULL)
        return ql_fail_memory(call);
    while (i < choices->n_choices && strcmp(folds[i], fold) != 0)
        i++;
    *ret_number = (int32_t)i + 1;
    if (i == choices->n_choices && i < CHOICES_MAX) {
        folds[i] = fold;
        add_choice(choices, text);
    }
    return QL_OK;
}

static enum ql_code read_matches(struct ql_call *call, const Question *question,
                                 struct choices *choices)
{
    const char *folds[CHOICES_MAX];
    int32_t number;
    enum ql_code rc;

    for (size_t i = 0; i < question->n_pairs && i < PROMPTS_MAX; i++) {
        rc = add_match(call, choices, folds, question->pairs[i]->match, &number);
        if (rc != QL_OK)
            return rc;
        choices->matches[choices->n_prompts++] = number;
    }
    for (size_t i = 0; i < question->n_extra_matches; i++) {
        rc = add_match(call, choices, folds, question->extra_matches[i], &number);
        if (rc != QL_OK)
            return rc;
    }
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
