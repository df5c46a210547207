/* Which of several relays publishes. relay_turn_test.c has the cases that need no broker. */
#include "platform/outbox/relay_lease.h"

#include "platform/outbox/relay_fixture.h"

static void test_one_relay_publishes_and_the_next_takes_over(void **state)
{
    const struct ql_pg_pool_options options = {.url = ql_pg_test_url(), .max_connections = 2};
    struct ql_pg_pool *other_pool = ql_pg_pool_new(&options);
    struct fixture *f = *state;
    struct ql_relay *first = ql_relay_start(f->pool, broker_url(), "first"), *second;

    wait_for_a_holder(f);
    ql_pg_test_exec("CREATE TABLE first_holder AS SELECT holder FROM relay_lease");
    second = ql_relay_start(other_pool, broker_url(), "second");
    for (int i = 0; i < 20; i++) {
        add_rows(10 * i + 1, 10 * i + 10, "a");
        ql_relay_wake(second);
        ql_relay_wake(first);
    }
    wait_until_empty(f);
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM relay_lease JOIN first_holder USING (holder)"), 1);
    ql_relay_stop(first, STOP_MS);
    add_rows(201, 300, "a");
    wait_until_empty(f);
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM relay_lease JOIN first_holder USING (holder)"), 0);
    ql_relay_stop(second, STOP_MS);
    for (int i = 1; i <= 300; i++)
        assert_int_equal(next_number(f), i);
    assert_false(broker_try_get(&f->broker, TAP, &f->message));
    ql_pg_test_exec("DROP TABLE first_holder");
    ql_pg_pool_free(other_pool);
}

static void test_lease_of_a_dead_holder_is_waited_out(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    add_rows(1, 10, "a");
    ql_pg_test_exec("UPDATE relay_lease SET holder = gen_random_uuid(),"
                    " expires_at = clock_timestamp() + interval '1500 ms'");
    relay = ql_relay_start(f->pool, broker_url(), "test");
    while (ql_pg_test_int64("SELECT count(*) FROM relay_lease WHERE expires_at <"
                            " clock_timestamp() + interval '2 seconds'") == 1 &&
           n_rows_left() == 10)
        assert_true(ql_call_remaining_ms(&f->call) > 0);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM relay_lease WHERE expires_at >"
                                      " clock_timestamp() + interval '2 seconds'"),
                     1);
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    expect_numbers(f, 1, 10);
}

/* A relay that waits for another's lease looks likewise, and takes the lease when it
 * has ended. */
static void test_waiting_relay_looks_without_a_transaction(void **state)
{
    static const char looks[] =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'relay_test'"
        " AND query LIKE 'SELECT holder = %FROM relay_lease%'";
    struct fixture *f = *state;
    struct ql_relay *relay;

    ql_pg_test_exec("UPDATE relay_lease SET holder = gen_random_uuid(),"
                    " expires_at = clock_timestamp() + interval '1 hour'");
    relay = ql_relay_start(f->pool, broker_url(), "relay_test");
    wait_for(f, looks, 1);
    add_rows(1, 3, "a");
    ql_relay_wake(relay);
    wait_for(f, looks, 1);
    assert_int_equal(n_rows_left(), 3);
    ql_pg_test_exec("UPDATE relay_lease SET expires_at = clock_timestamp()");
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    expect_numbers(f, 1, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_one_relay_publishes_and_the_next_takes_over),
        WITH_FIXTURE(test_lease_of_a_dead_holder_is_waited_out),
        WITH_FIXTURE(test_waiting_relay_looks_without_a_transaction),
    };

    return RUN_WITH_FIXTURE(tests);
}
