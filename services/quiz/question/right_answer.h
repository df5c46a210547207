/* The right answer of a question: the rules of its type. */
#ifndef QL_QUIZ_QUESTION_RIGHT_ANSWER_H
#define QL_QUIZ_QUESTION_RIGHT_ANSWER_H

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

enum { CREDIT_FULL_PPM = 1000000 }; /* all points of the question */

/* Reports every violation of the rules of the question's type, which is known; the
 * question keeps those of the contract and is normalized. INVALID_ARGUMENT
 * (INVALID_FIELD); RESOURCE_EXHAUSTED. */
enum ql_code right_answer_check(struct ql_call *call, const Question *question) QL_MUST_CHECK;

#endif
