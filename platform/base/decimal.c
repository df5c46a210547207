/* Reading a decimal number: the parts of its text first, then the digits that count. */
#include "platform/base/decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { EXPONENT_DIGITS_MAX = 2 };

/* Where the parts of a number are in its text. */
struct parts {
    bool is_negative;
    const char *digits; /* the first one, or the point in front of it */
    size_t n_whole;     /* digits in front of the point */
    size_t n_behind;    /* and behind it */
    bool has_point;
    int exponent;
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static size_t count_digits(const char *text)
{
    size_t n_digits = 0;

    while (is_digit(text[n_digits]))
        n_digits++;
    return n_digits;
}

/* Steps over a sign; true for a minus. */
static bool read_sign(const char **text)
{
    bool is_negative = **text == '-';

    if (is_negative || **text == '+')
        (*text)++;
    return is_negative;
}

/* Steps over an exponent if there is one; false when it is none. */
static bool read_exponent(const char **text, int *ret_exponent)
{
    bool is_negative;
    size_t n_digits;

    *ret_exponent = 0;
    if (**text != 'e' && **text != 'E')
        return true;
    (*text)++;
    is_negative = read_sign(text);
    n_digits = count_digits(*text);
    if (n_digits == 0 || n_digits > EXPONENT_DIGITS_MAX)
        return false;
    for (; n_digits > 0; n_digits--)
        *ret_exponent = *ret_exponent * 10 + (*(*text)++ - '0');
    if (is_negative)
        *ret_exponent = -*ret_exponent;
    return true;
}

static bool read_parts(const char *text, struct parts *ret_parts)
{
    while (is_blank(*text))
        text++;
    *ret_parts = (struct parts){.is_negative = read_sign(&text)};
    ret_parts->digits = text;
    ret_parts->n_whole = count_digits(text);
    text += ret_parts->n_whole;
    ret_parts->has_point = *text == '.' || *text == ',';
    if (ret_parts->has_point) {
        ret_parts->n_behind = count_digits(text + 1);
        text += 1 + ret_parts->n_behind;
    }
    if (ret_parts->n_whole + ret_parts->n_behind == 0)
        return false;
    if (!read_exponent(&text, &ret_parts->exponent))
        return false;
    while (is_blank(*text))
        text++;
    return *text == '\0';
}

/* The digit at a place of the number without its point; 0 behind the last one. */
static int digit_at(const struct parts *parts, size_t place)
{
    if (place >= parts->n_whole + parts->n_behind)
        return 0;
    if (place >= parts->n_whole)
        place++; /* the point */
    return parts->digits[place] - '0';
}

enum ql_decimal_verdict ql_decimal_read(const char *text, ql_decimal *ret_value)
{
    struct parts parts;
    size_t n_digits, first = 0;
    ptrdiff_t n_front;

    *ret_value = 0;
    if (!read_parts(text, &parts))
        return QL_DECIMAL_IS_NO_NUMBER;
    n_digits = parts.n_whole + parts.n_behind;
    while (first < n_digits && digit_at(&parts, first) == 0)
        first++;
    if (first == n_digits)
        return QL_DECIMAL_IS_READ;
    /* The value is 0.d₁d₂… · 10^n_front, d₁ not 0. */
    n_front = (ptrdiff_t)parts.n_whole - (ptrdiff_t)first + parts.exponent;
    if (n_front > QL_DECIMAL_DIGITS)
        return QL_DECIMAL_IS_TOO_LARGE;
    for (ptrdiff_t i = 0; i < n_front + QL_DECIMAL_PLACES; i++)
        *ret_value = *ret_value * 10 + digit_at(&parts, first + (size_t)i);
    if (parts.is_negative)
        *ret_value = -*ret_value;
    return QL_DECIMAL_IS_READ;
}
