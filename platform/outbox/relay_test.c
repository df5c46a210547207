/* The relay between a real database and a real broker, which may be away. */
#include "platform/outbox/relay.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/outbox/outbox.h"
#include "platform/outbox/relay_turn.h"
#include "platform/pg/test_database.h"

#define TAP          "questline.test.outbox"
#define REFUSING_TAP "questline.test.outbox.refusing"
#define CLOSED_PORT  "amqp://guest:guest@127.0.0.1:1/%2f"

enum { TEST_MS = 60000, STOP_MS = 5000 };

struct fixture {
    struct broker broker;
    struct proxy proxy;
    struct ql_arena *arena;
    struct ql_pg_pool *pool;
    struct ql_call call;
    struct broker_message message;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .application_name = "relay_test", .max_connections = 4};

    ql_pg_test_exec("TRUNCATE outbox, inbox RESTART IDENTITY");
    ql_pg_test_exec("UPDATE relay_lease SET holder = NULL, expires_at = '-infinity'");
    broker_open(&f->broker);
    broker_tap(&f->broker, TAP, "custom.outbox.#", 0);
    proxy_start(&f->proxy);
    f->arena = ql_arena_new(1 << 20);
    f->pool = ql_pg_pool_new(&options);
    ql_call_init(&f->call, f->arena, "test", TEST_MS);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    ql_pg_pool_free(f->pool);
    proxy_stop(&f->proxy);
    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

/* Rows numbered from first to last in their bytes. */
static void add_rows(int first, int last, const char *key)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "INSERT INTO outbox (event_id, event_type, routing_key, bytes)"
             " SELECT gen_random_uuid(), 'outbox.row', 'custom.outbox.%s', s.n::text::bytea"
             " FROM generate_series(%d, %d) AS s (n) ORDER BY s.n",
             key, first, last);
    ql_pg_test_exec(sql);
}

static int64_t n_rows_left(void)
{
    return ql_pg_test_int64("SELECT count(*) FROM outbox");
}

static void wait_for(struct fixture *f, const char *sql, int64_t value)
{
    while (ql_pg_test_int64(sql) != value) {
        assert_true(ql_call_remaining_ms(&f->call) > 0);
        (void)ql_sleep_ms(10, NULL);
    }
}

static void wait_until_empty(struct fixture *f)
{
    wait_for(f, "SELECT count(*) FROM outbox", 0);
}

static void wait_for_a_holder(struct fixture *f)
{
    wait_for(f, "SELECT count(holder) FROM relay_lease", 1);
}

static int next_number(struct fixture *f)
{
    broker_get(&f->broker, TAP, &f->message);
    f->message.body[f->message.length] = '\0';
    return (int)strtol((const char *)f->message.body, NULL, 10);
}

/* The numbers come in order; a number that came before may come again. */
static void expect_numbers(struct fixture *f, int first, int last)
{
    for (int expected = first; expected <= last;) {
        int number = next_number(f);

        assert_true(number <= expected);
        if (number == expected)
            expected++;
    }
}

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

static void test_old_inbox_rows_are_purged_and_young_ones_kept(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay;

    ql_pg_test_exec("INSERT INTO inbox SELECT 'a', gen_random_uuid(), now() - interval '31 days'"
                    " FROM generate_series(1, 2500)");
    ql_pg_test_exec("INSERT INTO inbox SELECT 'a', gen_random_uuid(), now() - interval '29 days'"
                    " FROM generate_series(1, 3)");
    relay = ql_relay_start(f->pool, CLOSED_PORT, "test");
    wait_for(f, "SELECT count(*) FROM inbox", 3);
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM inbox"), 3);
}

