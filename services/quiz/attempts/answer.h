/* Answers to questions: their form, and the numbers in them. */
#ifndef QL_QUIZ_ATTEMPTS_ANSWER_H
#define QL_QUIZ_ATTEMPTS_ANSWER_H

#include "services/quiz/attempts/drawn_question.h"

/* True for none: neither choices nor text; NULL is none. */
bool answer_is_empty(const Answer *answer);

/* Whether it is an answer to the question, right or wrong; one that is empty is. Else
 * INVALID_ARGUMENT (INVALID_FIELD) names what is wrong with it behind path, the answer's:
 * "answer.choices[2]", "answer.text". Adds to the violations that the call has. */
enum ql_code answer_check(struct ql_call *call, const char *path,
                          const struct drawn_question *drawn, const Answer *answer) QL_MUST_CHECK;

/* The answer in the author's numbers, in the call's arena; NULL when that is full. Numbers
 * that are none become 0. */
Answer *answer_to_author(struct ql_call *call, const struct drawn_question *drawn,
                         const Answer *answer);

#endif
