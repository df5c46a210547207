/* A question with its right answer, and what the player's answer earned. */
#ifndef QL_QUIZ_ATTEMPTS_REVIEW_H
#define QL_QUIZ_ATTEMPTS_REVIEW_H

#include "services/quiz/attempts/drawn_question.h"

/* The question for GetReview; the answer is in numbers as shown, or NULL. Its texts are the
 * question's or in the call's arena; NULL when that is full. */
ReviewedQuestion *review_question_new(struct ql_call *call, const struct drawn_question *drawn,
                                      const Answer *answer, int32_t millipoints);

#endif
