/* Questions as a kind of resource (platform/resource/kind.h): revisions that are kept, and
 * announced to nobody. */
#ifndef QL_QUIZ_QUESTION_QUESTION_KIND_H
#define QL_QUIZ_QUESTION_QUESTION_KIND_H

#include "platform/resource/kind.h"

extern const struct ql_resource_kind question_kind;

#endif
