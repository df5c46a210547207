/* Decimal numbers, compared as whole numbers of 10^-15. */
#include "services/quiz/question/decimal.h"

#include <stdbool.h>
#include <string.h>

enum { DIGITS_BEHIND_POINT = 15, BASE = 10 };

/* 35 digits fit 127 bits. */
__extension__ typedef __int128 decimal;

static decimal decimal_read(const char *text)
{
    bool is_negative = text[0] == '-';
    decimal value = 0;
    int n_behind = 0;

    text += strspn(text, "+-");
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * BASE + (*text - '0');
    for (text += *text == '.'; *text != '\0' && n_behind < DIGITS_BEHIND_POINT; text++, n_behind++)
        value = value * BASE + (*text - '0');
    for (; n_behind < DIGITS_BEHIND_POINT; n_behind++)
        value *= BASE;
    return is_negative ? -value : value;
}

int decimal_compare(const char *left, const char *right)
{
    decimal one = decimal_read(left), other = decimal_read(right);

    return (one > other) - (one < other);
}
