/* The tables of published numbers. */
#include "platform/pb/validate/numbers.h"

#include "platform/base/attributes.h"

static const struct qli_rule_number number_rows[] = {
    {1, QLI_NUMBER, QL_RULE_CONST},   {2, QLI_NUMBER, QL_RULE_LT},  {3, QLI_NUMBER, QL_RULE_LTE},
    {4, QLI_NUMBER, QL_RULE_GT},      {5, QLI_NUMBER, QL_RULE_GTE}, {6, QLI_NUMBERS, QL_RULE_IN},
    {7, QLI_NUMBERS, QL_RULE_NOT_IN},
};
static const struct qli_rule_number text_rows[] = {
    {1, QLI_TEXT, QL_RULE_CONST},      {2, QLI_COUNT, QL_RULE_MIN_LEN},
    {3, QLI_COUNT, QL_RULE_MAX_LEN},   {4, QLI_COUNT, QL_RULE_MIN_BYTES},
    {5, QLI_COUNT, QL_RULE_MAX_BYTES}, {6, QLI_EXPRESSION, QL_RULE_PATTERN},
    {10, QLI_TEXTS, QL_RULE_IN},       {11, QLI_TEXTS, QL_RULE_NOT_IN},
    {19, QLI_COUNT, QL_RULE_LEN},      {22, QLI_FLAG, QL_RULE_UUID},
};
static const struct qli_rule_number enum_rows[] = {
    {1, QLI_NUMBER, QL_RULE_CONST},
    {2, QLI_FLAG, QL_RULE_DEFINED_ONLY},
    {3, QLI_NUMBERS, QL_RULE_IN},
    {4, QLI_NUMBERS, QL_RULE_NOT_IN},
};
static const struct qli_rule_number list_rows[] = {
    {1, QLI_COUNT, QL_RULE_MIN_ITEMS},
    {2, QLI_COUNT, QL_RULE_MAX_ITEMS},
    {3, QLI_FLAG, QL_RULE_UNIQUE},
    {4, QLI_ITEMS, QL_RULE_KINDS},
};
static const struct qli_rule_number map_rows[] = {
    {1, QLI_COUNT, QL_RULE_MIN_PAIRS},
    {2, QLI_COUNT, QL_RULE_MAX_PAIRS},
    {4, QLI_KEYS, QL_RULE_KINDS},
    {5, QLI_ITEMS, QL_RULE_KINDS},
};
static const struct qli_rule_number time_rows[] = {
    {3, QLI_TIME, QL_RULE_BEFORE},
    {4, QLI_TIME, QL_RULE_BEFORE_OR_AT},
    {5, QLI_TIME, QL_RULE_AFTER},
    {6, QLI_TIME, QL_RULE_AFTER_OR_AT},
};

#define TYPE(number, name, rows)                                                                   \
    {                                                                                              \
        number, name, rows, QL_ARRAY_LENGTH(rows)                                                  \
    }

static const struct qli_rules_type types[] = {
    TYPE(QLI_RULES_INT32, "Int32Rules", number_rows),
    TYPE(QLI_RULES_INT64, "Int64Rules", number_rows),
    TYPE(QLI_RULES_STRING, "StringRules", text_rows),
    TYPE(QLI_RULES_ENUM, "EnumRules", enum_rows),
    TYPE(QLI_RULES_REPEATED, "RepeatedRules", list_rows),
    TYPE(QLI_RULES_MAP, "MapRules", map_rows),
    TYPE(QLI_RULES_TIMESTAMP, "TimestampRules", time_rows),
};

const struct qli_rules_type *qli_rules_type(uint32_t number)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(types); i++)
        if (types[i].number == number)
            return &types[i];
    return NULL;
}

const struct qli_rule_number *qli_rule_number(const struct qli_rules_type *type, uint32_t number)
{
    for (size_t i = 0; i < type->n_rules; i++)
        if (type->rules[i].number == number)
            return &type->rules[i];
    return NULL;
}
