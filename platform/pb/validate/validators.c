/* Compiling the rules of generated types, each once. */
#include "platform/pb/validate/validators.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/member.h"
#include "platform/pb/validate/compiled.h"

enum { RULES_MAX_BYTES = 16 * 1024 * 1024 };

static const struct ql_field_rules no_rules;

/* A pattern whose memory is not the arena's. */
struct pattern_entry {
    struct ql_pattern *pattern;
    struct pattern_entry *next;
};

struct ql_validators {
    const struct ql_schema *schema;
    struct ql_arena *arena;
    pthread_mutex_t lock;
    struct ql_validator *all; /* the newest first */
    struct pattern_entry *patterns;
};

struct ql_validators *ql_validators_new(const struct ql_schema *schema)
{
    struct ql_validators *validators = calloc(1, sizeof(*validators));

    if (validators == NULL)
        return NULL;
    validators->schema = schema;
    validators->arena = ql_arena_new(RULES_MAX_BYTES);
    if (validators->arena == NULL || pthread_mutex_init(&validators->lock, NULL) != 0) {
        ql_arena_free(validators->arena);
        free(validators);
        return NULL;
    }
    return validators;
}

void ql_validators_free(struct ql_validators *validators)
{
    if (validators == NULL)
        return;
    for (struct pattern_entry *entry = validators->patterns; entry != NULL; entry = entry->next)
        ql_pattern_done(entry->pattern);
    pthread_mutex_destroy(&validators->lock);
    ql_arena_free(validators->arena);
    free(validators);
}

static struct ql_validators *embedded;

static void embedded_make(void)
{
    embedded = ql_validators_new(ql_schema_embedded());
    if (embedded == NULL)
        abort();
}

struct ql_validators *ql_validators_embedded(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, embedded_make);
    return embedded;
}

struct making {
    struct ql_validators *validators;
    char *error;
    size_t error_size;
};

static bool compile_fail(const struct making *making, const char *type, const char *problem)
{
    snprintf(making->error, making->error_size, "%s %s", type, problem);
    return false;
}

static struct ql_validator *validator_in_list(const struct ql_validators *validators,
                                              const ProtobufCMessageDescriptor *type)
{
    struct ql_validator *at = validators->all;

    while (at != NULL && at->type != type)
        at = at->next;
    return at;
}

static bool type_compile(const struct making *making, const ProtobufCMessageDescriptor *type,
                         struct ql_validator **ret_validator);

static const ProtobufCMessageDescriptor *inner_type(const struct ql_field *field,
                                                    const struct qli_checked *checked)
{
    const ProtobufCFieldDescriptor *member = field->is_map ? checked->value : checked->member;

    return member->type == PROTOBUF_C_TYPE_MESSAGE ? member->descriptor : NULL;
}

/* What JSON treats in its own way has rules as a whole only. */
static bool is_looked_into(const struct ql_field *field)
{
    const struct ql_message *message = field->message;

    if (field->is_map)
        message = ql_message_field_by_number(field->message, 2)->message;
    return message != NULL && message->well_known == QL_WELL_KNOWN_NONE;
}

static bool patterns_compile(struct ql_validators *validators, const struct ql_field_rules *rules)
{
    if (rules == NULL)
        return true;
    for (size_t i = 0; i < rules->n_rules; i++) {
        struct pattern_entry *entry;

        if (rules->rules[i].kind != QL_RULE_PATTERN)
            continue;
        entry = ql_arena_alloc(validators->arena, sizeof(*entry));
        if (entry == NULL || !ql_pattern_compile(rules->rules[i].pattern))
            return false;
        *entry = (struct pattern_entry){rules->rules[i].pattern, validators->patterns};
        validators->patterns = entry;
    }
    return patterns_compile(validators, rules->keys) && patterns_compile(validators, rules->items);
}

static bool field_compile(const struct making *making, const ProtobufCMessageDescriptor *type,
                          const struct ql_field *field, struct qli_checked *ret_checked)
{
    struct ql_arena *arena = making->validators->arena;
    struct ql_validator *inner = NULL;
    const ProtobufCMessageDescriptor *descriptor;

    *ret_checked = (struct qli_checked){.field = field, .rules = &no_rules};
    ret_checked->member = protobuf_c_message_descriptor_get_field(type, field->number);
    if (ret_checked->member == NULL)
        return compile_fail(making, type->name, "is another message in the generated code");
    ret_checked->element_size = qli_member_value_size(ret_checked->member);
    if (!ql_field_rules_read(arena, field, &ret_checked->rules, making->error, making->error_size))
        return false;
    if (!patterns_compile(making->validators, ret_checked->rules))
        return compile_fail(making, type->name, "has a pattern that regcomp does not take");
    if (ret_checked->rules == NULL)
        ret_checked->rules = &no_rules;
    if (field->is_map) {
        const ProtobufCMessageDescriptor *entry = ret_checked->member->descriptor;

        ret_checked->key = protobuf_c_message_descriptor_get_field(entry, 1);
        ret_checked->value = protobuf_c_message_descriptor_get_field(entry, 2);
    }
    descriptor = inner_type(field, ret_checked);
    if (descriptor != NULL && is_looked_into(field) &&
        ret_checked->rules->ignore != QL_IGNORE_ALWAYS && !type_compile(making, descriptor, &inner))
        return false;
    ret_checked->inner = inner;
    return true;
}

