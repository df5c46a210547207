/* ISO weeks: what is in which, and where each begins. */
#include "services/evaluation/score/week.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* "2026-12-01T10:00:00" in UTC. */
static int64_t moment(const char *text)
{
    struct tm tm = {0};

    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm));
    return (int64_t)timegm(&tm) * 1000;
}

static void assert_week(const char *text, const char *expected)
{
    char week[WEEK_SIZE];

    week_of(moment(text), week);
    assert_string_equal(week, expected);
}

static void test_days_around_new_year_are_in_the_week_of_their_thursday(void **state)
{
    (void)state;
    assert_week("2026-12-01T10:00:00", "2026-W49");
    assert_week("2026-12-31T23:59:59", "2026-W53");
    assert_week("2027-01-03T23:59:59", "2026-W53");
    assert_week("2027-01-04T00:00:00", "2027-W01");
    assert_week("2024-12-30T00:00:00", "2025-W01");
    assert_week("2021-01-03T12:00:00", "2020-W53");
    assert_week("2000-01-01T00:00:00", "1999-W52");
    assert_week("1970-01-01T00:00:00", "1970-W01");
    assert_week("9999-12-31T23:59:59", "9999-W52");
}

static void test_the_last_millisecond_of_a_week_is_in_it(void **state)
{
    char week[WEEK_SIZE];

    (void)state;
    week_of(moment("2027-01-04T00:00:00") - 1, week);
    assert_string_equal(week, "2026-W53");
}

/* Against the C library's %G-W%V. */
static void test_every_day_of_150_years_is_where_the_library_has_it(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 150 * 366; day++) {
        const time_t at = (time_t)(day * 24 * 3600);
        char expected[32], week[WEEK_SIZE];
        struct tm tm;
        int64_t start_ms;

        gmtime_r(&at, &tm);
        strftime(expected, sizeof(expected), "%G-W%V", &tm);
        week_of(day * 24 * 3600 * 1000, week);
        assert_string_equal(week, expected);
        assert_true(week_start(week, &start_ms));
        assert_true(start_ms <= day * 24 * 3600 * 1000);
        assert_true(day * 24 * 3600 * 1000 < start_ms + WEEK_MS);
    }
}

static void test_what_names_no_week_has_no_start(void **state)
{
    static const char *const names[] = {
        "2026-W54", "2026-W00", "2025-W53", "2026-W",   "2026-49",   "",
        "2026-W1x", "+026-W01", " 202-W01", "1969-W50", "2026-W491", "2026-w49",
    };
    int64_t start_ms;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(week_start(names[i], &start_ms));
    assert_true(week_start("2026-W53", &start_ms));
    assert_int_equal(start_ms, moment("2026-12-28T00:00:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_around_new_year_are_in_the_week_of_their_thursday),
        cmocka_unit_test(test_the_last_millisecond_of_a_week_is_in_it),
        cmocka_unit_test(test_every_day_of_150_years_is_where_the_library_has_it),
        cmocka_unit_test(test_what_names_no_week_has_no_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
