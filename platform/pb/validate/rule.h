/* The rules of a field: what is compared, with what, and what a client learns when one
 * does not hold. The one table of rules and reasons is in rule.c. */
#ifndef QL_PB_VALIDATE_RULE_H
#define QL_PB_VALIDATE_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/base/buffer.h"
#include "platform/pb/validate/pattern.h"

enum ql_rule_kind {
    QL_RULE_REQUIRED = 0,
    QL_RULE_LEN, /* characters, as the next two */
    QL_RULE_MIN_LEN,
    QL_RULE_MAX_LEN,
    QL_RULE_MIN_BYTES,
    QL_RULE_MAX_BYTES,
    QL_RULE_PATTERN,
    QL_RULE_UUID,
    QL_RULE_CONST,
    QL_RULE_IN,
    QL_RULE_NOT_IN,
    QL_RULE_LT, /* numbers, as the next three */
    QL_RULE_LTE,
    QL_RULE_GT,
    QL_RULE_GTE,
    QL_RULE_BEFORE, /* times, as the next three: lt, lte, gt, gte */
    QL_RULE_BEFORE_OR_AT,
    QL_RULE_AFTER,
    QL_RULE_AFTER_OR_AT,
    QL_RULE_DEFINED_ONLY,
    QL_RULE_MIN_ITEMS,
    QL_RULE_MAX_ITEMS,
    QL_RULE_UNIQUE,
    QL_RULE_MIN_PAIRS,
    QL_RULE_MAX_PAIRS,
    QL_RULE_KINDS,
};

/* A number, an enum's too, a text or a time. */
struct ql_scalar {
    const char *text; /* NULL: no text */
    int64_t number;   /* of a time: seconds since 1970 */
    int32_t nanos;    /* of a time */
};

struct ql_rule {
    enum ql_rule_kind kind;
    uint64_t count;                 /* of the rules that count */
    struct ql_pattern *pattern;     /* of PATTERN; compiled by validators.c alone */
    const struct ql_scalar *values; /* of the rules that compare: one, of IN and NOT_IN any */
    size_t n_values;
};

enum ql_ignore { /* numbers of buf.validate.Ignore */
                 QL_IGNORE_UNSPECIFIED = 0,
                 QL_IGNORE_IF_ZERO_VALUE = 1,
                 /* Still, a field of (google.api.field_behavior) REQUIRED must be set. */
                 QL_IGNORE_ALWAYS = 3,
};

struct ql_field_rules {
    bool is_required;
    enum ql_ignore ignore;
    const struct ql_rule *rules;
    size_t n_rules;
    const struct ql_field_rules *keys;  /* of a map; NULL: none */
    const struct ql_field_rules *items; /* of a list; of a map: its values; NULL: none */
};

/* UPPER_SNAKE, stable, for clients: "TOO_SHORT". */
const char *ql_rule_reason(enum ql_rule_kind kind);

/* Appends what the rule asks for, for people: "must have at most 64 characters". */
void ql_rule_describe(const struct ql_rule *rule, struct ql_buffer *out);

/* The rule of a kind; NULL: none. rules may be NULL. */
const struct ql_rule *ql_field_rule(const struct ql_field_rules *rules, enum ql_rule_kind kind);

#endif
