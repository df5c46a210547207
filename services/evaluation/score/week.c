/* Weeks are counted from the Monday before 1970-01-01, a Thursday. */
#include "services/evaluation/score/week.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = WEEK_MS / 7, MONDAY_TO_THURSDAY = 3, YEAR_MIN = 1970, YEAR_MAX = 9999 };

/* Days from 1970-01-01 to January 1 of a year from 1970 on. */
static int64_t days_before(int64_t year)
{
    int64_t y = year - 1;

    return (year - YEAR_MIN) * 365 + (y / 4 - y / 100 + y / 400) -
           (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static int64_t year_of(int64_t day)
{
    int64_t year = YEAR_MIN + day / 366;

    while (days_before(year + 1) <= day)
        year++;
    return year;
}

/* The Thursday of the week that a day is in. */
static int64_t thursday_of(int64_t day)
{
    int64_t from_monday = day + MONDAY_TO_THURSDAY;

    return day - from_monday % 7 + MONDAY_TO_THURSDAY;
}

void week_of(int64_t unix_ms, char ret_week[WEEK_SIZE])
{
    int64_t thursday = thursday_of(unix_ms / DAY_MS), year = year_of(thursday);
    unsigned number = (unsigned)((thursday - days_before(year)) / 7 + 1);

    /* The remainders are the numbers themselves; they bound the text for the compiler. */
    snprintf(ret_week, WEEK_SIZE, "%04u-W%02u", (unsigned)year % 10000, number % 100);
}

bool week_start(const char *week, int64_t *ret_unix_ms)
{
    char again[WEEK_SIZE];
    int year = 0, number = 0;
    int64_t january_4;

    *ret_unix_ms = 0;
    if (strlen(week) != WEEK_SIZE - 1 || sscanf(week, "%4d-W%2d", &year, &number) != 2)
        return false;
    if (year < YEAR_MIN || year > YEAR_MAX || number < 1)
        return false;
    /* January 4 is always in the first week (ISO 8601). */
    january_4 = days_before(year) + 3;
    *ret_unix_ms = (thursday_of(january_4) - MONDAY_TO_THURSDAY + (number - 1) * 7LL) * DAY_MS;
    week_of(*ret_unix_ms, again);
    return strcmp(week, again) == 0;
}
