/* From rules to members of a schema. */
#include "tools/ql-openapi/limits.h"

#include <inttypes.h>
#include <stdio.h>

const struct ql_field_rules *openapi_rules(struct openapi *openapi, const struct ql_field *field,
                                           enum openapi_way way)
{
    const struct ql_field_rules *rules = NULL;
    char error[256]; /* the contract was checked */

    if (way == OPENAPI_IN &&
        !ql_field_rules_read(openapi->arena, field, &rules, error, sizeof(error)))
        openapi->is_full = true;
    return rules;
}

static void number_member(struct doc *doc, const char *key, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, number);
    doc_literal(doc, key, text);
}

static void enum_member(struct doc *doc, const struct ql_rule *rule)
{
    doc_open(doc, "enum", '[');
    for (size_t i = 0; i < rule->n_values; i++) {
        if (rule->values[i].text != NULL)
            doc_text(doc, NULL, rule->values[i].text);
        else
            number_member(doc, NULL, rule->values[i].number);
    }
    doc_close(doc, ']');
}

static bool is_wide(const struct ql_field *field)
{
    return field->type == QL_TYPE_INT64;
}

static void rule_member(struct doc *doc, const struct ql_field *field, const struct ql_rule *rule)
{
    static const char *const counts[QL_RULE_KINDS] = {
        [QL_RULE_MIN_LEN] = "minLength",       [QL_RULE_MAX_LEN] = "maxLength",
        [QL_RULE_MIN_ITEMS] = "minItems",      [QL_RULE_MAX_ITEMS] = "maxItems",
        [QL_RULE_MIN_PAIRS] = "minProperties", [QL_RULE_MAX_PAIRS] = "maxProperties",
    };
    static const char *const bounds[QL_RULE_KINDS] = {
        [QL_RULE_LT] = "exclusiveMaximum",
        [QL_RULE_LTE] = "maximum",
        [QL_RULE_GT] = "exclusiveMinimum",
        [QL_RULE_GTE] = "minimum",
    };

    if (counts[rule->kind] != NULL)
        number_member(doc, counts[rule->kind], (int64_t)rule->count);
    else if (bounds[rule->kind] != NULL && !is_wide(field))
        number_member(doc, bounds[rule->kind], rule->values->number);
    else if (rule->kind == QL_RULE_PATTERN)
        doc_text(doc, "pattern", ql_pattern_text(rule->pattern));
    else if (rule->kind == QL_RULE_UUID)
        doc_text(doc, "format", "uuid");
    else if (rule->kind == QL_RULE_UNIQUE)
        doc_literal(doc, "uniqueItems", "true");
    else if ((rule->kind == QL_RULE_IN || rule->kind == QL_RULE_CONST) &&
             field->enumeration == NULL && !is_wide(field))
        enum_member(doc, rule);
    if (rule->kind == QL_RULE_LEN) {
        number_member(doc, "minLength", (int64_t)rule->count);
        number_member(doc, "maxLength", (int64_t)rule->count);
    }
}

void openapi_limit_members(struct doc *doc, const struct ql_field *field,
                           const struct ql_field_rules *rules)
{
    bool is_text = field->type == QL_TYPE_STRING && !field->is_repeated;

    if (rules == NULL)
        return;
    if (rules->is_required && is_text && ql_field_rule(rules, QL_RULE_MIN_LEN) == NULL &&
        ql_field_rule(rules, QL_RULE_UUID) == NULL)
        number_member(doc, "minLength", 1);
    if (rules->is_required && field->is_repeated && ql_field_rule(rules, QL_RULE_MIN_ITEMS) == NULL)
        number_member(doc, field->is_map ? "minProperties" : "minItems", 1);
    for (size_t i = 0; i < rules->n_rules; i++)
        rule_member(doc, field, &rules->rules[i]);
}
