/* Claims about the rules of the throttle. */
#include "services/user/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct throttle_rules rules = {
    .window_ms = 900000,
    .limits = {[THROTTLE_PAIR] = 10, [THROTTLE_ACCOUNT] = 50, [THROTTLE_ADDRESS] = 100},
};

static void test_each_limit_refuses_until_its_window_ends(void **state)
{
    static const struct {
        struct throttle_count counts[THROTTLE_SCOPES]; /* pair, account, address */
        bool is_at_home;
        int64_t wait_ms;
    } cases[] = {
        {{{0, 0}, {0, 0}, {0, 0}}, false, 0},
        {{{9, 1000}, {49, 1000}, {99, 1000}}, false, 0},
        {{{10, 1000}, {10, 5000}, {10, 9000}}, false, 1000},
        {{{11, 1000}, {50, 5000}, {10, 9000}}, false, 5000},
        {{{1, 1000}, {50, 5000}, {10, 9000}}, true, 0},
        {{{10, 1000}, {50, 5000}, {10, 9000}}, true, 1000},
        {{{1, 1000}, {1, 5000}, {100, 9000}}, true, 0},
        {{{1, 1000}, {1, 5000}, {100, 9000}}, false, 9000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(throttle_wait_ms(&rules, cases[i].counts, cases[i].is_at_home),
                         cases[i].wait_ms);
}

static void test_keys_of_accounts_and_addresses_differ(void **state)
{
    struct throttle one, shouted, elsewhere, other, nobody, impossible;

    (void)state;
    throttle_begin(&one, "ada", "192.0.2.7");
    throttle_begin(&shouted, "ADA", "192.0.2.7");
    assert_memory_equal(one.keys, shouted.keys, sizeof(one.keys));
    throttle_begin(&elsewhere, "ada", "192.0.2.8");
    assert_string_not_equal(one.keys[THROTTLE_PAIR], elsewhere.keys[THROTTLE_PAIR]);
    assert_string_equal(one.keys[THROTTLE_ACCOUNT], elsewhere.keys[THROTTLE_ACCOUNT]);
    assert_string_not_equal(one.keys[THROTTLE_ADDRESS], elsewhere.keys[THROTTLE_ADDRESS]);
    throttle_begin(&other, "bob", "192.0.2.7");
    assert_string_not_equal(one.keys[THROTTLE_PAIR], other.keys[THROTTLE_PAIR]);
    assert_string_not_equal(one.keys[THROTTLE_ACCOUNT], other.keys[THROTTLE_ACCOUNT]);
    assert_string_equal(one.keys[THROTTLE_ADDRESS], other.keys[THROTTLE_ADDRESS]);
    assert_true(one.has_address);
    throttle_begin(&nobody, "ada", NULL);
    assert_false(nobody.has_address);
    assert_string_equal(one.keys[THROTTLE_ACCOUNT], nobody.keys[THROTTLE_ACCOUNT]);
    /* Names that nobody can have are one account. */
    throttle_begin(&impossible, "* *", "192.0.2.7");
    throttle_begin(&other, "", "192.0.2.7");
    assert_memory_equal(impossible.keys, other.keys, sizeof(other.keys));
    for (int i = 0; i < THROTTLE_SCOPES; i++)
        assert_int_equal(strlen(one.keys[i]), THROTTLE_KEY_SIZE - 1);
}

static void test_password_checks_are_counted_apart_from_sign_ins(void **state)
{
    struct throttle sign_in, checked, elsewhere;

    (void)state;
    throttle_begin(&sign_in, "ada", "192.0.2.7");
    throttle_begin_password_check(&checked, "ADA", "192.0.2.7");
    throttle_begin_password_check(&elsewhere, "ada", "192.0.2.8");
    for (int i = 0; i < THROTTLE_SCOPES; i++)
        for (int j = 0; j < THROTTLE_SCOPES; j++)
            assert_string_not_equal(sign_in.keys[i], checked.keys[j]);
    assert_false(checked.has_address);
    assert_string_not_equal(checked.keys[THROTTLE_PAIR], elsewhere.keys[THROTTLE_PAIR]);
    assert_string_equal(checked.keys[THROTTLE_ACCOUNT], elsewhere.keys[THROTTLE_ACCOUNT]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_limit_refuses_until_its_window_ends),
        cmocka_unit_test(test_keys_of_accounts_and_addresses_differ),
        cmocka_unit_test(test_password_checks_are_counted_apart_from_sign_ins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
