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
    const struct condition *conditions;
    size_t n;
    const char *field;
};

static const struct condition_value an_object = {.kind = CONDITION_VALUE_OTHER};

/* As the contract has it: a text is a number in the one spelling of a 64-bit integer. */
static bool number_of(const struct condition_value *value, double *ret_number)
{
    char again[24];
    long long number;

    *ret_number = value->number;
    if (value->kind != CONDITION_VALUE_TEXT)
        return value->kind == CONDITION_VALUE_NUMBER;
    errno = 0;
    number = strtoll(value->text, NULL, 10);
    snprintf(again, sizeof(again), "%lld", number);
    *ret_number = (double)number;
    return errno == 0 && strcmp(value->text, again) == 0;
}

static bool is_same(const struct condition_value *value, const struct condition_value *wanted)
{
    double number;

    switch (wanted->kind) {
    case CONDITION_VALUE_TEXT:
        return value->kind == CONDITION_VALUE_TEXT && strcmp(value->text, wanted->text) == 0;
    case CONDITION_VALUE_NUMBER:
        return number_of(value, &number) && number == wanted->number;
    case CONDITION_VALUE_TRUTH:
        return value->kind == CONDITION_VALUE_TRUTH && value->truth == wanted->truth;
    default:
        return false;
    }
}

static bool is_one_of(const struct condition_value *value, const struct condition_value *list)
{
    for (size_t i = 0; i < list->n_items; i++)
        if (is_same(value, &list->items[i]))
            return true;
    return false;
}

/* value is NULL where the payload has no such field. */
static bool is_met(const struct condition *condition, const struct condition_value *value)
{
    const struct condition_value *wanted = &condition->value;
    double number;

    if (condition->how == CONDITION_NOT_EQUAL)
        return value == NULL || !is_same(value, wanted);
    if (condition->how == CONDITION_EXISTS)
        return (value != NULL) == wanted->truth;
    if (value == NULL)
        return false;
    if (condition->how == CONDITION_EQUAL)
        return is_same(value, wanted);
    if (condition->how == CONDITION_ONE_OF)
        return is_one_of(value, wanted);
    if (!number_of(value, &number))
        return false;
    switch (condition->how) {
    case CONDITION_LESS:
        return number < wanted->number;
    case CONDITION_LESS_OR_EQUAL:
        return number <= wanted->number;
    case CONDITION_GREATER:
        return number > wanted->number;
    default:
        return number >= wanted->number;
    }
}

static bool is_on(const struct condition *condition, const struct group *group)
{
    return strcmp(condition->field, group->field) == 0;
}

static bool is_inside(const char *field, const char *outer)
{
    size_t length = strlen(outer);

    return strncmp(field, outer, length) == 0 && field[length] == '.';
}

static bool all_are_met(const struct group *group, const struct condition_value *value)
{
    for (size_t i = 0; i < group->n; i++)
        if (is_on(&group->conditions[i], group) && !is_met(&group->conditions[i], value))
            return false;
    return true;
}

/* A condition that a field inside this one meets only when this one is an object. */
static bool has_to_be_an_object(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (is_inside(group->conditions[i].field, group->field) &&
            !is_met(&group->conditions[i], NULL))
            return true;
    return false;
}

static bool a_named_value_meets_all(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        const struct condition_value *value = &group->conditions[i].value;

        if (!is_on(&group->conditions[i], group))
            continue;
        if (value->kind != CONDITION_VALUE_LIST && all_are_met(group, value))
            return true;
        for (size_t k = 0; k < value->n_items; k++)
            if (all_are_met(group, &value->items[k]))
                return true;
    }
    return false;
}

/* Each condition takes at most one number out of the range, and zero has two forms. */
static bool a_number_meets_all(const struct group *group)
{
    struct condition_value value = {.kind = CONDITION_VALUE_NUMBER, .number = -DBL_MAX};

    for (size_t i = 0; i < group->n; i++) {
        const struct condition *condition = &group->conditions[i];

        if ((condition->how == CONDITION_GREATER || condition->how == CONDITION_GREATER_OR_EQUAL) &&
            is_on(condition, group) && condition->value.number > value.number)
            value.number = condition->value.number;
    }
    for (size_t i = 0; i < group->n + 2 && isfinite(value.number); i++) {
        if (all_are_met(group, &value))
            return true;
        value.number = nextafter(value.number, INFINITY);
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

enum ql_code conditions_check_contradictions(struct ql_call *call,
                                             const struct condition *conditions,
                                             size_t n_conditions)
{
    char path[48];

    for (size_t k = 0; k < n_conditions; k++) {
        for (size_t i = 0; i <= k; i++) {
            const struct group group = {conditions, k + 1, conditions[i].field};

            if ((i < k && !is_inside(conditions[k].field, group.field)) || can_be_met(&group))
                continue;
            snprintf(path, sizeof(path), "quest.conditions[%zu]", k);
            return ql_violate(call, path,
                              "is never met together with the conditions before it: no event "
                              "would count");
        }
    }
    return QL_OK;
}
