/* Choices as shown, and as their author numbered them. */
#include "services/quiz/attempts/drawn_question.h"

enum ql_code drawn_question_make(struct ql_call *call, struct draw *draw, const Question *question,
                                 int32_t number, bool shuffle_options,
                                 struct drawn_question *ret_drawn)
{
    enum ql_code rc;

    *ret_drawn = (struct drawn_question){.number = number, .question = question};
    rc = choices_read(call, question, &ret_drawn->choices);
    if (rc != QL_OK)
        return rc;
    draw_choices(draw, ret_drawn->choices.n_choices,
                 choices_are_shuffled(question, shuffle_options), ret_drawn->order);
    return QL_OK;
}

int32_t drawn_question_to_author(const struct drawn_question *drawn, int32_t shown)
{
    if (shown < 1 || (size_t)shown > drawn->choices.n_choices)
        return 0;
    return drawn->order[shown - 1];
}

int32_t drawn_question_to_shown(const struct drawn_question *drawn, int32_t author)
{
    for (size_t i = 0; i < drawn->choices.n_choices; i++)
        if (drawn->order[i] == author)
            return (int32_t)i + 1;
    return 0;
}

int32_t drawn_question_points(const struct drawn_question *drawn)
{
    return drawn->question->points == 0 ? 1 : drawn->question->points;
}
