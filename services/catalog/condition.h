/* A condition of a quest: what must be true of an event's payload for the event
 * to count. Pure rules; no I/O. Judging events by it is processing's. */
#ifndef QL_CATALOG_CONDITION_H
#define QL_CATALOG_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"

enum {
    CONDITIONS_MAX = 16,
    CONDITION_FIELD_MAX = 200, /* characters */
    CONDITION_TEXT_MAX = 200,  /* characters of a value */
    CONDITION_ITEMS_MAX = 64,  /* of a list */
    CONDITIONS_BYTES_MAX = 8 * 1024,
    CONDITION_ITEM_BYTES = 16, /* counted for each value beside its text */
};

/* The contract's numbers. */
enum condition_operator {
    CONDITION_EQUAL = 1,
    CONDITION_NOT_EQUAL,
    CONDITION_LESS,
    CONDITION_LESS_OR_EQUAL,
    CONDITION_GREATER,
    CONDITION_GREATER_OR_EQUAL,
    CONDITION_ONE_OF,
    CONDITION_EXISTS,
};

enum condition_kind {
    CONDITION_VALUE_OTHER = 0, /* missing, null or an object: never valid */
    CONDITION_VALUE_TEXT,
    CONDITION_VALUE_NUMBER,
    CONDITION_VALUE_TRUTH,
    CONDITION_VALUE_LIST,
};

struct condition_value {
    enum condition_kind kind;
    const char *text;
    double number;
    bool truth;
    const struct condition_value *items;
    size_t n_items;
};

struct condition {
    const char *field;           /* names joined by dots: "weapon.kind" */
    enum condition_operator how; /* any number before it was checked */
    struct condition_value value;
};

/* Reports every violation, as "quest.conditions[2].value". */
enum ql_code conditions_validate(struct ql_call *call, const struct condition *conditions,
                                 size_t n_conditions) QL_MUST_CHECK;

#endif
