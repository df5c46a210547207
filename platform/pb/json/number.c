/* Numbers between text and binary. */
#include "platform/pb/json/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLOATING_MAX_BYTES = 1024, /* of the text of one floating-point number */
    MAX_DIGITS = 20,           /* of 64 bits */
    PLAIN_DIGITS = 18,         /* always fit */
};

static size_t digits_length(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

size_t qli_number_length(const char *text, size_t length)
{
    size_t at = length > 0 && text[0] == '-' ? 1 : 0;
    size_t digits = digits_length(text + at, length - at);

    if (digits == 0)
        return 0;
    if (text[at] == '0')
        digits = 1; /* a second digit is not part of the number */
    at += digits;
    if (at < length && text[at] == '.') {
        digits = digits_length(text + at + 1, length - at - 1);
        if (digits == 0)
            return 0;
        at += 1 + digits;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        size_t sign = at + 1 < length && (text[at + 1] == '+' || text[at + 1] == '-') ? 1 : 0;

        digits = digits_length(text + at + 1 + sign, length - at - 1 - sign);
        if (digits == 0)
            return 0;
        at += 1 + sign + digits;
    }
    return at;
}

static enum qli_integer plain_integer(const char *text, size_t length, uint64_t *ret_magnitude)
{
    uint64_t magnitude = 0;

    for (size_t i = 0; i < length; i++)
        magnitude = magnitude * 10 + (uint64_t)(text[i] - '0');
    *ret_magnitude = magnitude;
    return QLI_INTEGER_OK;
}

/* The digits of a number without its point: digit i of n. */
struct digits {
    const char *text;
    size_t n;
    size_t point; /* digits in front of it */
};

static unsigned digit_at(const struct digits *digits, size_t i)
{
    return (unsigned)(digits->text[i < digits->point ? i : i + 1] - '0');
}

/* What follows 'e', held within bounds that no sum of lengths leaves. */
static int64_t exponent_read(const char *text, size_t length)
{
    const int64_t bound = INT64_C(1) << 48;
    bool is_negative = length > 0 && text[0] == '-';
    int64_t exponent = 0;

    for (size_t i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0; i < length; i++)
        if (exponent < bound)
            exponent = exponent * 10 + (text[i] - '0');
    return is_negative ? -exponent : exponent;
}

/* digits times ten to the power of exponent, when that is an integer. */
static enum qli_integer scaled_integer(const struct digits *digits, int64_t exponent,
                                       uint64_t *ret_magnitude)
{
    size_t first = 0, n = digits->n;
    uint64_t magnitude = 0;

    while (first < n && digit_at(digits, first) == 0)
        first++;
    while (n > first && digit_at(digits, n - 1) == 0) {
        n--;
        exponent++;
    }
    *ret_magnitude = 0;
    if (first == n)
        return QLI_INTEGER_OK;
    if (exponent < 0)
        return QLI_INTEGER_FRACTION;
    if (n - first > MAX_DIGITS || exponent > MAX_DIGITS)
        return QLI_INTEGER_RANGE;
    for (size_t i = first; i < n + (size_t)exponent; i++) {
        unsigned digit = i < n ? digit_at(digits, i) : 0;

        if (magnitude > (UINT64_MAX - digit) / 10)
            return QLI_INTEGER_RANGE;
        magnitude = magnitude * 10 + digit;
    }
    *ret_magnitude = magnitude;
    return QLI_INTEGER_OK;
}

enum qli_integer qli_integer_read(const char *text, size_t length, bool *ret_is_negative,
                                  uint64_t *ret_magnitude)
{
    struct digits digits;
    size_t whole, fraction = 0, at;
    int64_t exponent = 0;

    if (length == 0 || qli_number_length(text, length) != length)
        return QLI_INTEGER_NONE;
    *ret_is_negative = text[0] == '-';
    if (*ret_is_negative) {
        text++;
        length--;
    }
    whole = at = digits_length(text, length);
    if (whole == length && length <= PLAIN_DIGITS)
        return plain_integer(text, length, ret_magnitude);
    if (at < length && text[at] == '.') {
        fraction = digits_length(text + at + 1, length - at - 1);
        at += 1 + fraction;
    }
    if (at < length)
        exponent = exponent_read(text + at + 1, length - at - 1);
    digits = (struct digits){.text = text, .n = whole + fraction, .point = whole};
    return scaled_integer(&digits, exponent - (int64_t)fraction, ret_magnitude);
}

/* strtod() wants a NUL at the end. */
static bool floating_copy(char out[FLOATING_MAX_BYTES], const char *text, size_t length)
{
    if (length == 0 || length >= FLOATING_MAX_BYTES || qli_number_length(text, length) != length)
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

/* Digits whose value and power of ten are both exact as doubles need only one
 * rounding, in the division: no strtod() for the numbers people write. */
static bool simple_double(const char *text, size_t length, double *ret_value)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool is_negative = length > 0 && text[0] == '-';
    size_t after_point = 0;
    int64_t magnitude = 0;
    bool is_after = false;

    if (length == 0 || length > 15 || qli_number_length(text, length) != length)
        return false;
    for (size_t i = is_negative ? 1 : 0; i < length; i++) {
        if (text[i] == '.') {
            is_after = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false; /* an exponent */
        magnitude = magnitude * 10 + (text[i] - '0');
        after_point += is_after;
    }
    *ret_value = (double)magnitude / powers[after_point];
    if (is_negative)
        *ret_value = -*ret_value;
    return true;
}

bool qli_double_read(const char *text, size_t length, double *ret_value)
{
    char copy[FLOATING_MAX_BYTES];

    if (simple_double(text, length, ret_value))
        return true;
    if (!floating_copy(copy, text, length))
        return false;
    *ret_value = strtod(copy, NULL);
    return isfinite(*ret_value);
}

bool qli_float_read(const char *text, size_t length, float *ret_value)
{
    char copy[FLOATING_MAX_BYTES];

    if (!floating_copy(copy, text, length))
        return false;
    *ret_value = strtof(copy, NULL);
    return isfinite(*ret_value);
}

/* Many a reader takes "-0" for an integer and loses its sign. */
static size_t negative_zero_print(char *out)
{
    memcpy(out, "-0.0", 4);
    return 4;
}

size_t qli_double_print(char *out, double value)
{
    int length = 0;

    if (value == 0 && signbit(value))
        return negative_zero_print(out);
    if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value)
        return qli_signed_print(out, (int64_t)value);
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, QLI_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

size_t qli_float_print(char *out, float value)
{
    int length = 0;

    if (value == 0 && signbit(value))
        return negative_zero_print(out);
    for (int digits = 6; digits <= 9; digits++) {
        length = snprintf(out, QLI_NUMBER_SIZE, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value)
            break;
    }
    return (size_t)length;
}

size_t qli_unsigned_print(char *out, uint64_t value)
{
    char reversed[MAX_DIGITS];
    size_t n = 0;

    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

size_t qli_signed_print(char *out, int64_t value)
{
    if (value >= 0)
        return qli_unsigned_print(out, (uint64_t)value);
    out[0] = '-';
    return 1 + qli_unsigned_print(out + 1, -(uint64_t)value);
}
