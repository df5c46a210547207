/* Questions as a kind of resource. */
#include "services/quiz/question/question_kind.h"

#include "services/quiz/question/question.h"

#include "question_sql.h"

static enum ql_code normalize(struct ql_call *call, void *resource)
{
    return question_normalize(call, resource);
}

static enum ql_code check_fields(struct ql_call *call, const void *resource)
{
    return question_validate(call, resource);
}

const struct ql_resource_kind question_kind = {
    .name = "question",
    .not_found_reason = "QUESTION_NOT_FOUND",
    .archived_reason = "QUESTION_ARCHIVED",
    .type = &Question_descriptor,
    .statements = {.put = &sql_question_put,
                   .get = &sql_question_get,
                   .lock = &sql_question_lock,
                   .get_revision = &sql_question_get_revision},
    .normalize = normalize,
    .check_fields = check_fields,
};
