/* Reading clocks, printing times and sleeping in small steps. */
#include "platform/base/clock.h"

#include <time.h>

enum { STOP_CHECK_MS = 10 };

static const int64_t DAY_MS = 86400000;

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ql_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t ql_unix_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

/* The proleptic Gregorian date of a day counted from 1970-01-01. Years begin in
 * March here, so that the leap day is the last of its year, and eras of 400
 * years, which all have the same number of days, begin in March of year 0. */
static void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t from_era0 = days + 719468;
    int64_t era = (from_era0 >= 0 ? from_era0 : from_era0 - 146096) / 146097;
    int day_of_era = (int)(from_era0 - era * 146097);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;

    *ret_day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *ret_month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *ret_year = (int)(era * 400) + year_of_era + (*ret_month <= 2 ? 1 : 0);
}

/* Exactly width digits and the character that follows them; returns the end. */
static char *print_digits(char *out, int number, int width, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    out[width] = after;
    return out + width + 1;
}

void ql_rfc3339_from_unix_ms(int64_t unix_ms, char ret_text[QL_RFC3339_MAX])
{
    const int64_t earliest = INT64_C(-62135596800000); /* 0001-01-01T00:00:00.000Z */
    const int64_t latest = INT64_C(253402300799999);   /* 9999-12-31T23:59:59.999Z */
    int64_t days, rest;
    int year, month, day;
    char *out;

    /* RFC 3339 has no other years, so the nearest time is printed. */
    if (unix_ms < earliest)
        unix_ms = earliest;
    if (unix_ms > latest)
        unix_ms = latest;
    days = unix_ms / DAY_MS;
    rest = unix_ms % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    civil_from_days(days, &year, &month, &day);
    out = print_digits(ret_text, year, 4, '-');
    out = print_digits(out, month, 2, '-');
    out = print_digits(out, day, 2, 'T');
    out = print_digits(out, (int)(rest / 3600000), 2, ':');
    out = print_digits(out, (int)(rest / 60000 % 60), 2, ':');
    out = print_digits(out, (int)(rest / 1000 % 60), 2, '.');
    out = print_digits(out, (int)(rest % 1000), 3, 'Z');
    *out = '\0';
}

bool ql_sleep_ms(int64_t duration_ms, const _Atomic bool *stop)
{
    const int64_t start = ql_monotonic_ms();

    for (;;) {
        int64_t left = duration_ms - (ql_monotonic_ms() - start);
        struct timespec step;

        if (stop != NULL && *stop)
            return true;
        if (left <= 0)
            return false;
        if (left > STOP_CHECK_MS)
            left = STOP_CHECK_MS;
        step.tv_sec = 0;
        step.tv_nsec = (long)left * 1000000;
        nanosleep(&step, NULL);
    }
}
