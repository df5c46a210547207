/* The rules of a question. */
#ifndef QL_QUIZ_QUESTION_QUESTION_H
#define QL_QUIZ_QUESTION_QUESTION_H

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

/* Spells out what has a default: points, the text format, the partial credit of a type
 * that has one; ids in lower case. */
enum ql_code question_normalize(struct ql_call *call, Question *question) QL_MUST_CHECK;

/* Reports every violation of a question that is normalized: the rules of the contract,
 * fields that another type has, and the rules of its type. INVALID_ARGUMENT
 * (INVALID_FIELD); RESOURCE_EXHAUSTED. */
enum ql_code question_validate(struct ql_call *call, const Question *question) QL_MUST_CHECK;

#endif
