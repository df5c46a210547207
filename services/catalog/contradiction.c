/* A value that meets all conditions on a field is looked for among a few that stand
 * for all others: no value, an object, each value that is named, and the first numbers
 * of the range. Where none of these does, no other value does. */
#include "services/catalog/contradiction.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The conditions that are looked at, and the field. */
struct group {
    Condition *const *conditions;
    size_t n;
    const char *field;
};

static const Google__Protobuf__Value an_object = GOOGLE__PROTOBUF__VALUE__INIT;

/* As the contract has it: a text is a number in the one spelling of a 64-bit integer. */
static bool number_of(const Google__Protobuf__Value *value, double *ret_number)
{
    char again[24];
    long long number;

    *ret_number = value->number_value;
    if ((int)value->kind_case != VALUE_TEXT)
        return (int)value->kind_case == VALUE_NUMBER;
    errno = 0;
    number = strtoll(value->string_value, NULL, 10);
    snprintf(again, sizeof(again), "%lld", number);
    *ret_number = (double)number;
    return errno == 0 && strcmp(value->string_value, again) == 0;
}

static bool is_same(const Google__Protobuf__Value *value, const Google__Protobuf__Value *wanted)
{
    double number;

    switch ((int)wanted->kind_case) {
    case VALUE_TEXT:
        return (int)value->kind_case == VALUE_TEXT &&
               strcmp(value->string_value, wanted->string_value) == 0;
    case VALUE_NUMBER:
        return number_of(value, &number) && number == wanted->number_value;
    case VALUE_TRUTH:
        return (int)value->kind_case == VALUE_TRUTH && value->bool_value == wanted->bool_value;
    default:
        return false;
    }
}

static bool is_one_of(const Google__Protobuf__Value *value, const Google__Protobuf__ListValue *list)
{
    for (size_t i = 0; i < list->n_values; i++)
        if (is_same(value, list->values[i]))
            return true;
    return false;
}

/* value is NULL where the payload has no such field. */
static bool is_met(const Condition *condition, const Google__Protobuf__Value *value)
{
    const Google__Protobuf__Value *wanted = condition->value;
    double number;

    if ((int)condition->operator_ == CONDITION_OPERATOR_NOT_EQUAL)
        return value == NULL || !is_same(value, wanted);
    if ((int)condition->operator_ == CONDITION_OPERATOR_EXISTS)
        return (value != NULL) == (wanted->bool_value != 0);
    if (value == NULL)
        return false;
    if ((int)condition->operator_ == CONDITION_OPERATOR_EQUAL)
        return is_same(value, wanted);
    if ((int)condition->operator_ == CONDITION_OPERATOR_ONE_OF)
        return is_one_of(value, wanted->list_value);
    if (!number_of(value, &number))
        return false;
    switch ((int)condition->operator_) {
    case CONDITION_OPERATOR_LESS:
        return number < wanted->number_value;
    case CONDITION_OPERATOR_LESS_OR_EQUAL:
        return number <= wanted->number_value;
    case CONDITION_OPERATOR_GREATER:
        return number > wanted->number_value;
    default:
        return number >= wanted->number_value;
    }
}

static bool is_on(const Condition *condition, const struct group *group)
{
    return strcmp(condition->field, group->field) == 0;
}

static bool is_inside(const char *field, const char *outer)
{
    size_t length = strlen(outer);

    return strncmp(field, outer, length) == 0 && field[length] == '.';
}

static bool all_are_met(const struct group *group, const Google__Protobuf__Value *value)
{
    for (size_t i = 0; i < group->n; i++)
        if (is_on(group->conditions[i], group) && !is_met(group->conditions[i], value))
            return false;
    return true;
}

/* A condition that a field inside this one meets only when this one is an object. */
static bool has_to_be_an_object(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (is_inside(group->conditions[i]->field, group->field) &&
            !is_met(group->conditions[i], NULL))
            return true;
    return false;
}

static bool a_named_value_meets_all(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        const Google__Protobuf__Value *value = group->conditions[i]->value;

        if (!is_on(group->conditions[i], group))
            continue;
        if ((int)value->kind_case != VALUE_LIST && all_are_met(group, value))
            return true;
        if ((int)value->kind_case != VALUE_LIST)
            continue;
        for (size_t k = 0; k < value->list_value->n_values; k++)
            if (all_are_met(group, value->list_value->values[k]))
                return true;
    }
    return false;
}

/* Each condition takes at most one number out of the range, and zero has two forms. */
static bool a_number_meets_all(const struct group *group)
{
    Google__Protobuf__Value value = GOOGLE__PROTOBUF__VALUE__INIT;

    value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
    value.number_value = -DBL_MAX;
    for (size_t i = 0; i < group->n; i++) {
        const Condition *condition = group->conditions[i];

        if (((int)condition->operator_ == CONDITION_OPERATOR_GREATER ||
             (int)condition->operator_ == CONDITION_OPERATOR_GREATER_OR_EQUAL) &&
            is_on(condition, group) && condition->value->number_value > value.number_value)
            value.number_value = condition->value->number_value;
    }
    for (size_t i = 0; i < group->n + 2 && isfinite(value.number_value); i++) {
        if (all_are_met(group, &value))
            return true;
        value.number_value = nextafter(value.number_value, INFINITY);
    }
    return false;
}

static bool can_be_met(const struct group *group)
{
    if (all_are_met(group, &an_object))
        return true;
    if (has_to_be_an_object(group))
        return false;
    return all_are_met(group, NULL) || a_named_value_meets_all(group) || a_number_meets_all(group);
}

enum ql_code conditions_check_contradictions(struct ql_call *call, Condition *const *conditions,
                                             size_t n_conditions)
{
    char path[48];

    for (size_t k = 0; k < n_conditions; k++) {
        for (size_t i = 0; i <= k; i++) {
            const struct group group = {conditions, k + 1, conditions[i]->field};

            if ((i < k && !is_inside(conditions[k]->field, group.field)) || can_be_met(&group))
                continue;
            snprintf(path, sizeof(path), "quest.conditions[%zu]", k);
            return ql_violate(call, path,
                              "is never met together with the conditions before it: no event "
                              "would count");
        }
    }
    return QL_OK;
}
