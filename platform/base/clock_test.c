/* Tests of the clocks, of RFC 3339 texts and of the stoppable sleep. */
#include "platform/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_known_instants_print_as_rfc3339(void **state)
{
    static const struct {
        int64_t unix_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1709210096789, "2024-02-29T12:34:56.789Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62135596800000, "0001-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        char text[QL_RFC3339_MAX];

        ql_rfc3339_from_unix_ms(cases[i].unix_ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_every_week_of_all_years_agrees_with_gmtime(void **state)
{
    (void)state;
    for (int64_t second = -62135596800; second < 253402300800; second += 7 * 86400 + 3607) {
        time_t when = (time_t)second;
        char text[QL_RFC3339_MAX], expected[80];
        struct tm tm;

        assert_non_null(gmtime_r(&when, &tm));
        snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.007Z",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        ql_rfc3339_from_unix_ms(second * 1000 + 7, text);
        if (strcmp(text, expected) != 0)
            fail_msg("%s instead of %s", text, expected);
    }
}

static void test_years_rfc3339_lacks_become_the_nearest_instant(void **state)
{
    char text[QL_RFC3339_MAX];

    (void)state;
    ql_rfc3339_from_unix_ms(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    ql_rfc3339_from_unix_ms(INT64_MIN, text);
    assert_string_equal(text, "0001-01-01T00:00:00.000Z");
}

static void test_clocks_move_forward(void **state)
{
    int64_t monotonic = ql_monotonic_ms();

    (void)state;
    assert_true(ql_unix_ms() > INT64_C(1700000000000));
    assert_true(ql_monotonic_ms() >= monotonic);
}

static void test_sleep_lasts_as_long_as_asked(void **state)
{
    int64_t start = ql_monotonic_ms();
    _Atomic bool stop = false;

    (void)state;
    assert_false(ql_sleep_ms(25, &stop));
    assert_true(ql_monotonic_ms() - start >= 25);
    assert_false(ql_sleep_ms(0, NULL));
    assert_false(ql_sleep_ms(-5, NULL));
}

static void *set_stop(void *stop)
{
    *(_Atomic bool *)stop = true;
    return NULL;
}

static void test_sleep_ends_early_when_stopped(void **state)
{
    int64_t start = ql_monotonic_ms();
    _Atomic bool stop = false;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, set_stop, (void *)&stop), 0);
    assert_true(ql_sleep_ms(60000, &stop));
    assert_true(ql_monotonic_ms() - start < 30000);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_instants_print_as_rfc3339),
        cmocka_unit_test(test_every_week_of_all_years_agrees_with_gmtime),
        cmocka_unit_test(test_years_rfc3339_lacks_become_the_nearest_instant),
        cmocka_unit_test(test_clocks_move_forward),
        cmocka_unit_test(test_sleep_lasts_as_long_as_asked),
        cmocka_unit_test(test_sleep_ends_early_when_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