static void test_overdue_purge_does_not_wait_for_a_turn_without_rows(void **state)
{
    struct fixture *f = *state;
    struct ql_publisher *publisher = ql_publisher_new(broker_url(), "test");
    struct qli_relay_turns turns;

    ql_pg_test_exec(
        "INSERT INTO inbox VALUES ('a', gen_random_uuid(), now() - interval '31 days')");
    qli_relay_turns_init(&turns, f->pool, publisher, f->arena);
    for (int i = 1; i <= 2; i++) {
        add_rows(i, i, "a");
        assert_int_equal(qli_relay_turn(&turns, f->call.deadline_ms), QLI_RELAY_MORE);
        assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM inbox"), i == 1 ? 1 : 0);
        turns.upkeep.chores[0].due_ms -= 61000;
    }
    qli_relay_leave(&turns, f->call.deadline_ms);
    ql_publisher_free(publisher);
    expect_numbers(f, 1, 2);
}

static atomic_int n_chores;

/* Has something to do twice, and fails in between. */
static enum ql_code count_chores(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    (void)pool;
    *ret_has_more = atomic_fetch_add(&n_chores, 1) < 2;
    if (atomic_load(&n_chores) == 2)
        return ql_fail(call, QL_INTERNAL, "CHORE_BROKEN", "a chore failed");
    return QL_OK;
}

static atomic_int n_further_chores;

static enum ql_code count_further_chores(struct ql_call *call, struct ql_pg_pool *pool,
                                         bool *ret_has_more)
{
    (void)pool;
    (void)ret_has_more;
    assert_int_equal(call->status.code, QL_OK); /* whatever became of those before it */
    atomic_fetch_add(&n_further_chores, 1);
    return QL_OK;
}

static void test_chore_is_done_again_while_there_is_more_and_after_it_failed(void **state)
{
    struct fixture *f = *state;
    struct ql_relay *relay = ql_relay_start(f->pool, broker_url(), "test");

    atomic_store(&n_chores, 0);
    atomic_store(&n_further_chores, 0);
    assert_true(ql_relay_add_chore(relay, count_chores));
    assert_true(ql_relay_add_chore(relay, count_further_chores));
    while (atomic_load(&n_chores) < 3 || atomic_load(&n_further_chores) < 1) {
        assert_true(ql_call_remaining_ms(&f->call) > 0);
        (void)ql_sleep_ms(10, NULL);
    }
    add_rows(1, 3, "a");
    expect_numbers(f, 1, 3);
    wait_until_empty(f);
    ql_relay_stop(relay, STOP_MS);
    assert_int_equal(atomic_load(&n_chores), 3); /* not at every look */
    assert_int_equal(atomic_load(&n_further_chores), 1);
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

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_rows_leave_once_in_order_and_are_deleted),
        WITH_FIXTURE(test_idle_relay_looks_without_a_transaction),
        WITH_FIXTURE(test_idle_relay_counts_by_its_look),
        WITH_FIXTURE(test_waiting_relay_looks_without_a_transaction),
        WITH_FIXTURE(test_rows_stay_while_there_is_no_broker),
        WITH_FIXTURE(test_rows_leave_in_order_when_the_broker_comes_back),
        WITH_FIXTURE(test_connections_cut_while_publishing_lose_nothing),
        WITH_FIXTURE(test_refused_row_stays_and_others_pass_and_it_leaves_in_the_end),
        WITH_FIXTURE(test_one_relay_publishes_and_the_next_takes_over),
        WITH_FIXTURE(test_lease_of_a_dead_holder_is_waited_out),
        WITH_FIXTURE(test_row_committed_after_higher_ids_left_is_not_lost),
        WITH_FIXTURE(test_row_committed_while_higher_ids_are_published_is_not_deleted),
        WITH_FIXTURE(test_rows_committed_before_the_stop_leave_in_the_last_turn),
        WITH_FIXTURE(test_old_inbox_rows_are_purged_and_young_ones_kept),
        WITH_FIXTURE(test_overdue_purge_does_not_wait_for_a_turn_without_rows),
        WITH_FIXTURE(test_chore_is_done_again_while_there_is_more_and_after_it_failed),
    };

    if (broker_url() == NULL || broker_url()[0] == '\0')
        return 77;
    ql_pg_test_migrate(tables, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
