/* Walking a type, and a message of it, for fields that only services set. */
#include "platform/pb/schema/output_only.h"

#include <string.h>

#include "platform/pb/schema/member.h"
#include "platform/pb/schema/path.h"

enum { NESTING_MAX = 16 }; /* messages within messages; types may hold themselves */

static bool is_plain_message(const struct ql_field *field)
{
    return field->message != NULL && field->message->well_known == QL_WELL_KNOWN_NONE &&
           !field->is_map;
}

static bool is_in(const struct ql_message *message, unsigned depth_left)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (field->is_output_only)
            return true;
        if (depth_left > 0 && is_plain_message(field) && is_in(field->message, depth_left - 1))
            return true;
    }
    return false;
}

bool ql_output_only_is_in(const struct ql_message *message)
{
    return is_in(message, NESTING_MAX);
}

static void refuse_within(struct ql_call *call, const struct qli_path *path,
                          const struct ql_message *contract, const ProtobufCMessage *message,
                          unsigned depth_left);

static void refuse_inner(struct ql_call *call, const struct qli_path *path,
                         const struct ql_field *rule, const ProtobufCFieldDescriptor *field,
                         const ProtobufCMessage *message, unsigned depth_left)
{
    const char *value = (const char *)message + field->offset;
    ProtobufCMessage *const *messages;
    size_t n;

    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        refuse_within(call, path, rule->message, *(ProtobufCMessage *const *)value, depth_left);
        return;
    }
    messages = *(ProtobufCMessage *const *const *)value;
    n = *(const size_t *)((const char *)message + field->quantifier_offset);
    for (size_t i = 0; i < n; i++) {
        struct qli_path element = qli_path_element(path, i);

        refuse_within(call, &element, rule->message, messages[i], depth_left);
    }
}

static void refuse_within(struct ql_call *call, const struct qli_path *path,
                          const struct ql_message *contract, const ProtobufCMessage *message,
                          unsigned depth_left)
{
    for (size_t i = 0; i < contract->n_fields; i++) {
        const struct ql_field *rule = &contract->fields[i];
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(message->descriptor, rule->number);
        struct qli_path inner = qli_path_field(path, rule->json_name, strlen(rule->json_name));

        if (field == NULL || !qli_member_is_set(message, field))
            continue;
        if (rule->is_output_only)
            (void)ql_violate(call, qli_path_text(call->arena, "", &inner), "is set by the service");
        else if (depth_left > 0 && is_plain_message(rule))
            refuse_inner(call, &inner, rule, field, message, depth_left - 1);
    }
}

enum ql_code ql_output_only_refuse(struct ql_call *call, const struct ql_message *contract,
                                   const ProtobufCMessage *request)
{
    refuse_within(call, NULL, contract, request, NESTING_MAX);
    return call->status.code;
}
