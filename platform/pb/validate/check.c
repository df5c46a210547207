/* Comparing values with rules; nothing is allocated. */
#include "platform/pb/validate/check.h"

#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "platform/base/id.h"

static void text_measure(struct qli_value *value)
{
    const char *c = value->scalar.text;

    for (; *c != '\0'; c++)
        value->n_characters += ((unsigned char)*c & 0xc0) != 0x80; /* no continuation byte */
    value->n_bytes = (size_t)(c - value->scalar.text);
}

struct qli_value qli_value_read(const struct ql_field *field, const void *bytes)
{
    struct qli_value value = {.enumeration = field->enumeration};

    switch (field->type) {
    case QL_TYPE_STRING:
        value.scalar.text = *(char *const *)bytes;
        text_measure(&value);
        break;
    case QL_TYPE_BOOL:
        value.scalar.number = *(const protobuf_c_boolean *)bytes;
        break;
    case QL_TYPE_INT32:
    case QL_TYPE_SINT32:
    case QL_TYPE_SFIXED32:
    case QL_TYPE_ENUM:
        value.scalar.number = *(const int32_t *)bytes;
        break;
    case QL_TYPE_INT64:
    case QL_TYPE_SINT64:
    case QL_TYPE_SFIXED64:
        value.scalar.number = *(const int64_t *)bytes;
        break;
    case QL_TYPE_MESSAGE:
        if (field->message->well_known == QL_WELL_KNOWN_TIMESTAMP) {
            const Google__Protobuf__Timestamp *time =
                *(const Google__Protobuf__Timestamp *const *)bytes;

            value.scalar.number = time == NULL ? 0 : time->seconds;
            value.scalar.nanos = time == NULL ? 0 : time->nanos;
        }
        break;
    default: /* a type that has no rules of its own */
        break;
    }
    return value;
}

bool qli_value_is_zero(const struct qli_value *value)
{
    return value->n_bytes == 0 && value->scalar.number == 0 && value->scalar.nanos == 0;
}

/* As strcmp has it. */
static int scalar_compare(const struct ql_scalar *a, const struct ql_scalar *b)
{
    if (a->text != NULL)
        return strcmp(a->text, b->text);
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->nanos < b->nanos ? -1 : a->nanos > b->nanos;
}

static bool is_among(const struct ql_rule *rule, const struct ql_scalar *value)
{
    for (size_t i = 0; i < rule->n_values; i++)
        if (scalar_compare(value, &rule->values[i]) == 0)
            return true;
    return false;
}

bool qli_rule_holds(const struct ql_rule *rule, const struct qli_value *value)
{
    const struct ql_scalar *scalar = &value->scalar;

    switch (rule->kind) {
    case QL_RULE_LEN:
        return value->n_characters == rule->count;
    case QL_RULE_MIN_LEN:
        return value->n_characters >= rule->count;
    case QL_RULE_MAX_LEN:
        return value->n_characters <= rule->count;
    case QL_RULE_MIN_BYTES:
        return value->n_bytes >= rule->count;
    case QL_RULE_MAX_BYTES:
        return value->n_bytes <= rule->count;
    case QL_RULE_PATTERN:
        return ql_pattern_matches(rule->pattern, scalar->text);
    case QL_RULE_UUID:
        return ql_uuid_is_valid(scalar->text);
    case QL_RULE_CONST:
    case QL_RULE_IN:
        return is_among(rule, scalar);
    case QL_RULE_NOT_IN:
        return !is_among(rule, scalar);
    case QL_RULE_LT:
    case QL_RULE_BEFORE:
        return scalar_compare(scalar, rule->values) < 0;
    case QL_RULE_LTE:
    case QL_RULE_BEFORE_OR_AT:
        return scalar_compare(scalar, rule->values) <= 0;
    case QL_RULE_GT:
    case QL_RULE_AFTER:
        return scalar_compare(scalar, rule->values) > 0;
    case QL_RULE_GTE:
    case QL_RULE_AFTER_OR_AT:
        return scalar_compare(scalar, rule->values) >= 0;
    case QL_RULE_DEFINED_ONLY:
        return ql_enum_by_number(value->enumeration, (int32_t)scalar->number) != NULL;
    default: /* of lists and maps, or of whether there is a value at all */
        return true;
    }
}

/* Of the few elements that a list with this rule can have. */
static bool is_unique(const struct ql_field *field, const struct qli_list *list)
{
    for (size_t i = 1; i < list->n; i++) {
        struct qli_value one = qli_value_read(field, list->elements + i * list->element_size);

        for (size_t j = 0; j < i; j++) {
            struct qli_value other = qli_value_read(field, list->elements + j * list->element_size);

            if (scalar_compare(&one.scalar, &other.scalar) == 0)
                return false;
        }
    }
    return true;
}

bool qli_list_rule_holds(const struct ql_rule *rule, const struct ql_field *field,
                         const struct qli_list *list)
{
    switch (rule->kind) {
    case QL_RULE_MIN_ITEMS:
    case QL_RULE_MIN_PAIRS:
        return list->n >= rule->count;
    case QL_RULE_MAX_ITEMS:
    case QL_RULE_MAX_PAIRS:
        return list->n <= rule->count;
    case QL_RULE_UNIQUE:
        return is_unique(field, list);
    default:
        return true;
    }
}
