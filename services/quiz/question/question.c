/* The rules that hold for questions of every type. */
#include "services/quiz/question/question.h"

#include "platform/base/text.h"
#include "platform/pb/validate/validator.h"
#include "services/quiz/question/right_answer.h"
#include "services/quiz/question/type_field.h"

static Questline__Quiz__V1__PartialCredit default_credit(Questline__Quiz__V1__QuestionType type)
{
    switch ((int)type) {
    case QUESTION_TYPE_MULTIPLE_CHOICE:
    case QUESTION_TYPE_ORDERING:
        return PARTIAL_CREDIT_RIGHT_MINUS_WRONG;
    case QUESTION_TYPE_MATCHING:
        return PARTIAL_CREDIT_PROPORTIONAL;
    default:
        return PARTIAL_CREDIT_UNSPECIFIED;
    }
}

enum ql_code question_normalize(struct ql_call *call, Question *question)
{
    if (question->question_id[0] != '\0') {
        char *lower = ql_arena_alloc(call->arena, QL_UUID_SIZE);

        if (lower == NULL)
            return ql_fail_memory(call);
        ql_uuid_copy(lower, question->question_id);
        question->question_id = lower;
    }
    if (question->points == 0)
        question->points = 1;
    if (question->text_format == TEXT_FORMAT_UNSPECIFIED)
        question->text_format = TEXT_FORMAT_PLAIN;
    if (question->partial_credit == PARTIAL_CREDIT_UNSPECIFIED)
        question->partial_credit = default_credit(question->type);
    return QL_OK;
}

enum ql_code question_validate(struct ql_call *call, const Question *question)
{
    enum ql_code rc = ql_validate(call, "question", &question->base);

    if (rc != QL_OK && rc != QL_INVALID_ARGUMENT)
        return rc;
    if (question->title[0] != '\0' && !ql_text_is_name(question->title))
        rc = ql_violate(call, "question.title",
                        "must not be only blanks nor have control characters");
    if (question->text[0] != '\0' && ql_text_is_blank(question->text))
        rc = ql_violate(call, "question.text", "must not be only blanks");
    if (!type_is_known(question->type))
        return rc;
    if (type_field_check(call, question) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    /* Lists that are too long for the contract are not looked at. */
    if (rc != QL_OK)
        return rc;
    return right_answer_check(call, question);
}
