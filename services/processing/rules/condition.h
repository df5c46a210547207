/* What must be true of an event's payload: the conditions of a quest. Pure. */
#ifndef QL_PROCESSING_RULES_CONDITION_H
#define QL_PROCESSING_RULES_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/pb/json/value.h"

enum condition_operator {
    CONDITION_NEVER = 0, /* what we do not understand is never true */
    CONDITION_EQUAL,
    CONDITION_NOT_EQUAL,
    CONDITION_LESS,
    CONDITION_LESS_OR_EQUAL,
    CONDITION_GREATER,
    CONDITION_GREATER_OR_EQUAL,
    CONDITION_ONE_OF,
    CONDITION_EXISTS,
};

struct condition_value {
    enum ql_json_kind kind; /* QL_JSON_BOOL, QL_JSON_NUMBER or QL_JSON_TEXT */
    bool truth;
    double number;
    const char *text;
};

struct condition {
    const char *field; /* path, its names joined by dots */
    enum condition_operator operator;
    const struct condition_value *values; /* one, or those of the list */
    size_t n_values;
};

/* True when the payload, NULL for an empty one, meets the condition.
 *
 * Numbers compare as doubles. A text that is written as proto3 JSON writes
 * 64-bit integers ("42", "-7", within their range) is that number too where a
 * number is compared with; texts compare byte by byte. A field that is missing,
 * null or of another kind meets NOT_EQUAL, and EXISTS as far as it is there. */
bool condition_holds(const struct condition *condition, const struct ql_json_value *payload);

#endif
