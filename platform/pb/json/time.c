/* Times as text. Days are counted by Howard Hinnant's civil calendar formulas
 * (chrono-Compatible Low-Level Date Algorithms). */
#include "platform/pb/json/time.h"

#include <stdio.h>

#define SECONDS_MIN  INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define SECONDS_MAX  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DURATION_MAX INT64_C(315576000000)

enum { NANOS_PER_SECOND = 1000000000, SECONDS_PER_DAY = 86400 };

struct cursor {
    const char *at;
    const char *end;
};

static bool take_character(struct cursor *cursor, char byte)
{
    if (cursor->at == cursor->end || *cursor->at != byte)
        return false;
    cursor->at++;
    return true;
}

static bool is_digit(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

/* Exactly n digits, whose number lies between low and high. */
static bool take_number(struct cursor *cursor, int n, int low, int high, int *ret_number)
{
    int number = 0;

    for (int i = 0; i < n; i++) {
        if (!is_digit(cursor))
            return false;
        number = number * 10 + (*cursor->at++ - '0');
    }
    *ret_number = number;
    return number >= low && number <= high;
}

/* ".5" and the like, one to nine digits, or nothing. */
static bool take_fraction(struct cursor *cursor, int32_t *ret_nanos)
{
    int32_t unit = NANOS_PER_SECOND / 10, nanos = 0;

    *ret_nanos = 0;
    if (!take_character(cursor, '.'))
        return true;
    if (!is_digit(cursor))
        return false;
    for (; is_digit(cursor); unit /= 10) {
        if (unit == 0)
            return false;
        nanos += unit * (*cursor->at++ - '0');
    }
    *ret_nanos = nanos;
    return true;
}

/* "Z", or "+01:00" as seconds. */
static bool take_offset(struct cursor *cursor, int *ret_seconds)
{
    int hours, minutes;
    bool is_behind;

    *ret_seconds = 0;
    if (take_character(cursor, 'Z'))
        return true;
    is_behind = take_character(cursor, '-');
    if (!is_behind && !take_character(cursor, '+'))
        return false;
    if (!take_number(cursor, 2, 0, 23, &hours) || !take_character(cursor, ':') ||
        !take_number(cursor, 2, 0, 59, &minutes))
        return false;
    *ret_seconds = (hours * 60 + minutes) * (is_behind ? -60 : 60);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t era, year_of_era, day_of_year;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    year_of_era = year - era * 400;
    day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static bool take_date(struct cursor *cursor, int64_t *ret_days)
{
    int year, month, day;

    if (!take_number(cursor, 4, 1, 9999, &year) || !take_character(cursor, '-') ||
        !take_number(cursor, 2, 1, 12, &month) || !take_character(cursor, '-') ||
        !take_number(cursor, 2, 1, days_in_month(year, month), &day))
        return false;
    *ret_days = days_from_civil(year, month, day);
    return true;
}

bool qli_timestamp_read(const char *text, size_t length, int64_t *ret_seconds, int32_t *ret_nanos)
{
    struct cursor cursor = {.at = text, .end = text + length};
    int hour, minute, second, offset;
    int64_t days;

    if (!take_date(&cursor, &days) || !take_character(&cursor, 'T') ||
        !take_number(&cursor, 2, 0, 23, &hour) || !take_character(&cursor, ':') ||
        !take_number(&cursor, 2, 0, 59, &minute) || !take_character(&cursor, ':') ||
        !take_number(&cursor, 2, 0, 59, &second) || !take_fraction(&cursor, ret_nanos) ||
        !take_offset(&cursor, &offset) || cursor.at != cursor.end)
        return false;
    *ret_seconds = days * SECONDS_PER_DAY + (hour * 3600 + minute * 60 + second - offset);
    return *ret_seconds >= SECONDS_MIN && *ret_seconds <= SECONDS_MAX;
}

/* A fraction has 0, 3, 6 or 9 digits. */
static int fraction_print(char *out, size_t size, int32_t nanos)
{
    if (nanos == 0)
        return 0;
    if (nanos % 1000000 == 0)
        return snprintf(out, size, ".%03d", nanos / 1000000);
    if (nanos % 1000 == 0)
        return snprintf(out, size, ".%06d", nanos / 1000);
    return snprintf(out, size, ".%09d", nanos);
}

static char *digits_print(char *out, int64_t number, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + n;
}

static char *date_print(char *out, int64_t days)
{
    int64_t shifted = days + 719468, era, day_of_era, year_of_era, day_of_year, month;

    era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    day_of_era = shifted - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    out = digits_print(out, year_of_era + era * 400 + (month >= 10), 4);
    *out++ = '-';
    out = digits_print(out, month < 10 ? month + 3 : month - 9, 2);
    *out++ = '-';
    return digits_print(out, day_of_year - (153 * month + 2) / 5 + 1, 2);
}

size_t qli_timestamp_print(char out[QLI_TIME_SIZE], int64_t seconds, int32_t nanos)
{
    int64_t days, rest;
    char *at;

    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0 || nanos >= NANOS_PER_SECOND)
        return 0;
    days = (seconds >= 0 ? seconds : seconds - (SECONDS_PER_DAY - 1)) / SECONDS_PER_DAY;
    rest = seconds - days * SECONDS_PER_DAY;
    at = date_print(out, days);
    *at++ = 'T';
    at = digits_print(at, rest / 3600, 2);
    *at++ = ':';
    at = digits_print(at, rest / 60 % 60, 2);
    *at++ = ':';
    at = digits_print(at, rest % 60, 2);
    at += fraction_print(at, (size_t)(out + QLI_TIME_SIZE - at), nanos);
    *at++ = 'Z';
    return (size_t)(at - out);
}

bool qli_duration_read(const char *text, size_t length, int64_t *ret_seconds, int32_t *ret_nanos)
{
    struct cursor cursor = {.at = text, .end = text + length};
    bool is_negative = take_character(&cursor, '-');
    int64_t seconds = 0;

    if (!is_digit(&cursor))
        return false;
    for (; is_digit(&cursor); cursor.at++) {
        seconds = seconds * 10 + (*cursor.at - '0');
        if (seconds > DURATION_MAX)
            return false;
    }
    if (!take_fraction(&cursor, ret_nanos) || !take_character(&cursor, 's') ||
        cursor.at != cursor.end)
        return false;
    *ret_seconds = is_negative ? -seconds : seconds;
    if (is_negative)
        *ret_nanos = -*ret_nanos;
    return true;
}

size_t qli_duration_print(char out[QLI_TIME_SIZE], int64_t seconds, int32_t nanos)
{
    bool is_negative = seconds < 0 || nanos < 0;
    int length;

    if (seconds < -DURATION_MAX || seconds > DURATION_MAX || nanos <= -NANOS_PER_SECOND ||
        nanos >= NANOS_PER_SECOND || (is_negative && (seconds > 0 || nanos > 0)))
        return 0;
    length = snprintf(out, QLI_TIME_SIZE, "%s%lld", is_negative ? "-" : "",
                      (long long)(seconds < 0 ? -seconds : seconds));
    length +=
        fraction_print(out + length, QLI_TIME_SIZE - (size_t)length, nanos < 0 ? -nanos : nanos);
    out[length++] = 's';
    return (size_t)length;
}
