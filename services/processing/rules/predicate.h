/* What must be true of an event's payload: the conditions of a quest. Pure. */
#ifndef QL_PROCESSING_RULES_PREDICATE_H
#define QL_PROCESSING_RULES_PREDICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/pb/json/value.h"

enum predicate_operator {
    PREDICATE_NEVER = 0, /* what we do not understand is never true */
    PREDICATE_EQUAL,
    PREDICATE_NOT_EQUAL,
    PREDICATE_LESS,
    PREDICATE_LESS_OR_EQUAL,
    PREDICATE_GREATER,
    PREDICATE_GREATER_OR_EQUAL,
    PREDICATE_ONE_OF,
    PREDICATE_EXISTS,
};

struct predicate_value {
    enum ql_json_kind kind; /* QL_JSON_BOOL, QL_JSON_NUMBER or QL_JSON_TEXT */
    bool truth;
    double number;
    const char *text;
};

struct predicate {
    const char *field; /* path, its names joined by dots */
    enum predicate_operator operator_;
    const struct predicate_value *values; /* one, or those of the list */
    size_t n_values;
};

/* True when the payload, NULL for an empty one, meets the condition.
 *
 * Numbers compare as doubles. A text that is written as proto3 JSON writes
 * 64-bit integers ("42", "-7", within their range) is that number too where a
 * number is compared with; texts compare byte by byte. A field that is missing,
 * null or of another kind meets NOT_EQUAL, and EXISTS as far as it is there. */
bool predicate_holds(const struct predicate *predicate, const struct ql_json_value *payload);

#endif
