/* A question of an attempt: what the draw made of it. */
#ifndef QL_QUIZ_ATTEMPTS_DRAWN_QUESTION_H
#define QL_QUIZ_ATTEMPTS_DRAWN_QUESTION_H

#include "services/quiz/attempts/choices.h"
#include "services/quiz/attempts/draw.h"

struct drawn_question {
    int32_t number; /* 1 for the first of the attempt */
    const Question *question;
    struct choices choices;
    int32_t order[CHOICES_MAX]; /* for each choice as shown its number in the author's order */
};

/* Draws the order in which a question's choices are shown; the questions of an attempt take
 * their turns in the order shown. RESOURCE_EXHAUSTED. */
enum ql_code drawn_question_make(struct ql_call *call, struct draw *draw, const Question *question,
                                 int32_t number, bool shuffle_options,
                                 struct drawn_question *ret_drawn) QL_MUST_CHECK;

/* The number in the author's order of a choice as shown, and the other way round; 0 for any
 * other number, such as 0, which stands for none. */
int32_t drawn_question_to_author(const struct drawn_question *drawn, int32_t shown);
int32_t drawn_question_to_shown(const struct drawn_question *drawn, int32_t author);

/* What the right answer earns, in points. */
int32_t drawn_question_points(const struct drawn_question *drawn);

#endif
