/* Tests of handing batches over; the batches are empty. */
#include "platform/rpc/client/arrivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/rpc/client/batch.h"

static void count_wake(void *argument)
{
    ++*(int *)argument;
}

static void test_taker_is_woken_once_for_all_that_waits(void **state)
{
    static struct qli_batch batches[3];
    struct qli_arrivals arrivals;
    struct qli_batch *first;
    int n_wakes = 0;

    (void)state;
    qli_arrivals_init(&arrivals, count_wake, &n_wakes);
    assert_null(qli_arrivals_take(&arrivals));
    assert_true(qli_arrivals_put(&arrivals, &batches[0]));
    assert_true(qli_arrivals_put(&arrivals, &batches[1]));
    assert_int_equal(n_wakes, 1);
    first = qli_arrivals_take(&arrivals);
    assert_ptr_equal(first, &batches[0]);
    assert_ptr_equal(first->next, &batches[1]);
    assert_null(first->next->next);
    assert_true(qli_arrivals_put(&arrivals, &batches[2]));
    assert_int_equal(n_wakes, 2);
    assert_ptr_equal(qli_arrivals_close(&arrivals), &batches[2]);
    qli_arrivals_done(&arrivals);
}

static void test_nothing_is_taken_over_where_nobody_takes(void **state)
{
    static struct qli_batch batch;
    struct qli_arrivals closed, without;
    int n_wakes = 0;

    (void)state;
    qli_arrivals_init(&without, NULL, NULL);
    assert_false(qli_arrivals_put(&without, &batch));
    qli_arrivals_init(&closed, count_wake, &n_wakes);
    assert_null(qli_arrivals_close(&closed));
    assert_false(qli_arrivals_put(&closed, &batch));
    assert_int_equal(n_wakes, 0);
    qli_arrivals_done(&without);
    qli_arrivals_done(&closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taker_is_woken_once_for_all_that_waits),
        cmocka_unit_test(test_nothing_is_taken_over_where_nobody_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
