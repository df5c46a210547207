/* The relay between a real database and a real broker, which may be away. */
#include "platform/outbox/relay.h"

#include "platform/base/id.h"
#include "platform/outbox/relay_fixture.h"
#include "platform/outbox/relay_turn.h"

#define REFUSING_TAP "questline.test.outbox.refusing"

static void test_rows_leave_once_in_order_and_are_deleted(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    add_rows(1, 1200, "a");
    relay = ql_relay_start(f->pool, broker_url(), "test");
    assert_non_null(relay);
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    for (int i = 1; i <= 1200; i++)
        assert_int_equal(next_number(f), i);
    assert_string_equal(f->message.type, "outbox.row");
    assert_string_equal(f->message.routing_key, "custom.outbox.a");
    assert_true(ql_uuid_is_valid(f->message.message_id));
    assert_false(broker_try_get(&f->broker, TAP, &f->message));
}

static void test_rows_stay_while_there_is_no_broker(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;
    int64_t start_ms;

    add_rows(1, 10, "a");
    relay = ql_relay_start(f->pool, CLOSED_PORT, "test");
    wait_for_a_holder(f);
    ql_relay_wake(relay);
    add_rows(11, 20, "a");
    start_ms = ql_monotonic_ms();
    ql_relay_stop(relay, STOP_MS);
    assert_true(ql_monotonic_ms() - start_ms < STOP_MS);
    assert_int_equal(n_rows_left(), 20);
    assert_int_equal(ql_pg_test_int64("SELECT count(holder) FROM relay_lease"), 0);
}

static void test_rows_leave_in_order_when_the_broker_comes_back(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, f->proxy.url, "test");

    add_rows(1, 50, "a");
    wait_until_empty(f);
    proxy_set_away(&f->proxy, true);
    add_rows(51, 800, "a");
    ql_relay_wake(relay);
    assert_int_equal(n_rows_left(), 750);
    proxy_set_away(&f->proxy, false);
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    expect_numbers(f, 1, 800);
}

static void test_connections_cut_while_publishing_lose_nothing(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    add_rows(1, 6000, "a");
    relay = ql_relay_start(f->pool, f->proxy.url, "test");
    for (int cut = 0; cut < 3; cut++) {
        int64_t left = n_rows_left();

        while (n_rows_left() == left && left > 0)
            assert_true(ql_call_remaining_ms(&f->call) > 0);
        proxy_set_away(&f->proxy, true);
        proxy_set_away(&f->proxy, false);
        ql_pg_test_exec("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                        " WHERE application_name = 'relay_test'");
    }
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    expect_numbers(f, 1, 6000);
}

static void test_refused_row_stays_and_others_pass_and_it_leaves_in_the_end(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    broker_tap(&f->broker, REFUSING_TAP, "custom.outbox.narrow", 1);
    add_rows(1, 1, "narrow");
    relay = ql_relay_start(f->pool, broker_url(), "test");
    wait_until_empty(f); /* the one that fits */
    add_rows(2, 2, "narrow");
    add_rows(3, 700, "a");
    wait_for(f, "SELECT count(*) FROM outbox WHERE routing_key = 'custom.outbox.a'", 0);
    add_rows(701, 710, "a");
    wait_for(f, "SELECT count(*) FROM outbox WHERE routing_key = 'custom.outbox.a'", 0);
    assert_int_equal(n_rows_left(), 1);
    assert_true(broker_try_get(&f->broker, REFUSING_TAP, &f->message));
    wait_until_empty(f);
    broker_get(&f->broker, REFUSING_TAP, &f->message);
    assert_memory_equal(f->message.body, "2", 1);
    ql_relay_stop(relay, STOP_MS);
}

static void test_row_committed_after_higher_ids_left_is_not_lost(void **state)
{
    static const struct ql_pg_statement insert = {
        "test_insert", "INSERT INTO outbox (event_id, event_type, routing_key, bytes) VALUES"
                       " (gen_random_uuid(), 'outbox.row', 'custom.outbox.a', '1')"};
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, broker_url(), "test");
    struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &insert, NULL, 0, NULL), QL_OK);
    add_rows(2, 3, "a");
    wait_until_empty(f);
    assert_int_equal(next_number(f), 2);
    assert_int_equal(next_number(f), 3);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    ql_relay_wake(relay);
    wait_until_empty(f);
    assert_int_equal(next_number(f), 1);
    ql_relay_stop(relay, STOP_MS);
}

