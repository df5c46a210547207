/* A question of an attempt that has ended, with key and answer: what evaluation scores. */
#ifndef QL_QUIZ_ATTEMPTS_COMPLETED_H
#define QL_QUIZ_ATTEMPTS_COMPLETED_H

#include "services/quiz/attempts/drawn_question.h"

/* The item of QuizCompleted; the answer is in numbers as shown, or NULL, and becomes one in
 * the author's. Without feedback, which no score depends on. Its texts are the question's.
 * In the call's arena; NULL when that is full. */
CompletedItem *completed_item_new(struct ql_call *call, const struct drawn_question *drawn,
                                  const Answer *answer);

#endif
