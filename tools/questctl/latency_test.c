/* Latencies: what a part of the calls stayed within. */
#include "tools/questctl/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_small_numbers_are_exact(void **state)
{
    struct latency latency = {0};

    (void)state;
    for (int i = 1; i <= 60; i++)
        latency_add(&latency, i);
    assert_int_equal(latency_within_us(&latency, 0.5), 30);
    assert_int_equal(latency_within_us(&latency, 1), 60);
    assert_int_equal(latency.n, 60);
    assert_int_equal(latency.sum_us, 1830);
}

static void test_large_numbers_are_within_three_per_cent(void **state)
{
    (void)state;
    for (int64_t value = 64; value < INT64_C(40000000); value += value / 7) {
        struct latency latency = {0};

        latency_add(&latency, value);
        latency_add(&latency, 2 * value);
        assert_true(latency_within_us(&latency, 0.5) >= value);
        assert_true(latency_within_us(&latency, 0.5) <= value + value * 32 / 1000);
        assert_int_equal(latency_within_us(&latency, 1), 2 * value);
    }
}

static void test_nothing_measured_is_zero_and_everything_has_a_place(void **state)
{
    struct latency latency = {0}, other = {0};

    (void)state;
    assert_int_equal(latency_within_us(&latency, 0.99), 0);
    latency_add(&latency, INT64_MAX / 2);
    latency_add(&latency, -1);
    latency_add(&other, 5);
    latency_merge(&latency, &other);
    assert_int_equal(latency.n, 3);
    assert_int_equal(latency_within_us(&latency, 0.6), 0);
    assert_int_equal(latency_within_us(&latency, 0.67), 5);
    assert_int_equal(latency.largest_us, INT64_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_numbers_are_exact),
        cmocka_unit_test(test_large_numbers_are_within_three_per_cent),
        cmocka_unit_test(test_nothing_measured_is_zero_and_everything_has_a_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
