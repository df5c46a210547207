/* Tests of the choice among endpoints, which here have no sockets. */
#include "platform/rpc/client/endpoint_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { ENDPOINTS = 3 };

static struct qli_endpoint endpoints[ENDPOINTS];
static struct qli_endpoint_set set;

static int before_each(void **state)
{
    (void)state;
    set = (struct qli_endpoint_set){.next_turn = 0};
    for (int i = 0; i < ENDPOINTS; i++) {
        endpoints[i] = (struct qli_endpoint){.pipe = 1};
        snprintf(endpoints[i].address, sizeof(endpoints[i].address), "tcp://127.0.0.1:%d", i + 1);
        assert_true(qli_endpoint_set_add(&set, &endpoints[i]));
    }
    return 0;
}

static void assert_picked(uint32_t tried, int index)
{
    const struct qli_endpoint *picked = qli_endpoint_set_pick(&set, tried);

    assert_non_null(picked);
    assert_int_equal(picked->index, index);
}

static void test_equals_take_turns(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * ENDPOINTS; i++)
        assert_picked(0, i % ENDPOINTS);
}

static void test_fewest_calls_win(void **state)
{
    (void)state;
    endpoints[0].n_calls = 2;
    endpoints[1].n_calls = 1;
    endpoints[2].n_calls = 3;
    assert_picked(0, 1);
    assert_picked(0, 1);
}

static void test_untried_come_before_tried_and_those_before_what_is_out(void **state)
{
    (void)state;
    endpoints[0].state = QLI_ENDPOINT_HUNG;
    endpoints[1].n_calls = 9;
    endpoints[2].n_calls = 1;
    assert_picked(1U << 2, 1);
    assert_picked(1U << 1 | 1U << 2, 2);
    endpoints[1].state = endpoints[2].state = QLI_ENDPOINT_CLOSED;
    assert_picked(0, 2);
    endpoints[1].pipe = endpoints[2].pipe = 0;
    assert_picked(0, 0);
    endpoints[0].pipe = 0;
    assert_null(qli_endpoint_set_pick(&set, 0));
}

static void test_available_is_what_is_connected_and_in(void **state)
{
    (void)state;
    assert_int_equal(qli_endpoint_set_available(&set), 7);
    endpoints[0].pipe = 0;
    endpoints[1].state = QLI_ENDPOINT_CLOSED;
    assert_int_equal(qli_endpoint_set_available(&set), 4);
    assert_int_equal(qli_endpoint_set_count(&set), ENDPOINTS);
}

static void test_what_is_no_longer_named_leaves_when_its_exchanges_have_ended(void **state)
{
    static const char kept[][QLI_ADDRESS_MAX] = {"tcp://127.0.0.1:1", "tcp://127.0.0.1:3"};
    struct qli_lease lease = {.n_calls = 1};

    (void)state;
    endpoints[2].target = 1; /* another name's, which this is not about */
    endpoints[1].leases = &lease;
    qli_endpoint_set_keep(&set, 0, kept, 1);
    assert_int_equal(endpoints[0].state, QLI_ENDPOINT_IN);
    assert_int_equal(endpoints[1].state, QLI_ENDPOINT_LEAVING);
    assert_int_equal(endpoints[2].state, QLI_ENDPOINT_IN);
    assert_int_equal(qli_endpoint_set_count(&set), 2);
    assert_null(qli_endpoint_set_take_left(&set));
    endpoints[1].leases = NULL;
    assert_ptr_equal(qli_endpoint_set_take_left(&set), &endpoints[1]);
    assert_false(qli_endpoint_set_has(&set, "tcp://127.0.0.1:2"));
    assert_true(qli_endpoint_set_add(&set, &endpoints[1]));
    assert_int_equal(endpoints[1].index, 1);
    assert_int_equal(endpoints[1].serial, ENDPOINTS + 1);
}

static void test_what_is_named_again_stays(void **state)
{
    static const char both[][QLI_ADDRESS_MAX] = {"tcp://127.0.0.1:1", "tcp://127.0.0.1:2"};

    (void)state;
    endpoints[2].target = 1;
    qli_endpoint_set_keep(&set, 0, both, 1);
    assert_int_equal(endpoints[1].state, QLI_ENDPOINT_LEAVING);
    qli_endpoint_set_keep(&set, 0, both, 2);
    assert_int_equal(endpoints[1].state, QLI_ENDPOINT_IN);
}

static void test_set_has_a_bound(void **state)
{
    static struct qli_endpoint more[QLI_ENDPOINTS_MAX];

    (void)state;
    for (int i = 0; i < QLI_ENDPOINTS_MAX - ENDPOINTS; i++)
        assert_true(qli_endpoint_set_add(&set, &more[i]));
    assert_false(qli_endpoint_set_add(&set, &more[QLI_ENDPOINTS_MAX - ENDPOINTS]));
}

#define CLAIM(test) cmocka_unit_test_setup(test, before_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_equals_take_turns),
        CLAIM(test_fewest_calls_win),
        CLAIM(test_untried_come_before_tried_and_those_before_what_is_out),
        CLAIM(test_available_is_what_is_connected_and_in),
        CLAIM(test_what_is_no_longer_named_leaves_when_its_exchanges_have_ended),
        CLAIM(test_what_is_named_again_stays),
        CLAIM(test_set_has_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
