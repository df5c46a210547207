/* What a board must have, by looks of certain moments. */
#include "services/evaluation/boards/freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define EPOCH "0192f0c1-0000-7000-8000-000000000001"

static struct freshness freshness;
static struct board_guard guard;

static int before_each(void **state)
{
    (void)state;
    memset(&freshness, 0, sizeof(freshness));
    return 0;
}

static void test_everything_is_refused_before_the_first_look(void **state)
{
    (void)state;
    assert_false(freshness_guard(&freshness, 1000000, &guard));
}

static void test_first_look_counts_until_it_is_a_second_old(void **state)
{
    (void)state;
    freshness_note(&freshness, 1000000, EPOCH, 5);
    assert_true(freshness_guard(&freshness, 1000001, &guard));
    assert_int_equal(guard.must, 5);
    assert_string_equal(guard.epoch, EPOCH);
}

static void test_greatest_change_of_a_second_ago_is_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        freshness_note(&freshness, 1000000 + i * FRESHNESS_LOOK_MS, EPOCH, 100 + i);
    /* The last look was at 1009750, number 139. */
    assert_true(freshness_guard(&freshness, 1009750, &guard));
    assert_int_equal(guard.must, 135);
    assert_true(freshness_guard(&freshness, 1009999, &guard));
    assert_int_equal(guard.must, 135);
    assert_true(freshness_guard(&freshness, 1010000, &guard));
    assert_int_equal(guard.must, 136);
}

static void test_everything_is_refused_when_looks_cease(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        freshness_note(&freshness, 1000000 + i * FRESHNESS_LOOK_MS, EPOCH, 100 + i);
    assert_true(freshness_guard(&freshness, 1009750 + FRESHNESS_LIMIT_MS, &guard));
    assert_int_equal(guard.must, 139);
    assert_false(freshness_guard(&freshness, 1009750 + FRESHNESS_LIMIT_MS + 1, &guard));
}

static void test_change_that_was_shown_is_never_missing_again(void **state)
{
    (void)state;
    freshness_note(&freshness, 1000000, EPOCH, 5);
    freshness_note(&freshness, 1000250, EPOCH, 9);
    assert_true(freshness_guard(&freshness, 1000260, &guard));
    assert_int_equal(guard.must, 5);
    freshness_note_shown(&freshness, 8);
    freshness_note_shown(&freshness, 7);
    assert_true(freshness_guard(&freshness, 1000260, &guard));
    assert_int_equal(guard.must, 8);
    /* A database that was restored does not have it any more. */
    freshness_note(&freshness, 1000500, EPOCH, 6);
    assert_true(freshness_guard(&freshness, 1000510, &guard));
    assert_int_equal(guard.must, 6);
}

static void test_limit_and_shared_pages_are_a_second_and_a_half(void **state)
{
    (void)state;
    assert_int_equal(FRESHNESS_LIMIT_MS + FRESHNESS_SHARED_MS, 1500);
    assert_true(FRESHNESS_LOOKS * FRESHNESS_LOOK_MS > 2 * FRESHNESS_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_everything_is_refused_before_the_first_look, before_each),
        cmocka_unit_test_setup(test_first_look_counts_until_it_is_a_second_old, before_each),
        cmocka_unit_test_setup(test_greatest_change_of_a_second_ago_is_asked, before_each),
        cmocka_unit_test_setup(test_everything_is_refused_when_looks_cease, before_each),
        cmocka_unit_test_setup(test_change_that_was_shown_is_never_missing_again, before_each),
        cmocka_unit_test_setup(test_limit_and_shared_pages_are_a_second_and_a_half, before_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
