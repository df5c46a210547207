/* Fields of a question that only some types have. */
#ifndef QL_QUIZ_QUESTION_TYPE_FIELD_H
#define QL_QUIZ_QUESTION_TYPE_FIELD_H

#include <stdbool.h>

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

/* One of the seven types. */
bool type_is_known(Questline__Quiz__V1__QuestionType type);

/* Reports each field that is not empty and belongs to other types than the question's.
 * INVALID_ARGUMENT (INVALID_FIELD); OK for an unknown type. */
enum ql_code type_field_check(struct ql_call *call, const Question *question) QL_MUST_CHECK;

#endif
