/* pb <-> domain for conditions, and their JSON. */
#include "services/catalog/condition_pb.h"

#include <assert.h>

#include "platform/pb/message.h"

static_assert((int)CONDITION_EQUAL == (int)CONDITION_OPERATOR_EQUAL &&
                  (int)CONDITION_EXISTS == (int)CONDITION_OPERATOR_EXISTS,
              "the domain has the contract's numbers");

static void scalar_from_pb(const Google__Protobuf__Value *pb, struct condition_value *ret_value)
{
    *ret_value = (struct condition_value){.kind = CONDITION_VALUE_OTHER};
    if (pb == NULL)
        return;
    if (pb->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE) {
        ret_value->kind = CONDITION_VALUE_TEXT;
        ret_value->text = pb->string_value;
    } else if (pb->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE) {
        ret_value->kind = CONDITION_VALUE_NUMBER;
        ret_value->number = pb->number_value == 0 ? 0 : pb->number_value; /* no minus zero */
    } else if (pb->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE) {
        ret_value->kind = CONDITION_VALUE_TRUTH;
        ret_value->truth = pb->bool_value != 0;
    }
}

static enum ql_code value_from_pb(struct ql_call *call, const Google__Protobuf__Value *pb,
                                  struct condition_value *ret_value)
{
    const Google__Protobuf__ListValue *list;
    struct condition_value *items;

    scalar_from_pb(pb, ret_value);
    if (pb == NULL || pb->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE)
        return QL_OK;
    list = pb->list_value;
    ret_value->kind = CONDITION_VALUE_LIST;
    ret_value->n_items = list == NULL ? 0 : list->n_values;
    items = ql_arena_calloc(call->arena, ret_value->n_items + 1, sizeof(*items));
    if (items == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < ret_value->n_items; i++)
        scalar_from_pb(list->values[i], &items[i]);
    ret_value->items = items;
    return QL_OK;
}

enum ql_code conditions_from_pb(struct ql_call *call, Condition *const *pb, size_t n_conditions,
                                const struct condition **ret_conditions)
{
    struct condition *conditions =
        ql_arena_calloc(call->arena, n_conditions + 1, sizeof(*conditions));
    enum ql_code rc;

    if (conditions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_conditions; i++) {
        conditions[i].field = pb[i]->field;
        conditions[i].how = (enum condition_operator)pb[i]->operator_;
        rc = value_from_pb(call, pb[i]->value, &conditions[i].value);
        if (rc != QL_OK)
            return rc;
    }
    *ret_conditions = conditions;
    return QL_OK;
}

static Google__Protobuf__Value *value_to_pb(struct ql_call *call,
                                            const struct condition_value *value);

static Google__Protobuf__ListValue *list_to_pb(struct ql_call *call,
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
        list->values[list->n_values] = value_to_pb(call, &value->items[list->n_values]);
        if (list->values[list->n_values] == NULL)
            return NULL;
    }
    return list;
}

static Google__Protobuf__Value *value_to_pb(struct ql_call *call,
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
        pb->list_value = list_to_pb(call, value);
        if (pb->list_value == NULL)
            return NULL;
    }
    return pb;
}

Condition **conditions_to_pb(struct ql_call *call, const struct condition *conditions,
                             size_t n_conditions)
{
    Condition **pointers = ql_arena_calloc(call->arena, n_conditions + 1, sizeof(*pointers));
    Condition *pb = ql_arena_calloc(call->arena, n_conditions + 1, sizeof(*pb));

    if (pointers == NULL || pb == NULL)
        return NULL;
    for (size_t i = 0; i < n_conditions; i++) {
        Condition_init(&pb[i]);
        pb[i].field = (char *)conditions[i].field;
        pb[i].operator_ = (Questline__Catalog__V1__ConditionOperator)conditions[i].how;
        pb[i].value = value_to_pb(call, &conditions[i].value);
        if (pb[i].value == NULL)
            return NULL;
        pointers[i] = &pb[i];
    }
    return pointers;
}

enum ql_code conditions_to_json(struct ql_call *call, const struct condition *conditions,
                                size_t n_conditions, const char **ret_json)
{
    Condition **pb = conditions_to_pb(call, conditions, n_conditions);
    const char *json = "[";

    if (pb == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_conditions; i++) {
        uint8_t *bytes;
        size_t length;
        char *one;
        enum ql_code rc = ql_message_pack(call, pb[i], &bytes, &length);

        if (rc == QL_OK)
            rc = ql_message_to_json(call, Condition_descriptor.name, bytes, length, &one);
        if (rc != QL_OK)
            return rc;
        json = ql_arena_printf(call->arena, "%s%s%s", json, i == 0 ? "" : ",", one);
        if (json == NULL)
            return ql_fail_memory(call);
    }
    *ret_json = ql_arena_printf(call->arena, "%s]", json);
    return *ret_json == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code conditions_from_json(struct ql_call *call, const char *json,
                                  const struct condition **ret_conditions, size_t *ret_n_conditions)
{
    const char *text = ql_arena_printf(call->arena, "{\"conditions\":%s}", json);
    uint8_t *bytes;
    size_t length;
    Quest *quest;
    enum ql_code rc;

    if (text == NULL)
        return ql_fail_memory(call);
    rc = ql_message_from_json(call, Quest_descriptor.name, text, &bytes, &length);
    if (rc == QL_OK)
        rc = ql_message_unpack(call, &Quest_descriptor, bytes, length, &quest);
    if (rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "CONDITIONS_UNREADABLE",
                       "the stored conditions are no conditions");
    *ret_n_conditions = quest->n_conditions;
    return conditions_from_pb(call, quest->conditions, quest->n_conditions, ret_conditions);
}
