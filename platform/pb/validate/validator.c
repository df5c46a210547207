/* Walking messages with their compiled rules. Where we are is kept on the stack, and
 * spelled only for what breaks a rule. */
#include "platform/pb/validate/validator.h"

#include <string.h>

#include "platform/pb/schema/member.h"
#include "platform/pb/schema/path.h"
#include "platform/pb/validate/check.h"
#include "platform/pb/validate/compiled.h"

enum { DESCRIPTION_MAX = 512 };

/* A message being checked: whose call, what stands in front of its paths, and whether a
 * rule was broken. */
struct checking {
    struct ql_call *call;
    const char *prefix;
    bool is_broken;
};

static void rule_violate(struct checking *checking, const struct qli_path *path,
                         const struct ql_rule *rule)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;
    struct ql_call *call = checking->call;

    ql_buffer_init(&text, DESCRIPTION_MAX);
    ql_rule_describe(rule, &text);
    (void)ql_violate_as(call, qli_path_text(call->arena, checking->prefix, path),
                        ql_rule_reason(rule->kind), "%.*s", (int)text.length,
                        text.length == 0 ? "" : (const char *)text.data);
    checking->is_broken = true;
}

static void required_violate(struct checking *checking, const struct qli_path *path)
{
    rule_violate(checking, path, &(const struct ql_rule){.kind = QL_RULE_REQUIRED});
}

static void check_message(struct checking *checking, const struct qli_path *path,
                          const struct ql_validator *validator, const ProtobufCMessage *message);

static bool rule_holds(const struct ql_rule *rule, const struct qli_value *value,
                       const struct ql_field *field, const struct qli_list *list)
{
    return list != NULL ? qli_list_rule_holds(rule, field, list) : qli_rule_holds(rule, value);
}

/* The first rule that is broken; NULL: none. Of a value, or of a list. */
static const struct ql_rule *find_broken(const struct ql_field_rules *rules,
                                         const struct qli_value *value,
                                         const struct ql_field *field, const struct qli_list *list)
{
    for (size_t i = 0; i < rules->n_rules; i++)
        if (!rule_holds(&rules->rules[i], value, field, list))
            return &rules->rules[i];
    return NULL;
}

/* One value: of a field, or an element, a key or a value. */
static void check_value(struct checking *checking, const struct qli_path *path,
                        const struct ql_field *field, const struct ql_field_rules *rules,
                        const struct ql_validator *inner, const void *bytes)
{
    const ProtobufCMessage *message;
    const struct ql_rule *broken;
    struct qli_value value;

    if (rules != NULL && rules->n_rules > 0) {
        value = qli_value_read(field, bytes);
        if (rules->ignore == QL_IGNORE_IF_ZERO_VALUE && qli_value_is_zero(&value))
            return;
        broken = find_broken(rules, &value, field, NULL);
        if (broken != NULL)
            rule_violate(checking, path, broken);
    }
    if (inner == NULL)
        return;
    message = *(const ProtobufCMessage *const *)bytes;
    if (message == NULL) /* an entry of a map without a value */
        required_violate(checking, path);
    else
        check_message(checking, path, inner, message);
}

static void check_elements(struct checking *checking, const struct qli_path *path,
                           const struct qli_checked *checked, const struct qli_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct qli_path element = qli_path_element(path, i);

        check_value(checking, &element, checked->field, checked->rules->items, checked->inner,
                    list->elements + i * list->element_size);
    }
}

/* Keys of maps are texts wherever rules look at them; other keys are not spelled. */
static void check_entries(struct checking *checking, const struct qli_path *path,
                          const struct qli_checked *checked, const struct qli_list *list)
{
    const struct ql_message *entry = checked->field->message;
    const struct ql_field *key = ql_message_field_by_number(entry, 1);
    const struct ql_field *value = ql_message_field_by_number(entry, 2);
    const ProtobufCMessage *const *entries = (const ProtobufCMessage *const *)list->elements;

    for (size_t i = 0; i < list->n; i++) {
        const char *bytes = (const char *)entries[i];
        const char *name =
            key->type == QL_TYPE_STRING ? *(char *const *)(bytes + checked->key->offset) : "";
        struct qli_path element = qli_path_key(path, name);

        check_value(checking, &element, key, checked->rules->keys, NULL,
                    bytes + checked->key->offset);
        check_value(checking, &element, value, checked->rules->items, checked->inner,
                    bytes + checked->value->offset);
    }
}

