/* The published numbers of buf.validate: which rules the fields of a type can have, and how
 * each is written. */
#ifndef QLI_PB_VALIDATE_NUMBERS_H
#define QLI_PB_VALIDATE_NUMBERS_H

#include <stdint.h>

#include "platform/pb/validate/rule.h"

enum { /* of buf.validate.FieldRules */
       QLI_RULES_REQUIRED = 25,
       QLI_RULES_IGNORE = 27,
       QLI_RULES_INT32 = 3,
       QLI_RULES_INT64 = 4,
       QLI_RULES_STRING = 14,
       QLI_RULES_ENUM = 16,
       QLI_RULES_REPEATED = 18,
       QLI_RULES_MAP = 19,
       QLI_RULES_TIMESTAMP = 22,
};

enum qli_operand {
    QLI_COUNT,
    QLI_FLAG,
    QLI_NUMBER,
    QLI_NUMBERS,
    QLI_TEXT,
    QLI_TEXTS,
    QLI_TIME,
    QLI_EXPRESSION,
    QLI_KEYS,  /* rules of a map's keys */
    QLI_ITEMS, /* rules of elements, or of a map's values */
};

struct qli_rule_number {
    uint32_t number;
    enum qli_operand operand;
    enum ql_rule_kind kind;
};

/* The rules that a type can have, and what their message is called. */
struct qli_rules_type {
    uint32_t number; /* in FieldRules */
    const char *name;
    const struct qli_rule_number *rules;
    size_t n_rules;
};

/* The type behind a number of FieldRules; NULL: none that is supported. */
const struct qli_rules_type *qli_rules_type(uint32_t number);

/* The rule behind a number of the type's message; NULL: none that is supported. */
const struct qli_rule_number *qli_rule_number(const struct qli_rules_type *type, uint32_t number);

#endif
