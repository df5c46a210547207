/* Claims about what a loop holds, as it is counted. */
#include "gateway/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/base/log.h"

enum { CLIENT_MAX = 1000, LOOP_MAX = 500 };

static struct ql_limits *limits;
static struct ql_client client;
static struct memory memory;
static struct memory_account account, other;
static struct memory_account *to_cut; /* by the next relief; NULL: none holds much */

static bool relieve(struct memory *relieved)
{
    assert_ptr_equal(relieved, &memory);
    if (to_cut == NULL)
        return false;
    memory_expect_end(to_cut);
    to_cut = NULL;
    return true;
}

static int set_up(void **state)
{
    struct ql_limits_settings settings = {0};

    (void)state;
    ql_log_setup("memory-test", QL_LOG_ERROR);
    settings.max[QL_LIMIT_HELD_BYTES] = CLIENT_MAX;
    limits = ql_limits_new(&settings);
    if (limits == NULL)
        return -1;
    ql_client_of_address(limits, "192.0.2.7", &client);
    memory = (struct memory){.limits = limits, .relieve = relieve, .max = LOOP_MAX};
    account = other = (struct memory_account){.memory = &memory};
    to_cut = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_limits_free(limits);
    return 0;
}

static void take(struct memory_account *taker, size_t bytes)
{
    assert_int_equal(memory_take(taker, &client, bytes), MEMORY_TAKEN);
    taker->charged += bytes;
}

static void give(struct memory_account *giver, size_t bytes)
{
    memory_give(giver, &client, bytes);
    giver->charged -= bytes;
}

static void assert_nothing_is_held(void)
{
    assert_int_equal(memory.held, 0);
    assert_int_equal(memory.ending, 0);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HELD_BYTES, &client), 0);
}

static void test_what_is_given_back_is_no_longer_held(void **state)
{
    (void)state;
    take(&account, 300);
    assert_int_equal(memory.held, 300);
    assert_true(memory_set_buffered(&account, &client, 100));
    assert_int_equal(memory_held_by(&account), 400);
    assert_true(memory_is_short(&memory));
    assert_true(memory_set_buffered(&account, &client, 0));
    give(&account, 300);
    assert_nothing_is_held();
}

static void test_client_at_its_limit_takes_nothing(void **state)
{
    (void)state;
    assert_int_equal(memory_take(&account, &client, CLIENT_MAX + 1), MEMORY_CLIENT_FULL);
    assert_nothing_is_held();
}

static void test_loop_that_is_full_of_small_holders_takes_nothing(void **state)
{
    (void)state;
    take(&account, LOOP_MAX);
    assert_int_equal(memory_take(&other, &client, 1), MEMORY_LOOP_FULL);
    assert_false(memory_set_buffered(&other, &client, 1));
    give(&account, LOOP_MAX);
    assert_nothing_is_held();
}

static void test_another_connection_is_cut_for_what_is_taken(void **state)
{
    (void)state;
    take(&account, LOOP_MAX);
    to_cut = &account;
    take(&other, 400);
    assert_int_equal(memory.ending, LOOP_MAX);
    give(&account, LOOP_MAX);
    give(&other, 400);
    assert_nothing_is_held();
}

/* A connection that is cut for what it takes itself leaves no bytes counted for ever. */
static void test_connection_that_is_cut_while_it_takes_gives_all_back(void **state)
{
    (void)state;
    take(&account, 400);
    to_cut = &account;
    take(&account, 200);
    assert_int_equal(memory.ending, 600);
    give(&account, 200);
    give(&account, 400);
    assert_nothing_is_held();
    take(&other, LOOP_MAX);
    give(&other, LOOP_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_given_back_is_no_longer_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_client_at_its_limit_takes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loop_that_is_full_of_small_holders_takes_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_connection_is_cut_for_what_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_connection_that_is_cut_while_it_takes_gives_all_back,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
