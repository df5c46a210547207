/* The rules of a quiz: of what an administrator says of it, without its questions. */
#ifndef QL_QUIZ_QUIZZES_QUIZ_H
#define QL_QUIZ_QUIZZES_QUIZ_H

#include "platform/base/call.h"
#include "questline/quiz/v1/names.h"

enum { QUIZ_BOARD_POINTS_DEFAULT = 100 };

/* Spells out what has a default: grading, review and board points; times in whole
 * milliseconds, the id in lower case. */
enum ql_code quiz_normalize(struct ql_call *call, Quiz *quiz) QL_MUST_CHECK;

/* Reports every violation of a quiz that is normalized. INVALID_ARGUMENT (INVALID_FIELD). */
enum ql_code quiz_validate(struct ql_call *call, const Quiz *quiz) QL_MUST_CHECK;

/* Reports each field that differs and cannot, once the quiz was published: boards count by
 * it. INVALID_ARGUMENT (FIXED_AFTER_PUBLISH). */
enum ql_code quiz_check_fixed(struct ql_call *call, const Quiz *before,
                              const Quiz *after) QL_MUST_CHECK;

/* Whether two quizzes are the same in all that an administrator says of them. */
enum ql_code quiz_is_same(struct ql_call *call, const Quiz *one, const Quiz *other,
                          bool *ret_is_same) QL_MUST_CHECK;

#endif
