/* A condition of a quest: what must be true of an event's payload for the event
 * to count. Pure rules on the contract's message; no I/O. Processing evaluates events by
 * it. */
#ifndef QL_CATALOG_CONDITION_H
#define QL_CATALOG_CONDITION_H

#include <stddef.h>

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"

enum {
    CONDITION_TEXT_MAX = 200, /* characters of a value */
    CONDITION_ITEMS_MAX = 64, /* of a list */
    CONDITIONS_BYTES_MAX = 8 * 1024,
    CONDITION_ITEM_BYTES = 16, /* counted for each value beside its text */
};

/* Short names of the contract's generated ones. */
enum {
    VALUE_NUMBER = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE,
    VALUE_TEXT = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE,
    VALUE_TRUTH = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE,
    VALUE_LIST = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE,
};

/* Makes minus zero zero, in place. */
void conditions_normalize(Condition *const *conditions, size_t n_conditions);

/* Checks what depends on the operator, and all conditions together, which keep the rules
 * of the contract. Reports every violation, as "quest.conditions[2].value". */
enum ql_code conditions_validate(struct ql_call *call, Condition *const *conditions,
                                 size_t n_conditions) QL_MUST_CHECK;

#endif
