/* From the contract's Quest to a definition. A quest decides about everybody's
 * progress, so its limits are checked again, whoever sent it. */
#include "services/processing/rules/definition_pb.h"

#include <string.h>

#include "platform/pb/wire/timestamp.h"

static enum ql_code refuse_quest(struct ql_call *call, const char *field)
{
    return ql_fail(call, QL_INVALID_ARGUMENT, "INVALID_QUEST", "quest.%s is outside its limits",
                   field);
}

static bool is_number(int32_t number)
{
    return number >= 1 && number <= DEFINITION_NUMBER_MAX;
}

static bool are_event_types(char *const *types, size_t n_types)
{
    if (n_types < 1 || n_types > DEFINITION_EVENT_TYPES_MAX)
        return false;
    for (size_t i = 0; i < n_types; i++)
        if (types[i][0] == '\0' || strlen(types[i]) >= DEFINITION_EVENT_TYPE_SIZE)
            return false;
    return true;
}

static void value_from_pb(const Google__Protobuf__Value *pb, struct predicate_value *ret_value)
{
    *ret_value = (struct predicate_value){.kind = QL_JSON_NULL};
    switch (pb->kind_case) {
    case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
        ret_value->kind = QL_JSON_NUMBER;
        ret_value->number = pb->number_value;
        break;
    case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
        ret_value->kind = QL_JSON_TEXT;
        ret_value->text = pb->string_value;
        break;
    case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
        ret_value->kind = QL_JSON_BOOL;
        ret_value->truth = pb->bool_value;
        break;
    default:
        break;
    }
}

static enum predicate_operator operator_from_pb(const Condition *pb)
{
    switch ((int)pb->operator_) {
    case CONDITION_OPERATOR_EQUAL:
        return PREDICATE_EQUAL;
    case CONDITION_OPERATOR_NOT_EQUAL:
        return PREDICATE_NOT_EQUAL;
    case CONDITION_OPERATOR_LESS:
        return PREDICATE_LESS;
    case CONDITION_OPERATOR_LESS_OR_EQUAL:
        return PREDICATE_LESS_OR_EQUAL;
    case CONDITION_OPERATOR_GREATER:
        return PREDICATE_GREATER;
    case CONDITION_OPERATOR_GREATER_OR_EQUAL:
        return PREDICATE_GREATER_OR_EQUAL;
    case CONDITION_OPERATOR_ONE_OF:
        return PREDICATE_ONE_OF;
    case CONDITION_OPERATOR_EXISTS:
        return PREDICATE_EXISTS;
    default:
        return PREDICATE_NEVER;
    }
}

/* A value that the operator has no use for makes the condition never true. */
static bool fits_operator(enum predicate_operator operator_, const struct predicate_value *value)
{
    if (operator_ == PREDICATE_EXISTS)
        return value->kind == QL_JSON_BOOL;
    return value->kind != QL_JSON_NULL;
}

static enum ql_code condition_from_pb(struct ql_call *call, const Condition *pb,
                                      struct predicate *ret_condition)
{
    enum predicate_operator operator_ = operator_from_pb(pb);
    bool is_list =
        pb->value != NULL && pb->value->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE;
    size_t n_values = is_list ? pb->value->list_value->n_values : 1;
    struct predicate_value *values = ql_arena_calloc(call->arena, n_values, sizeof(*values));

    if (values == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; is_list && i < n_values; i++)
        value_from_pb(pb->value->list_value->values[i], &values[i]);
    if (!is_list && pb->value != NULL)
        value_from_pb(pb->value, &values[0]);
    if (is_list != (operator_ == PREDICATE_ONE_OF) ||
        (!is_list && !fits_operator(operator_, &values[0])))
        operator_ = PREDICATE_NEVER;
    *ret_condition = (struct predicate){
        .field = pb->field, .operator_ = operator_, .values = values, .n_values = n_values};
    return QL_OK;
}

static enum ql_code conditions_from_pb(struct ql_call *call, const Quest *quest,
                                       struct definition *definition)
{
    struct predicate *conditions =
        ql_arena_calloc(call->arena, quest->n_conditions, sizeof(*conditions));

    if (conditions == NULL && quest->n_conditions > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < quest->n_conditions; i++) {
        enum ql_code rc = condition_from_pb(call, quest->conditions[i], &conditions[i]);

        if (rc != QL_OK)
            return rc;
    }
    definition->conditions = conditions;
    definition->n_conditions = quest->n_conditions;
    return QL_OK;
}

static enum streak_rule rule_from_pb(int rule)
{
    if (rule == STREAK_RULE_DAILY)
        return STREAK_DAILY;
    return rule == STREAK_RULE_DAILY_IN_A_ROW ? STREAK_DAILY_IN_A_ROW : STREAK_EVERY_EVENT;
}

enum ql_code definition_from_pb(struct ql_call *call, const Quest *quest,
                                struct definition *ret_definition)
{
    if (quest == NULL || !ql_uuid_is_valid(quest->quest_id))
        return refuse_quest(call, "questId");
    if (quest->revision < 1)
        return refuse_quest(call, "revision");
    if (!is_number(quest->streak))
        return refuse_quest(call, "streak");
    if (!is_number(quest->duplication))
        return refuse_quest(call, "duplication");
    if (!are_event_types(quest->event_types, quest->n_event_types))
        return refuse_quest(call, "eventTypes");
    if (quest->prerequisite_quest_id[0] != '\0' && !ql_uuid_is_valid(quest->prerequisite_quest_id))
        return refuse_quest(call, "prerequisiteQuestId");
    memset(ret_definition, 0, sizeof(*ret_definition));
    ql_uuid_copy(ret_definition->quest_id, quest->quest_id);
    ret_definition->revision = quest->revision;
    ret_definition->streak = quest->streak;
    ret_definition->duplication = quest->duplication;
    ret_definition->event_types = (const char *const *)quest->event_types;
    ret_definition->n_event_types = quest->n_event_types;
    ret_definition->has_creation = quest->created_at != NULL;
    ret_definition->created_ms = quest->created_at != NULL ? ql_timestamp_ms(quest->created_at) : 0;
    ret_definition->has_start = quest->starts_at != NULL;
    ret_definition->has_end = quest->ends_at != NULL;
    ret_definition->starts_ms = quest->starts_at != NULL ? ql_timestamp_ms(quest->starts_at) : 0;
    ret_definition->ends_ms = quest->ends_at != NULL ? ql_timestamp_ms(quest->ends_at) : 0;
    if (quest->prerequisite_quest_id[0] != '\0')
        ql_uuid_copy(ret_definition->prerequisite_id, quest->prerequisite_quest_id);
    ret_definition->rule = rule_from_pb((int)quest->streak_rule);
    ret_definition->backfill = quest->backfill;
    ret_definition->is_archived = quest->archived;
    return conditions_from_pb(call, quest, ret_definition);
}
