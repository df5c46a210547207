/* Tests of the threads of a service's own: turns, pauses, waking, leases. */
#include "platform/service/threads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pg/lease.h"
#include "platform/pg/test_database.h"

enum { WAIT_MS = 30000, TURN_MS = 5000, LONG_MS = 3600 * 1000, SHORT_MS = 1 };

/* What a thread of the tests does and did; app of its calls. */
struct journal {
    _Atomic int n_turns, n_busy_turns, n_failures, n_conflicts;
};

static enum ql_code take_turn(struct ql_call *call, void *app, bool *ret_has_more)
{
    struct journal *journal = app;

    if (call->app != app || ql_call_remaining_ms(call) <= 0)
        return ql_fail(call, QL_INTERNAL, "TEST", "a call without its app or time");
    if (atomic_load(&journal->n_conflicts) > 0) {
        atomic_fetch_sub(&journal->n_conflicts, 1);
        (void)ql_fail(call, QL_ABORTED, "TEST", "a concurrent change");
        call->status.is_conflict = true;
        return QL_ABORTED;
    }
    if (atomic_load(&journal->n_failures) > 0) {
        atomic_fetch_sub(&journal->n_failures, 1);
        return ql_fail(call, QL_UNAVAILABLE, "TEST", "not yet");
    }
    *ret_has_more = atomic_load(&journal->n_busy_turns) > 0;
    if (*ret_has_more)
        atomic_fetch_sub(&journal->n_busy_turns, 1);
    atomic_fetch_add(&journal->n_turns, 1);
    return QL_OK;
}

static void wait_for_turns(struct journal *journal, int n)
{
    int64_t end_ms = ql_monotonic_ms() + WAIT_MS;

    while (atomic_load(&journal->n_turns) < n) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("%d of %d turns", atomic_load(&journal->n_turns), n);
        (void)ql_sleep_ms(2, NULL);
    }
}

static void test_a_thread_takes_turns_until_the_drain(void **state)
{
    static const struct ql_service_thread list[] = {
        {.name = "one", .turn = take_turn, .pause_ms = SHORT_MS, .turn_ms = TURN_MS},
        {0},
    };
    struct journal journal = {0};
    struct qli_threads *threads = qli_threads_start(list, NULL, &journal);
    int n_turns;

    (void)state;
    assert_non_null(threads);
    wait_for_turns(&journal, 3);
    qli_threads_drain(threads);
    n_turns = atomic_load(&journal.n_turns);
    qli_threads_wake(threads, "one"); /* harmless, and wakes nobody any more */
    qli_threads_stop(threads);
    assert_int_equal(atomic_load(&journal.n_turns), n_turns);
}

static void test_more_to_do_and_a_wake_end_the_pause(void **state)
{
    static const struct ql_service_thread list[] = {
        {.name = "one", .turn = take_turn, .pause_ms = LONG_MS, .turn_ms = TURN_MS},
        {0},
    };
    struct journal journal = {.n_busy_turns = 2};
    struct qli_threads *threads = qli_threads_start(list, NULL, &journal);

    (void)state;
    assert_non_null(threads);
    wait_for_turns(&journal, 3);
    qli_threads_wake(threads, "other");
    qli_threads_wake(threads, "one");
    wait_for_turns(&journal, 4);
    qli_threads_stop(threads);
    assert_int_equal(atomic_load(&journal.n_turns), 4);
}

static void test_a_turn_is_taken_again_after_a_conflict_and_after_a_failure(void **state)
{
    static const struct ql_service_thread list[] = {
        {.name = "one", .turn = take_turn, .pause_ms = SHORT_MS, .turn_ms = TURN_MS},
        {0},
    };
    struct journal journal = {.n_failures = 2, .n_conflicts = 2};
    struct qli_threads *threads = qli_threads_start(list, NULL, &journal);

    (void)state;
    assert_non_null(threads);
    wait_for_turns(&journal, 1);
    qli_threads_stop(threads);
    assert_int_equal(atomic_load(&journal.n_failures), 0);
    assert_int_equal(atomic_load(&journal.n_conflicts), 0);
}

static struct ql_pg_pool *open_pool(void)
{
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "threads_test", .max_connections = 2});

    assert_non_null(pool);
    return pool;
}

static void test_a_lease_lets_one_process_take_turns_and_then_the_next(void **state)
{
    static const struct ql_service_thread list[] = {
        {.name = "one",
         .turn = take_turn,
         .lease = "test",
         .pause_ms = SHORT_MS,
         .turn_ms = TURN_MS},
        {0},
    };
    struct journal first = {0}, second = {0};
    struct ql_pg_pool *pools[2];
    struct qli_threads *one, *other;

    (void)state;
    if (getenv("QL_TEST_PG_URL") == NULL)
        skip();
    ql_pg_test_migrate((const struct ql_pg_migration *const[]){ql_pg_lease_migrations()}, 1);
    pools[0] = open_pool();
    pools[1] = open_pool();
    one = qli_threads_start(list, pools[0], &first);
    assert_non_null(one);
    wait_for_turns(&first, 1);
    other = qli_threads_start(list, pools[1], &second);
    assert_non_null(other);
    wait_for_turns(&first, atomic_load(&first.n_turns) + 20);
    assert_int_equal(atomic_load(&second.n_turns), 0);
    qli_threads_stop(one);
    wait_for_turns(&second, 1);
    qli_threads_stop(other);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM leases"), 0);
    ql_pg_pool_free(pools[0]);
    ql_pg_pool_free(pools[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_takes_turns_until_the_drain),
        cmocka_unit_test(test_more_to_do_and_a_wake_end_the_pause),
        cmocka_unit_test(test_a_turn_is_taken_again_after_a_conflict_and_after_a_failure),
        cmocka_unit_test(test_a_lease_lets_one_process_take_turns_and_then_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
