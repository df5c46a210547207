/* The rules of a condition. */
#include "services/catalog/condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/utf8.h"

enum { PATH_MAX_BYTES = 64 };

static void normalize_number(Google__Protobuf__Value *value)
{
    if (value != NULL && (int)value->kind_case == VALUE_NUMBER && value->number_value == 0)
        value->number_value = 0;
}

void conditions_normalize(Condition *const *conditions, size_t n_conditions)
{
    for (size_t i = 0; i < n_conditions; i++) {
        Google__Protobuf__Value *value = conditions[i]->value;

        normalize_number(value);
        if (value == NULL || (int)value->kind_case != VALUE_LIST)
            continue;
        for (size_t k = 0; k < value->list_value->n_values; k++)
            normalize_number(value->list_value->values[k]);
    }
}

/* What is wrong with a single value; NULL for nothing. */
static const char *scalar_problem(const Google__Protobuf__Value *value)
{
    if ((int)value->kind_case == VALUE_NUMBER && !isfinite(value->number_value))
        return "must be a finite number";
    if ((int)value->kind_case == VALUE_TEXT &&
        ql_utf8_count(value->string_value) > CONDITION_TEXT_MAX)
        return "must have at most 200 characters";
    return NULL;
}

static enum ql_code validate_list(struct ql_call *call, const char *path,
                                  const Google__Protobuf__Value *value)
{
    const Google__Protobuf__ListValue *list =
        (int)value->kind_case == VALUE_LIST ? value->list_value : NULL;
    enum ql_code rc = QL_OK;
    char item_path[PATH_MAX_BYTES + 24];

    if (list == NULL || list->n_values < 1 || list->n_values > CONDITION_ITEMS_MAX)
        return ql_violate(call, path, "must be a list of 1 to %d texts and numbers",
                          CONDITION_ITEMS_MAX);
    for (size_t i = 0; i < list->n_values; i++) {
        const Google__Protobuf__Value *item = list->values[i];
        const char *problem = scalar_problem(item);

        if ((int)item->kind_case != VALUE_TEXT && (int)item->kind_case != VALUE_NUMBER)
            problem = "must be a text or a number";
        if (problem == NULL)
            continue;
        snprintf(item_path, sizeof(item_path), "%s[%zu]", path, i);
        rc = ql_violate(call, item_path, "%s", problem);
    }
    return rc;
}

static enum ql_code validate_value(struct ql_call *call, const char *path,
                                   const Condition *condition)
{
    const Google__Protobuf__Value *value = condition->value;
    int kind = (int)value->kind_case;
    const char *problem = NULL;

    switch ((int)condition->operator_) {
    case CONDITION_OPERATOR_EQUAL:
    case CONDITION_OPERATOR_NOT_EQUAL:
        if (kind != VALUE_TEXT && kind != VALUE_NUMBER && kind != VALUE_TRUTH)
            problem = "must be a text, a number or a truth value";
        break;
    case CONDITION_OPERATOR_ONE_OF:
        return validate_list(call, path, value);
    case CONDITION_OPERATOR_EXISTS:
        if (kind != VALUE_TRUTH)
            problem = "must be true or false";
        break;
    default:
        if (kind != VALUE_NUMBER)
            problem = "must be a number";
        break;
    }
    if (problem == NULL)
        problem = scalar_problem(value);
    return problem == NULL ? QL_OK : ql_violate(call, path, "%s", problem);
}

static size_t value_bytes(const Google__Protobuf__Value *value)
{
    size_t bytes = CONDITION_ITEM_BYTES;

    if ((int)value->kind_case == VALUE_TEXT)
        return bytes + strlen(value->string_value);
    if ((int)value->kind_case != VALUE_LIST)
        return bytes;
    for (size_t i = 0; i < value->list_value->n_values; i++)
        bytes += value_bytes(value->list_value->values[i]);
    return bytes;
}

enum ql_code conditions_validate(struct ql_call *call, Condition *const *conditions,
                                 size_t n_conditions)
{
    enum ql_code rc = QL_OK;
    size_t bytes = 0;

    for (size_t i = 0; i < n_conditions; i++) {
        char path[PATH_MAX_BYTES];

        snprintf(path, sizeof(path), "quest.conditions[%zu].value", i);
        if (validate_value(call, path, conditions[i]) != QL_OK)
            rc = QL_INVALID_ARGUMENT;
        bytes += strlen(conditions[i]->field) + value_bytes(conditions[i]->value);
    }
    if (rc == QL_OK && bytes > CONDITIONS_BYTES_MAX)
        rc = ql_violate(call, "quest.conditions", "must take at most %d bytes together",
                        CONDITIONS_BYTES_MAX);
    return rc;
}
