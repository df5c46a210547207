/* Comparing fields of a payload. */
#include "services/processing/rules/predicate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INT64_SIZE = 21 }; /* "-9223372036854775808" and the NUL */

/* A text is a number only in the one spelling that a printer of 64-bit integers
 * gives it: "007", "+1" and "1.0" stay texts. */
static bool integer_of_text(const struct ql_json_value *field, double *ret_number)
{
    char text[INT64_SIZE], again[INT64_SIZE];
    long long number;

    if (field->length == 0 || field->length >= sizeof(text))
        return false;
    memcpy(text, field->text, field->length);
    text[field->length] = '\0';
    errno = 0;
    number = strtoll(text, NULL, 10);
    snprintf(again, sizeof(again), "%lld", number);
    if (errno != 0 || strcmp(text, again) != 0)
        return false;
    *ret_number = (double)number;
    return true;
}

static bool number_of(const struct ql_json_value *field, double *ret_number)
{
    if (field->kind == QL_JSON_TEXT)
        return integer_of_text(field, ret_number);
    *ret_number = field->number;
    return field->kind == QL_JSON_NUMBER;
}

static bool is_same(const struct ql_json_value *field, const struct predicate_value *value)
{
    double number;

    switch (value->kind) {
    case QL_JSON_BOOL:
        return field->kind == QL_JSON_BOOL && field->truth == value->truth;
    case QL_JSON_NUMBER:
        return number_of(field, &number) && number == value->number;
    case QL_JSON_TEXT:
        return field->kind == QL_JSON_TEXT && field->length == strlen(value->text) &&
               memcmp(field->text, value->text, field->length) == 0;
    case QL_JSON_NULL:
    case QL_JSON_OBJECT:
    case QL_JSON_ARRAY:
        break;
    }
    return false;
}

static bool is_one_of(const struct ql_json_value *field, const struct predicate *predicate)
{
    for (size_t i = 0; i < predicate->n_values; i++)
        if (is_same(field, &predicate->values[i]))
            return true;
    return false;
}

static bool is_in_order(enum predicate_operator operator_, double number, double limit)
{
    switch (operator_) {
    case PREDICATE_LESS:
        return number < limit;
    case PREDICATE_LESS_OR_EQUAL:
        return number <= limit;
    case PREDICATE_GREATER:
        return number > limit;
    default:
        return number >= limit;
    }
}

static bool compares_as(const struct ql_json_value *field, const struct predicate *predicate)
{
    double number;

    return field != NULL && predicate->values[0].kind == QL_JSON_NUMBER &&
           number_of(field, &number) &&
           is_in_order(predicate->operator_, number, predicate->values[0].number);
}

bool predicate_holds(const struct predicate *predicate, const struct ql_json_value *payload)
{
    const struct ql_json_value *field = ql_json_value_at(payload, predicate->field);

    if (predicate->n_values == 0)
        return false;
    switch (predicate->operator_) {
    case PREDICATE_EQUAL:
    case PREDICATE_ONE_OF:
        return field != NULL && is_one_of(field, predicate);
    case PREDICATE_NOT_EQUAL:
        return field == NULL || !is_same(field, &predicate->values[0]);
    case PREDICATE_LESS:
    case PREDICATE_LESS_OR_EQUAL:
    case PREDICATE_GREATER:
    case PREDICATE_GREATER_OR_EQUAL:
        return compares_as(field, predicate);
    case PREDICATE_EXISTS:
        return (field != NULL && field->kind != QL_JSON_NULL) == predicate->values[0].truth;
    case PREDICATE_NEVER:
        break;
    }
    return false;
}
