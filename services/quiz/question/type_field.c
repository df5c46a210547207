/* Fields of a question that only some types have. */
#include "services/quiz/question/type_field.h"

#include <stdio.h>
#include <string.h>

#include "platform/pb/schema/schema.h"

enum { FIELD_SIZE = 64 };

#define TYPE(name) (1u << QUESTION_TYPE_##name)
#define CHOICE     (TYPE(SINGLE_CHOICE) | TYPE(MULTIPLE_CHOICE))

static const struct type_field {
    const char *name;
    unsigned types; /* that have it */
} fields[] = {
    {"options", CHOICE},
    {"keep_order", CHOICE},
    {"is_true", TYPE(TRUE_FALSE)},
    {"right_feedback", TYPE(TRUE_FALSE)},
    {"wrong_feedback", TYPE(TRUE_FALSE) | TYPE(NUMERIC)},
    {"numeric_answers", TYPE(NUMERIC)},
    {"text_answers", TYPE(SHORT_TEXT)},
    {"case_sensitive", TYPE(SHORT_TEXT)},
    {"order_items", TYPE(ORDERING)},
    {"pairs", TYPE(MATCHING)},
    {"extra_matches", TYPE(MATCHING)},
    {"partial_credit", TYPE(MULTIPLE_CHOICE) | TYPE(ORDERING) | TYPE(MATCHING)},
};

bool type_is_known(Questline__Quiz__V1__QuestionType type)
{
    return type >= QUESTION_TYPE_SINGLE_CHOICE && type <= QUESTION_TYPE_MATCHING;
}

static bool is_empty(const Question *question, const ProtobufCFieldDescriptor *field)
{
    const void *member = (const char *)question + field->offset;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(const void *)((const char *)question + field->quantifier_offset) ==
               0;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return (*(const char *const *)member)[0] == '\0';
    return *(const int *)member == 0; /* a bool or an enum */
}

static enum ql_code violate_other_type(struct ql_call *call, const char *name)
{
    const struct ql_message *contract =
        ql_schema_message(ql_schema_embedded(), Question_descriptor.name);
    const struct ql_field *field = ql_message_field_by_name(contract, name, strlen(name));
    char path[FIELD_SIZE];

    snprintf(path, sizeof(path), "question.%s", field == NULL ? name : field->json_name);
    return ql_violate(call, path, "must be empty: it belongs to questions of another type");
}

enum ql_code type_field_check(struct ql_call *call, const Question *question)
{
    enum ql_code rc = QL_OK;

    for (size_t i = 0; type_is_known(question->type) && i < QL_ARRAY_LENGTH(fields); i++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(&Question_descriptor, fields[i].name);

        if ((fields[i].types & 1u << question->type) == 0 && !is_empty(question, field))
            rc = violate_other_type(call, fields[i].name);
    }
    return rc;
}