/* A relay that asks the database nothing for longer than it pauses is waiting for the
 * broker. */
static void wait_until_publishing(struct fixture *f)
{
    wait_for(f,
             "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'relay_test'"
             " AND query_start > clock_timestamp() - interval '1500 ms'",
             0);
}

static void test_row_committed_while_higher_ids_are_published_is_not_deleted(void **state)
{
    static const struct ql_pg_statement insert = {
        "test_insert", "INSERT INTO outbox (event_id, event_type, routing_key, bytes) VALUES"
                       " (gen_random_uuid(), 'outbox.row', 'custom.outbox.a', '2')"};
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, f->proxy.url, "test");
    struct ql_pg_tx *tx = NULL;

    add_rows(1, 1, "a");
    wait_until_empty(f);
    assert_int_equal(next_number(f), 1);
    f->proxy.is_deaf = true;
    assert_int_equal(ql_pg_begin(&f->call, f->pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &insert, NULL, 0, NULL), QL_OK);
    add_rows(3, 4, "a");
    wait_until_publishing(f);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    f->proxy.is_deaf = false;
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(next_number(f), 3);
    assert_int_equal(next_number(f), 4);
    assert_int_equal(next_number(f), 2);
}

static void test_rows_committed_before_the_stop_leave_in_the_last_turn(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, broker_url(), "test");

    wait_for_a_holder(f);
    add_rows(1, 1100, "a");
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(n_rows_left(), 0);
    expect_numbers(f, 1, 1100);
    ql_relay_wake(NULL);
    ql_relay_stop(NULL, 0);
}

/* What the server saw last of an idle relay is the look, and not the end of a
 * transaction; rows that come then are not seen later for it. */
static void test_idle_relay_looks_without_a_transaction(void **state)
{
    static const char looks[] = "SELECT count(*) FROM pg_stat_activity WHERE application_name ="
                                " 'relay_test' AND query LIKE 'SELECT EXISTS (SELECT FROM outbox%'";
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, f->proxy.url, "relay_test");

    wait_for_a_holder(f);
    wait_for(f, looks, 1);
    add_rows(1, 3, "idle");
    expect_numbers(f, 1, 3);
    wait_until_empty(f);
    wait_for(f, looks, 1);
    ql_relay_stop(relay, STOP_MS);
}

/* The count that is due each second costs an idle relay no transaction either. */
static void test_idle_relay_counts_by_its_look(void **state)
{
    static const char looked[] =
        "SELECT count(*) FROM (SELECT query FROM pg_stat_activity WHERE application_name ="
        " 'relay_test' ORDER BY state_change DESC LIMIT 1) last"
        " WHERE query LIKE 'SELECT EXISTS (SELECT FROM outbox%'";
    struct fixture *f = *state;
    struct ql_publisher *publisher = ql_publisher_new(f->proxy.url, "relay_test");
    struct qli_relay_turns turns;
    int64_t until_ms = ql_monotonic_ms() + TEST_MS;

    qli_relay_turns_init(&turns, f->pool, publisher, f->arena);
    assert_int_equal(qli_relay_turn(&turns, until_ms), QLI_RELAY_IDLE); /* takes the lease */
    turns.count_at_ms = 0;
    assert_int_equal(qli_relay_turn(&turns, until_ms), QLI_RELAY_IDLE);
    assert_true(turns.count_at_ms > 0);
    assert_int_equal(ql_pg_test_int64(looked), 1);
    qli_relay_leave(&turns, until_ms);
    ql_publisher_free(publisher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_rows_leave_once_in_order_and_are_deleted),
        WITH_FIXTURE(test_idle_relay_looks_without_a_transaction),
        WITH_FIXTURE(test_idle_relay_counts_by_its_look),
        WITH_FIXTURE(test_rows_stay_while_there_is_no_broker),
        WITH_FIXTURE(test_rows_leave_in_order_when_the_broker_comes_back),
        WITH_FIXTURE(test_connections_cut_while_publishing_lose_nothing),
        WITH_FIXTURE(test_refused_row_stays_and_others_pass_and_it_leaves_in_the_end),
        WITH_FIXTURE(test_row_committed_after_higher_ids_left_is_not_lost),
        WITH_FIXTURE(test_row_committed_while_higher_ids_are_published_is_not_deleted),
        WITH_FIXTURE(test_rows_committed_before_the_stop_leave_in_the_last_turn),
    };

    return RUN_WITH_FIXTURE(tests);
}
