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

/* What is wrong with a single value; NULL for nothing. */
static const char *scalar_problem(const struct condition_value *value)
{
    if (value->kind == CONDITION_VALUE_NUMBER && !isfinite(value->number))
        return "must be a finite number";
    if (value->kind == CONDITION_VALUE_TEXT && text_characters(value->text) > CONDITION_TEXT_MAX)
        return "must have at most 200 characters";
    return NULL;
}

static enum ql_code validate_list(struct ql_call *call, const char *path,
                                  const struct condition_value *list)
{
    enum ql_code rc = QL_OK;
    char item_path[PATH_MAX_BYTES + 24];

    if (list->kind != CONDITION_VALUE_LIST || list->n_items < 1 ||
        list->n_items > CONDITION_ITEMS_MAX)
        return ql_violate(call, path, "must be a list of 1 to %d texts and numbers",
                          CONDITION_ITEMS_MAX);
    for (size_t i = 0; i < list->n_items; i++) {
        const struct condition_value *item = &list->items[i];
        const char *problem = scalar_problem(item);

        if (item->kind != CONDITION_VALUE_TEXT && item->kind != CONDITION_VALUE_NUMBER)
            problem = "must be a text or a number";
        if (problem == NULL)
            continue;
        snprintf(item_path, sizeof(item_path), "%s[%zu]", path, i);
        rc = ql_violate(call, item_path, "%s", problem);
    }
    return rc;
}

static enum ql_code validate_value(struct ql_call *call, const char *path,
                                   const struct condition *condition)
{
    enum condition_kind kind = condition->value.kind;
    const char *problem = NULL;

    switch (condition->how) {
    case CONDITION_EQUAL:
    case CONDITION_NOT_EQUAL:
        if (kind == CONDITION_VALUE_OTHER || kind == CONDITION_VALUE_LIST)
            problem = "must be a text, a number or a truth value";
        break;
    case CONDITION_ONE_OF:
        return validate_list(call, path, &condition->value);
    case CONDITION_EXISTS:
        if (kind != CONDITION_VALUE_TRUTH)
            problem = "must be true or false";
        break;
    default:
        if (kind != CONDITION_VALUE_NUMBER)
            problem = "must be a number";
        break;
    }
    if (problem == NULL)
        problem = scalar_problem(&condition->value);
    return problem == NULL ? QL_OK : ql_violate(call, path, "%s", problem);
}

static enum ql_code validate_one(struct ql_call *call, size_t i, const struct condition *condition)
{
    bool is_known = condition->how >= CONDITION_EQUAL && condition->how <= CONDITION_EXISTS;
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

static size_t value_bytes(const struct condition_value *value)
{
    return CONDITION_ITEM_BYTES + (value->kind == CONDITION_VALUE_TEXT ? strlen(value->text) : 0);
}

static size_t condition_bytes(const struct condition *condition)
{
    size_t bytes = strlen(condition->field) + value_bytes(&condition->value);

    for (size_t i = 0; i < condition->value.n_items; i++)
        bytes += value_bytes(&condition->value.items[i]);
    return bytes;
}

enum ql_code conditions_validate(struct ql_call *call, const struct condition *conditions,
                                 size_t n_conditions)
{
    enum ql_code rc = QL_OK;
    size_t bytes = 0;

    if (n_conditions > CONDITIONS_MAX)
        return ql_violate(call, "quest.conditions", "must be at most %d", CONDITIONS_MAX);
    for (size_t i = 0; i < n_conditions; i++) {
        if (validate_one(call, i, &conditions[i]) != QL_OK)
            rc = QL_INVALID_ARGUMENT;
        bytes += condition_bytes(&conditions[i]);
    }
    if (rc == QL_OK && bytes > CONDITIONS_BYTES_MAX)
        rc = ql_violate(call, "quest.conditions", "must take at most %d bytes together",
                        CONDITIONS_BYTES_MAX);
    return rc;
}