static bool oneofs_compile(const struct making *making, const struct ql_message *message,
                           struct ql_validator *validator)
{
    validator->oneofs =
        ql_arena_calloc(making->validators->arena, message->n_oneofs, sizeof(*validator->oneofs));
    if (validator->oneofs == NULL)
        return compile_fail(making, message->full_name, "has more rules than memory holds");
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];
        const ProtobufCFieldDescriptor *member =
            protobuf_c_message_descriptor_get_field(validator->type, field->number);
        bool is_first = i == 0 || message->fields[i - 1].oneof_index != field->oneof_index;

        if (field->oneof_index >= 0 && is_first && message->oneofs[field->oneof_index].is_required)
            validator->oneofs[validator->n_oneofs++] =
                (struct qli_checked_oneof){field->oneof_name, member->quantifier_offset};
    }
    return true;
}

static bool has_rules(const struct qli_checked *checked)
{
    const struct ql_field_rules *rules = checked->rules;

    if (rules->ignore == QL_IGNORE_ALWAYS)
        return checked->field->is_required;
    return rules->is_required || rules->n_rules > 0 || rules->keys != NULL || rules->items != NULL;
}

/* Types may hold themselves: one stands in the list before its fields are looked at. */
static bool type_compile(const struct making *making, const ProtobufCMessageDescriptor *type,
                         struct ql_validator **ret_validator)
{
    struct ql_validators *validators = making->validators;
    const struct ql_message *message = ql_schema_message(validators->schema, type->name);
    struct ql_validator *made;

    *ret_validator = validator_in_list(validators, type);
    if (*ret_validator != NULL)
        return true;
    if (message == NULL)
        return compile_fail(making, type->name, "is not in the contract");
    made = ql_arena_calloc(validators->arena, 1, sizeof(*made));
    if (made != NULL)
        made->fields = ql_arena_calloc(validators->arena, message->n_fields, sizeof(*made->fields));
    if (made == NULL || made->fields == NULL)
        return compile_fail(making, type->name, "has more rules than memory holds");
    made->type = type;
    made->next = validators->all;
    validators->all = *ret_validator = made;
    for (size_t i = 0; i < message->n_fields; i++) {
        struct qli_checked *checked = &made->fields[made->n_fields];

        if (!field_compile(making, type, &message->fields[i], checked))
            return false;
        made->is_needed = made->is_needed || has_rules(checked);
        made->n_fields += has_rules(checked) || checked->inner != NULL;
    }
    if (!oneofs_compile(making, message, made))
        return false;
    made->is_needed = made->is_needed || made->n_oneofs > 0;
    return true;
}

/* A message is needed when one in it is: repeated until nothing is new. Those behind
 * known were compiled before, and are being read by others. */
static void spread_need(struct ql_validator *made, const struct ql_validator *known)
{
    bool is_new = true;

    while (is_new) {
        is_new = false;
        for (struct ql_validator *at = made; at != known; at = at->next)
            for (size_t i = 0; i < at->n_fields && !at->is_needed; i++)
                if (at->fields[i].inner != NULL && at->fields[i].inner->is_needed)
                    at->is_needed = is_new = true;
    }
}

/* Fields that hold messages without rules are not looked into. */
static void drop_needless(struct ql_validator *made, const struct ql_validator *known)
{
    for (struct ql_validator *at = made; at != known; at = at->next) {
        size_t n = 0;

        for (size_t i = 0; i < at->n_fields; i++) {
            struct qli_checked checked = at->fields[i];

            if (checked.inner != NULL && !checked.inner->is_needed)
                checked.inner = NULL;
            if (has_rules(&checked) || checked.inner != NULL)
                at->fields[n++] = checked;
        }
        at->n_fields = n;
    }
}

bool ql_validator_find(struct ql_validators *validators, const ProtobufCMessageDescriptor *type,
                       const struct ql_validator **ret_validator, char *error, size_t error_size)
{
    struct making making = {validators, error, error_size};
    struct ql_validator *found, *known;
    bool is_made = true;

    pthread_mutex_lock(&validators->lock);
    known = validators->all;
    found = validator_in_list(validators, type);
    if (found == NULL) {
        is_made = type_compile(&making, type, &found);
        if (!is_made)
            validators->all = known;
        spread_need(validators->all, known);
        drop_needless(validators->all, known);
    }
    pthread_mutex_unlock(&validators->lock);
    *ret_validator = is_made && found->is_needed ? found : NULL;
    return is_made;
}
