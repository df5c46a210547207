/* For the tests of conditions: conditions as initialisers, and messages made of them.
 * Included by tests only. */
#ifndef QL_CATALOG_CONDITION_FIXTURE_H
#define QL_CATALOG_CONDITION_FIXTURE_H

#include <stdbool.h>

#include "services/catalog/condition.h"

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
    const char *field; /* names joined by dots: "weapon.kind" */
    enum condition_operator operator_;
    struct condition_value value;
};

static inline Google__Protobuf__Value *test_value(struct ql_call *call,
                                                  const struct condition_value *value);

static inline Google__Protobuf__ListValue *test_list(struct ql_call *call,
                                                     const struct condition_value *value)
{
    Google__Protobuf__ListValue *list = ql_arena_alloc(call->arena, sizeof(*list));

    if (list == NULL)
        return NULL;
    google__protobuf__list_value__init(list);
    list->values = ql_arena_calloc(call->arena, value->n_items + 1, sizeof(*list->values));
    if (list->values == NULL)
        return NULL;
    for (; list->n_values < value->n_items; list->n_values++) {
        list->values[list->n_values] = test_value(call, &value->items[list->n_values]);
        if (list->values[list->n_values] == NULL)
            return NULL;
    }
    return list;
}

static inline Google__Protobuf__Value *test_value(struct ql_call *call,
                                                  const struct condition_value *value)
{
    Google__Protobuf__Value *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    google__protobuf__value__init(pb);
    if (value->kind == CONDITION_VALUE_TEXT) {
        pb->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
        pb->string_value = (char *)value->text;
    } else if (value->kind == CONDITION_VALUE_NUMBER) {
        pb->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
        pb->number_value = value->number;
    } else if (value->kind == CONDITION_VALUE_TRUTH) {
        pb->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE;
        pb->bool_value = value->truth;
    } else if (value->kind == CONDITION_VALUE_LIST) {
        pb->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE;
        pb->list_value = test_list(call, value);
        if (pb->list_value == NULL)
            return NULL;
    }
    return pb;
}

static inline Condition **test_conditions(struct ql_call *call, const struct condition *conditions,
                                          size_t n_conditions)
{
    Condition **pointers = ql_arena_calloc(call->arena, n_conditions + 1, sizeof(*pointers));
    Condition *pb = ql_arena_calloc(call->arena, n_conditions + 1, sizeof(*pb));

    if (pointers == NULL || pb == NULL)
        return NULL;
    for (size_t i = 0; i < n_conditions; i++) {
        Condition_init(&pb[i]);
        pb[i].field = (char *)conditions[i].field;
        pb[i].operator_ = (Questline__Catalog__V1__ConditionOperator)conditions[i].operator_;
        pb[i].value = test_value(call, &conditions[i].value);
        if (pb[i].value == NULL)
            return NULL;
        pointers[i] = &pb[i];
    }
    return pointers;
}

#endif
