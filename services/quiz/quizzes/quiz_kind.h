/* Quizzes as players see them, as a kind of resource (platform/resource/kind.h): a revision
 * is made by each publication and by archiving, and announced as QuizChanged. */
#ifndef QL_QUIZ_QUIZZES_QUIZ_KIND_H
#define QL_QUIZ_QUIZZES_QUIZ_KIND_H

#include "platform/resource/kind.h"

extern const struct ql_resource_kind quiz_kind;

#endif
