/* Correlations of small sets, and of numbers as great as they may be. */
#include "services/evaluation/stats/correlation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void add(struct correlation_sums *sums, int64_t x, int64_t y)
{
    sums->n++;
    sums->sum_x += x;
    sums->sum_xx += x * x;
    sums->sum_y += y;
    sums->sum_yy += y * y;
    sums->sum_xy += x * y;
}

static int32_t correlation(const struct correlation_sums *sums)
{
    int32_t basis_points;

    assert_true(correlation_of(sums, &basis_points));
    return basis_points;
}

static void test_what_grows_together_is_one(void **state)
{
    struct correlation_sums same = {0}, opposite = {0};

    (void)state;
    for (int i = 0; i < 10; i++) {
        add(&same, 100 * i, 7 * i + 3);
        add(&opposite, 100 * i, -7 * i);
    }
    assert_int_equal(correlation(&same), 10000);
    assert_int_equal(correlation(&opposite), -10000);
}

/* x 1 2 3 4, y 1 3 2 4: 0.8. x 0 0 1, y 0 1 1: 0.5. x 1 2 3, y 2 3 2: 0. */
static void test_worked_examples(void **state)
{
    struct correlation_sums a = {0}, b = {0}, c = {0}, d = {0};

    (void)state;
    add(&a, 1, 1), add(&a, 2, 3), add(&a, 3, 2), add(&a, 4, 4);
    assert_int_equal(correlation(&a), 8000);
    add(&b, 0, 0), add(&b, 0, 1), add(&b, 1, 1);
    assert_int_equal(correlation(&b), 5000);
    add(&c, 1, 2), add(&c, 2, 3), add(&c, 3, 2);
    assert_int_equal(correlation(&c), 0);
    /* -1/√3 = -0.57735…: toward zero. */
    add(&d, 0, 1), add(&d, 0, 1), add(&d, 1, 1), add(&d, 1, 0);
    assert_int_equal(correlation(&d), -5773);
}

static void test_without_variance_there_is_none(void **state)
{
    struct correlation_sums none = {0}, one = {0}, alike = {0};
    int32_t basis_points;

    (void)state;
    assert_false(correlation_of(&none, &basis_points));
    add(&one, 1000, 5000);
    assert_false(correlation_of(&one, &basis_points));
    add(&alike, 1000, 5000), add(&alike, 1000, 7000);
    assert_false(correlation_of(&alike, &basis_points));
    assert_int_equal(basis_points, 0);
}

static void test_the_greatest_numbers_do_not_overflow(void **state)
{
    const int64_t half = 400000000;
    const struct correlation_sums together = {
        .n = 2 * half,
        .sum_x = 0,
        .sum_xx = 2 * half * 10000000000,
        .sum_y = 10000 * half,
        .sum_yy = 100000000 * half,
        .sum_xy = 1000000000 * half,
    };

    (void)state;
    assert_int_equal(correlation(&together), 10000);
}

/* No share is one too many or too few: k holds and k + 1 does not, in plain integers. */
static void test_random_sets_against_plain_integers(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct correlation_sums s = {0};
        int64_t x, y, both;
        int32_t k;

        for (int i = 0; i < 2 + rand_r(&seed) % 6; i++)
            add(&s, rand_r(&seed) % 5, rand_r(&seed) % 5);
        if (!correlation_of(&s, &k))
            continue;
        x = s.n * s.sum_xx - s.sum_x * s.sum_x;
        y = s.n * s.sum_yy - s.sum_y * s.sum_y;
        both = s.n * s.sum_xy - s.sum_x * s.sum_y;
        assert_true((k >= 0) == (both >= 0) || k == 0);
        k = abs(k);
        assert_true(k * (int64_t)k * x * y <= both * both * 100000000);
        assert_true((k + 1) * (int64_t)(k + 1) * x * y > both * both * 100000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_grows_together_is_one),
        cmocka_unit_test(test_worked_examples),
        cmocka_unit_test(test_without_variance_there_is_none),
        cmocka_unit_test(test_the_greatest_numbers_do_not_overflow),
        cmocka_unit_test(test_random_sets_against_plain_integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
