/* The rules of a condition. */
#include "services/catalog/condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "services/catalog/text.h"

enum { PATH_MAX_BYTES = 64 };

/* Names joined by dots, none of them empty, no control characters. */
static bool field_is_valid(const char *field)
{
    bool is_name_empty = true;

    for (const char *c = field; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f || (*c == '.' && is_name_empty))
            return false;
        is_name_empty = *c == '.';
    }
    return !is_name_empty && text_characters(field) <= CONDITION_FIELD_MAX;
}

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
        text_characters(value->string_value) > CONDITION_TEXT_MAX)
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
    static const Google__Protobuf__Value none = GOOGLE__PROTOBUF__VALUE__INIT;
    const Google__Protobuf__Value *value = condition->value == NULL ? &none : condition->value;
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

static enum ql_code validate_one(struct ql_call *call, size_t i, const Condition *condition)
{
    bool is_known = (int)condition->operator_ >= CONDITION_OPERATOR_EQUAL &&
                    (int)condition->operator_ <= CONDITION_OPERATOR_EXISTS;
    enum ql_code rc = QL_OK;
    char path[PATH_MAX_BYTES];

    if (!field_is_valid(condition->field)) {
        snprintf(path, sizeof(path), "quest.conditions[%zu].field", i);
        rc = ql_violate(call, path,
                        "must be names joined by dots, of 1 to %d characters, no control character",
                        CONDITION_FIELD_MAX);
    }
    if (!is_known) {
        snprintf(path, sizeof(path), "quest.conditions[%zu].operator", i);
        return ql_violate(call, path, "must be one of the operators");
    }
    snprintf(path, sizeof(path), "quest.conditions[%zu].value", i);
    return validate_value(call, path, condition) == QL_OK ? rc : QL_INVALID_ARGUMENT;
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

    if (n_conditions > CONDITIONS_MAX)
        return ql_violate(call, "quest.conditions", "must be at most %d", CONDITIONS_MAX);
    for (size_t i = 0; i < n_conditions; i++) {
        if (validate_one(call, i, conditions[i]) != QL_OK)
            rc = QL_INVALID_ARGUMENT;
        bytes += strlen(conditions[i]->field);
        if (conditions[i]->value != NULL)
            bytes += value_bytes(conditions[i]->value);
    }
    if (rc == QL_OK && bytes > CONDITIONS_BYTES_MAX)
        rc = ql_violate(call, "quest.conditions", "must take at most %d bytes together",
                        CONDITIONS_BYTES_MAX);
    return rc;
}
