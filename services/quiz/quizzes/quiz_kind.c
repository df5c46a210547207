/* Quizzes as players see them, as a kind of resource. */
#include "services/quiz/quizzes/quiz_kind.h"

#include <string.h>

#include "platform/pb/wire/wire.h"
#include "services/quiz/quizzes/quiz.h"

#include "quiz_sql.h"

static enum ql_code check_fields(struct ql_call *call, const void *resource)
{
    return quiz_validate(call, resource);
}

static enum ql_code read_filter(struct ql_call *call, const void *request, void *ret_filter,
                                bool *ret_has_filter)
{
    const ListQuizzesRequest *list = request;

    (void)call;
    ((Quiz *)ret_filter)->category = list->category;
    *ret_has_filter = list->category[0] != '\0';
    return QL_OK;
}

static bool matches_filter(const void *filter, const void *resource)
{
    return strcmp(((const Quiz *)filter)->category, ((const Quiz *)resource)->category) == 0;
}

/* The category stands behind three texts. */
static bool matches_encoded(const void *filter, const void *bytes, size_t length)
{
    const unsigned number =
        protobuf_c_message_descriptor_get_field_by_name(&Quiz_descriptor, "category")->id;
    const char *category = ((const Quiz *)filter)->category;
    struct qli_wire wire = qli_wire_of(bytes, length);
    struct qli_wire_field field;

    while (qli_wire_next(&wire, 1, &field) == QLI_WIRE_FIELD)
        if (field.number == number)
            return strlen(category) == field.length &&
                   memcmp(category, field.data, field.length) == 0;
    return false;
}

const struct ql_resource_kind quiz_kind = {
    .name = "quiz",
    .not_found_reason = "QUIZ_NOT_FOUND",
    .archived_reason = "QUIZ_ARCHIVED",
    .type = &Quiz_descriptor,
    .changed = &QuizChanged_descriptor,
    .event_type = EVENT_QUIZ_CHANGED,
    .statements = {.put = &sql_quiz_put,
                   .get = &sql_quiz_get,
                   .get_revision = &sql_quiz_get_revision,
                   .list = &sql_quiz_list,
                   .list_open = &sql_quiz_list_open,
                   .list_matching = &sql_quiz_list_category},
    .check_fields = check_fields,
    .read_filter = read_filter,
    .matches_filter = matches_filter,
    .matches_encoded = matches_encoded,
};