static void check_list(struct checking *checking, const struct qli_path *path,
                       const struct qli_checked *checked, const ProtobufCMessage *message)
{
    const struct ql_field_rules *rules = checked->rules;
    const char *bytes = (const char *)message;
    struct qli_list list = {
        .elements = *(const char *const *)(bytes + checked->member->offset),
        .n = *(const size_t *)(bytes + checked->member->quantifier_offset),
        .element_size = checked->element_size,
    };
    const struct ql_rule *broken = find_broken(rules, NULL, checked->field, &list);

    if (broken != NULL)
        rule_violate(checking, path, broken);
    if (broken != NULL && (broken->kind == QL_RULE_MAX_ITEMS || broken->kind == QL_RULE_MAX_PAIRS))
        return; /* what there is too much of is not looked at */
    if (checked->field->is_map)
        check_entries(checking, path, checked, &list);
    else if (rules->items != NULL || checked->inner != NULL)
        check_elements(checking, path, checked, &list);
}

static void field_check(struct checking *checking, const struct qli_path *path,
                        const struct qli_checked *checked, const ProtobufCMessage *message)
{
    const struct ql_field *field = checked->field;
    const struct ql_field_rules *rules = checked->rules;
    bool is_set = qli_member_is_set(message, checked->member);
    bool is_required = rules->ignore == QL_IGNORE_ALWAYS ? field->is_required : rules->is_required;

    if (is_required && !is_set)
        required_violate(checking, path);
    if (rules->ignore == QL_IGNORE_ALWAYS)
        return;
    if (!is_set && (is_required || field->has_presence || rules->ignore == QL_IGNORE_IF_ZERO_VALUE))
        return;
    if (field->is_repeated)
        check_list(checking, path, checked, message);
    else
        check_value(checking, path, field, rules, checked->inner,
                    (const char *)message + checked->member->offset);
}

static void check_message(struct checking *checking, const struct qli_path *path,
                          const struct ql_validator *validator, const ProtobufCMessage *message)
{
    for (size_t i = 0; i < validator->n_fields; i++) {
        const char *name = validator->fields[i].field->json_name;
        struct qli_path inner = qli_path_field(path, name, strlen(name));

        field_check(checking, &inner, &validator->fields[i], message);
    }
    for (size_t i = 0; i < validator->n_oneofs; i++) {
        const struct qli_checked_oneof *oneof = &validator->oneofs[i];
        struct qli_path inner = qli_path_field(path, oneof->name, strlen(oneof->name));

        if (*(const uint32_t *)((const char *)message + oneof->case_offset) == 0)
            required_violate(checking, &inner);
    }
}

enum ql_code ql_validator_check(struct ql_call *call, const struct ql_validator *validator,
                                const char *prefix, const ProtobufCMessage *message)
{
    struct checking checking = {.call = call, .prefix = prefix};

    if (validator != NULL)
        check_message(&checking, NULL, validator, message);
    return checking.is_broken ? QL_INVALID_ARGUMENT : QL_OK;
}

enum ql_code ql_validator_check_set(struct ql_call *call, const struct ql_validator *validator,
                                    const char *prefix, const struct ql_field *field,
                                    const ProtobufCMessage *message)
{
    struct checking checking = {.call = call, .prefix = prefix};
    struct qli_path path = qli_path_field(NULL, field->json_name, strlen(field->json_name));

    for (size_t i = 0; i < validator->n_fields; i++) {
        const struct qli_checked *checked = &validator->fields[i];

        if (checked->field != field)
            continue;
        if (!qli_member_is_set(message, checked->member))
            required_violate(&checking, &path);
        else
            field_check(&checking, &path, checked, message);
    }
    return checking.is_broken ? QL_INVALID_ARGUMENT : QL_OK;
}

enum ql_code ql_validate(struct ql_call *call, const char *prefix, const ProtobufCMessage *message)
{
    const struct ql_validator *validator;
    char error[256];

    if (!ql_validator_find(ql_validators_embedded(), message->descriptor, &validator, error,
                           sizeof(error)))
        return ql_fail(call, QL_INTERNAL, "RULES_BROKEN", "%s", error);
    return ql_validator_check(call, validator, prefix, message);
}

bool ql_field_takes_text(const ProtobufCMessageDescriptor *type, const char *field,
                         const char *text)
{
    const struct ql_validator *validator;
    char error[256];

    if (!ql_validator_find(ql_validators_embedded(), type, &validator, error, sizeof(error)))
        return false;
    for (size_t i = 0; validator != NULL && i < validator->n_fields; i++) {
        const struct qli_checked *checked = &validator->fields[i];
        struct qli_value value;

        if (strcmp(checked->field->name, field) != 0)
            continue;
        value = qli_value_read(checked->field, &text);
        if (qli_value_is_zero(&value) && checked->rules->is_required)
            return false;
        return find_broken(checked->rules, &value, checked->field, NULL) == NULL;
    }
    return true;
}
