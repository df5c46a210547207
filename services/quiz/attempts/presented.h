/* A question as its attempt shows it. */
#ifndef QL_QUIZ_ATTEMPTS_PRESENTED_H
#define QL_QUIZ_ATTEMPTS_PRESENTED_H

#include "services/quiz/attempts/drawn_question.h"

/* The question with its choices as shown, and nothing of its key: what follows from the key
 * (which options are right, the author's order, how many ranges there are, explanation,
 * feedback, title and source) is not in it. Its texts are the question's. In the call's
 * arena; NULL when that is full. */
PresentedQuestion *presented_new(struct ql_call *call, const struct drawn_question *drawn);

#endif
