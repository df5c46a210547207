/* Field masks over generated messages and the contract's field behaviors. */
#include "platform/pb/schema/update.h"

#include <string.h>

#include "platform/pb/schema/member.h"
#include "platform/pb/schema/schema.h"

enum { PATH_SHOWN_MAX = 80 };

static const struct ql_message *contract_of(const ProtobufCMessage *resource)
{
    return ql_schema_message(ql_schema_embedded(), resource->descriptor->name);
}

static const struct ql_field *rule_of(const struct ql_message *contract,
                                      const ProtobufCFieldDescriptor *field)
{
    return contract == NULL ? NULL : ql_message_field_by_number(contract, field->id);
}

static bool is_fixed(const struct ql_field *rule)
{
    return rule != NULL && (rule->is_output_only || rule->is_immutable);
}

static bool is_named(const struct ql_update *update, const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < update->n_fields; i++)
        if (update->fields[i] == field)
            return true;
    return false;
}

static void add_field(struct ql_update *update, const ProtobufCFieldDescriptor *field)
{
    if (!is_named(update, field) && update->n_fields < QL_UPDATE_FIELDS_MAX)
        update->fields[update->n_fields++] = field;
}

/* A path as JSON spells it, the way back from "event_types" to "eventTypes". */
static void path_spell(const char *path, char ret_text[PATH_SHOWN_MAX + 1])
{
    size_t n = 0;

    for (; *path != '\0' && n < PATH_SHOWN_MAX; path++) {
        if (path[0] == '_' && path[1] >= 'a' && path[1] <= 'z')
            ret_text[n++] = (char)(*++path - 'a' + 'A');
        else
            ret_text[n++] = *path;
    }
    ret_text[n] = '\0';
}

static enum ql_code add_paths(struct ql_call *call, const Google__Protobuf__FieldMask *mask,
                              const ProtobufCMessageDescriptor *type, struct ql_update *update)
{
    char text[PATH_SHOWN_MAX + 1];
    enum ql_code rc = QL_OK;

    for (size_t i = 0; i < mask->n_paths; i++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, mask->paths[i]);

        if (field != NULL) {
            add_field(update, field);
            continue;
        }
        path_spell(mask->paths[i], text);
        rc = ql_violate(call, "updateMask", "%s is no field that can be named", text);
    }
    return rc;
}

enum ql_code ql_update_read(struct ql_call *call, const Google__Protobuf__FieldMask *mask,
                            const ProtobufCMessage *wanted, struct ql_update *ret_update)
{
    const ProtobufCMessageDescriptor *type = wanted->descriptor;
    const struct ql_message *contract = contract_of(wanted);
    bool is_all = mask != NULL && mask->n_paths == 1 && strcmp(mask->paths[0], "*") == 0;

    ret_update->n_fields = 0;
    if (mask != NULL && mask->n_paths > 0 && !is_all)
        return add_paths(call, mask, type, ret_update);
    for (unsigned i = 0; i < type->n_fields; i++)
        if (is_all ? !is_fixed(rule_of(contract, &type->fields[i]))
                   : qli_member_is_set(wanted, &type->fields[i]))
            add_field(ret_update, &type->fields[i]);
    return QL_OK;
}

static enum ql_code check_fixed(struct ql_call *call, const char *name, const struct ql_field *rule,
                                const ProtobufCFieldDescriptor *field,
                                const ProtobufCMessage *wanted, const ProtobufCMessage *stored)
{
    const char *path;
    bool is_same;
    enum ql_code rc;

    rc = qli_member_compare(call, field, wanted, stored, &is_same);
    if (rc != QL_OK || is_same)
        return rc;
    path = ql_arena_printf(call->arena, "%s.%s", name, rule->json_name);
    if (path == NULL)
        return ql_fail_memory(call);
    return ql_violate(call, path, "%s",
                      rule->is_output_only ? "is set by the service and has another value"
                                           : "cannot be changed");
}

enum ql_code ql_update_apply(struct ql_call *call, const struct ql_update *update, const char *name,
                             const ProtobufCMessage *wanted, ProtobufCMessage *onto)
{
    const ProtobufCMessageDescriptor *type = wanted->descriptor;
    const struct ql_message *contract = contract_of(wanted);
    enum ql_code result = QL_OK;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const struct ql_field *rule = rule_of(contract, field);
        bool is_meant = is_named(update, field);
        enum ql_code rc = QL_OK;

        if (rule == NULL || strcmp(field->name, "etag") == 0)
            continue;
        if (is_fixed(rule) && (is_meant || qli_member_is_set(wanted, field)))
            rc = check_fixed(call, name, rule, field, wanted, onto);
        else if (is_meant)
            qli_member_copy(field, wanted, onto);
        if (rc != QL_OK && rc != QL_INVALID_ARGUMENT)
            return rc;
        result = rc != QL_OK ? rc : result;
    }
    return result;
}
