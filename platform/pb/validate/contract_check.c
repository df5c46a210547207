/* Looking at every field of a schema once. */
#include "platform/pb/validate/contract_check.h"

#include <stdio.h>
#include <string.h>

#include "platform/pb/schema/build.h"
#include "platform/pb/validate/rules.h"

enum { RULES_MAX_BYTES = 16 * 1024 * 1024 };

/* How the names of our own messages begin. */
static const char own_package[] = "questline.";

static bool fail(char *error, size_t error_size, const struct ql_message *message,
                 const struct ql_field *field, const char *problem)
{
    snprintf(error, error_size, "%s%s%s.%s %s",
             field->declared_at == NULL ? "" : field->declared_at,
             field->declared_at == NULL ? "" : ": ", message->full_name, field->name, problem);
    return false;
}

static bool field_check(struct ql_arena *arena, const struct ql_message *message,
                        const struct ql_field *field, char *error, size_t error_size)
{
    const struct ql_field_rules *rules;

    if (!ql_field_rules_read(arena, field, &rules, error, error_size))
        return false;
    if (strncmp(message->full_name, own_package, sizeof(own_package) - 1) != 0)
        return true;
    if (field->is_required &&
        (rules == NULL || (!rules->is_required && rules->ignore != QL_IGNORE_ALWAYS)))
        return fail(error, error_size, message, field, "is REQUIRED and has not the rule required");
    if (rules != NULL && rules->is_required && !field->is_required)
        return fail(error, error_size, message, field, "has the rule required and is not REQUIRED");
    return true;
}

/* Who asks for a page of all there is must not get it. */
static bool list_check(struct ql_arena *arena, const struct ql_message *request, char *error,
                       size_t error_size)
{
    const struct ql_field *size = ql_message_field_by_name(request, "page_size", 9);
    const struct ql_field_rules *rules;

    if (size == NULL || ql_message_field_by_name(request, "page_token", 10) == NULL)
        return true;
    if (!ql_field_rules_read(arena, size, &rules, error, error_size))
        return false;
    if (ql_field_rule(rules, QL_RULE_GTE) != NULL && ql_field_rule(rules, QL_RULE_LTE) != NULL)
        return true;
    return fail(error, error_size, request, size, "has no bounds");
}

bool ql_contract_check(const struct ql_schema *schema, char *error, size_t error_size)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(RULES_MAX_BYTES);
    const struct ql_method *methods;
    size_t n_methods;

    if (arena == NULL) {
        snprintf(error, error_size, "no memory for the rules");
        return false;
    }
    for (size_t i = 0; i < schema->n_messages; i++) {
        const struct ql_message *message = &schema->messages[i].message;

        for (size_t k = 0; k < message->n_fields; k++)
            if (!field_check(arena, message, &message->fields[k], error, error_size))
                return false;
    }
    methods = ql_schema_methods(schema, &n_methods);
    for (size_t i = 0; i < n_methods; i++)
        if (methods[i].domain[0] != '\0' && !list_check(arena, methods[i].input, error, error_size))
            return false;
    return true;
}
