/* Showing a question. */
#include "services/quiz/attempts/presented.h"

/* TRUE_FALSE has no texts of its own: 1 is true and 2 is false in every language. */
static bool fill_choices(struct ql_call *call, const struct drawn_question *drawn,
                         PresentedQuestion *shown)
{
    const struct choices *choices = &drawn->choices;

    if (choices->n_choices == 0 || drawn->question->type == QUESTION_TYPE_TRUE_FALSE)
        return true;
    shown->choices = ql_arena_calloc(call->arena, choices->n_choices, sizeof(*shown->choices));
    if (shown->choices == NULL)
        return false;
    shown->n_choices = choices->n_choices;
    for (size_t i = 0; i < choices->n_choices; i++)
        shown->choices[i] = (char *)choices->texts[drawn->order[i] - 1];
    return true;
}

static bool fill_prompts(struct ql_call *call, const struct drawn_question *drawn,
                         PresentedQuestion *shown)
{
    size_t n_prompts = drawn->choices.n_prompts;

    if (n_prompts == 0)
        return true;
    shown->prompts = ql_arena_calloc(call->arena, n_prompts, sizeof(*shown->prompts));
    if (shown->prompts == NULL)
        return false;
    shown->n_prompts = n_prompts;
    for (size_t i = 0; i < n_prompts; i++)
        shown->prompts[i] = drawn->question->pairs[i]->prompt;
    return true;
}

PresentedQuestion *presented_new(struct ql_call *call, const struct drawn_question *drawn)
{
    PresentedQuestion *shown = ql_arena_alloc(call->arena, sizeof(*shown));
    const Question *question = drawn->question;

    if (shown == NULL)
        return NULL;
    PresentedQuestion_init(shown);
    shown->number = drawn->number;
    shown->question_id = question->question_id;
    shown->type = question->type;
    shown->text = question->text;
    shown->text_format = question->text_format == TEXT_FORMAT_UNSPECIFIED ? TEXT_FORMAT_PLAIN
                                                                          : question->text_format;
    shown->points = drawn_question_points(drawn);
    if (!fill_choices(call, drawn, shown) || !fill_prompts(call, drawn, shown))
        return NULL;
    return shown;
}
