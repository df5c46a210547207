/* The table of rules and reasons. */
#include "platform/pb/validate/rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "platform/base/attributes.h"

/* How the operand is written: none, a count, the pattern, or values. */
enum operand { NONE, COUNT, PATTERN, VALUES, TIME };

static const struct row {
    const char *reason;
    const char *text; /* %s: the operand */
    enum operand operand;
} rows[] = {
    [QL_RULE_REQUIRED] = {"REQUIRED", "is required", NONE},
    [QL_RULE_LEN] = {"WRONG_LENGTH", "must have %s characters", COUNT},
    [QL_RULE_MIN_LEN] = {"TOO_SHORT", "must have at least %s characters", COUNT},
    [QL_RULE_MAX_LEN] = {"TOO_LONG", "must have at most %s characters", COUNT},
    [QL_RULE_MIN_BYTES] = {"TOO_SHORT", "must have at least %s bytes", COUNT},
    [QL_RULE_MAX_BYTES] = {"TOO_LONG", "must have at most %s bytes", COUNT},
    [QL_RULE_PATTERN] = {"WRONG_FORMAT", "must match %s", PATTERN},
    [QL_RULE_UUID] = {"NOT_A_UUID", "must be a UUID", NONE},
    [QL_RULE_CONST] = {"VALUE_NOT_ALLOWED", "must be %s", VALUES},
    [QL_RULE_IN] = {"VALUE_NOT_ALLOWED", "must be one of %s", VALUES},
    [QL_RULE_NOT_IN] = {"VALUE_NOT_ALLOWED", "must be none of %s", VALUES},
    [QL_RULE_LT] = {"TOO_LARGE", "must be less than %s", VALUES},
    [QL_RULE_LTE] = {"TOO_LARGE", "must be at most %s", VALUES},
    [QL_RULE_GT] = {"TOO_SMALL", "must be more than %s", VALUES},
    [QL_RULE_GTE] = {"TOO_SMALL", "must be at least %s", VALUES},
    [QL_RULE_BEFORE] = {"TOO_LATE", "must be before %s", TIME},
    [QL_RULE_BEFORE_OR_AT] = {"TOO_LATE", "must not be after %s", TIME},
    [QL_RULE_AFTER] = {"TOO_EARLY", "must be after %s", TIME},
    [QL_RULE_AFTER_OR_AT] = {"TOO_EARLY", "must not be before %s", TIME},
    [QL_RULE_DEFINED_ONLY] = {"UNKNOWN_VALUE", "must be one of its enum's values", NONE},
    [QL_RULE_MIN_ITEMS] = {"TOO_FEW_ITEMS", "must have at least %s elements", COUNT},
    [QL_RULE_MAX_ITEMS] = {"TOO_MANY_ITEMS", "must have at most %s elements", COUNT},
    [QL_RULE_UNIQUE] = {"NOT_UNIQUE", "must not have an element twice", NONE},
    [QL_RULE_MIN_PAIRS] = {"TOO_FEW_ITEMS", "must have at least %s entries", COUNT},
    [QL_RULE_MAX_PAIRS] = {"TOO_MANY_ITEMS", "must have at most %s entries", COUNT},
};

_Static_assert(QL_ARRAY_LENGTH(rows) == QL_RULE_KINDS, "a row for each rule");

const char *ql_rule_reason(enum ql_rule_kind kind)
{
    return rows[kind].reason;
}

static void append_text(struct ql_buffer *out, const char *text)
{
    ql_buffer_append(out, text, strlen(text));
}

static void append_time(struct ql_buffer *out, const struct ql_scalar *value)
{
    time_t seconds = (time_t)value->number;
    struct tm tm;
    char text[40];

    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return;
    append_text(out, text);
    if (value->nanos != 0) {
        snprintf(text, sizeof(text), ".%09" PRId32, value->nanos);
        append_text(out, text);
    }
    append_text(out, "Z");
}

static void append_values(const struct ql_rule *rule, struct ql_buffer *out)
{
    char text[24];

    for (size_t i = 0; i < rule->n_values; i++) {
        const struct ql_scalar *value = &rule->values[i];

        if (i > 0)
            append_text(out, ", ");
        if (value->text != NULL) {
            ql_buffer_append_json_string(out, value->text, strlen(value->text));
            continue;
        }
        snprintf(text, sizeof(text), "%" PRId64, value->number);
        append_text(out, text);
    }
}

static void append_operand(const struct ql_rule *rule, struct ql_buffer *out)
{
    char text[24];

    switch (rows[rule->kind].operand) {
    case NONE:
        break;
    case COUNT:
        snprintf(text, sizeof(text), "%" PRIu64, rule->count);
        append_text(out, text);
        break;
    case PATTERN:
        append_text(out, ql_pattern_text(rule->pattern));
        break;
    case VALUES:
        append_values(rule, out);
        break;
    case TIME:
        append_time(out, rule->values);
        break;
    }
}

void ql_rule_describe(const struct ql_rule *rule, struct ql_buffer *out)
{
    const char *text = rows[rule->kind].text, *gap = strstr(text, "%s");

    if (gap == NULL) {
        append_text(out, text);
        return;
    }
    ql_buffer_append(out, text, (size_t)(gap - text));
    append_operand(rule, out);
    append_text(out, gap + 2);
}

const struct ql_rule *ql_field_rule(const struct ql_field_rules *rules, enum ql_rule_kind kind)
{
    for (size_t i = 0; rules != NULL && i < rules->n_rules; i++)
        if (rules->rules[i].kind == kind)
            return &rules->rules[i];
    return NULL;
}
