/* Whose the lease is, between two relays that take their turns by hand. No row is ever
 * published, and so there is no broker. */
#include "platform/outbox/relay_turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/outbox/outbox.h"
#include "platform/pg/test_database.h"

#define CLOSED_PORT "amqp://guest:guest@127.0.0.1:1/%2f"

enum { TEST_MS = 60000 };

struct side {
    struct ql_pg_pool *pool;
    struct ql_publisher *publisher;
    struct ql_arena *arena;
    struct qli_relay_turns turns;
};

struct fixture {
    struct side holder, waiting;
    int64_t until_ms;
};

static void open_side(struct side *side, const char *name)
{
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .application_name = name, .max_connections = 1};

    side->pool = ql_pg_pool_new(&options);
    side->publisher = ql_publisher_new(CLOSED_PORT, name);
    side->arena = ql_arena_new(1 << 20);
    qli_relay_turns_init(&side->turns, side->pool, side->publisher, side->arena);
}

static void close_side(struct side *side)
{
    ql_pg_pool_free(side->pool);
    ql_publisher_free(side->publisher);
    ql_arena_free(side->arena);
    *side = (struct side){0};
}

static bool takes_lease(struct fixture *f, struct side *side)
{
    assert_int_equal(qli_relay_turn(&side->turns, f->until_ms), QLI_RELAY_IDLE);
    return side->turns.lease.until_ms != 0;
}

/* The holder has taken its lease, which lasts for an hour. */
static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    ql_pg_test_exec("TRUNCATE outbox, inbox");
    ql_pg_test_exec("UPDATE relay_lease SET holder = NULL, expires_at = '-infinity',"
                    " waited_at = '-infinity'");
    f->until_ms = ql_monotonic_ms() + TEST_MS;
    open_side(&f->holder, "relay_turn_holder");
    open_side(&f->waiting, "relay_turn_waiting");
    assert_true(takes_lease(f, &f->holder));
    ql_pg_test_exec("UPDATE relay_lease SET expires_at = clock_timestamp() + interval '1 hour'");
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    close_side(&f->holder);
    close_side(&f->waiting);
    free(f);
    return 0;
}

/* As the system does for a process that is killed: the lease is not given back. */
static void kill_holder(struct fixture *f)
{
    close_side(&f->holder);
    while (ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity"
                            " WHERE application_name = 'relay_turn_holder'") != 0)
        assert_true(ql_monotonic_ms() < f->until_ms);
}

static int64_t n_leases_of(const struct side *side)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM relay_lease WHERE holder = '%s'",
             side->turns.lease.holder);
    return ql_pg_test_int64(sql);
}

static void test_lease_of_a_killed_holder_is_taken_before_its_end(void **state)
{
    struct fixture *f = *state;

    assert_false(takes_lease(f, &f->waiting));
    kill_holder(f);
    assert_true(takes_lease(f, &f->waiting));
    assert_int_equal(n_leases_of(&f->waiting), 1);
}

/* A stopped process keeps its sockets, and may go on where it stood: until the lease
 * ends, it is the holder's. */
static void test_lease_of_a_holder_that_stands_still_is_waited_for(void **state)
{
    struct fixture *f = *state;

    assert_false(takes_lease(f, &f->waiting));
    assert_int_equal(n_leases_of(&f->holder), 1);
    ql_pg_test_exec("UPDATE relay_lease SET expires_at = clock_timestamp()");
    assert_true(takes_lease(f, &f->waiting));
}

static void test_lease_is_waited_for_where_its_holder_named_no_session(void **state)
{
    struct fixture *f = *state;

    ql_pg_test_exec("UPDATE relay_lease SET session_of = NULL"); /* behind a pooler */
    kill_holder(f);
    assert_false(takes_lease(f, &f->waiting));
}

/* A release that does not know of sessions leaves an earlier holder's. */
static void test_session_of_an_earlier_holder_proves_nothing(void **state)
{
    struct fixture *f = *state;

    ql_pg_test_exec("UPDATE relay_lease SET holder = gen_random_uuid()");
    kill_holder(f);
    assert_false(takes_lease(f, &f->waiting));
}

static void test_another_session_with_the_number_is_not_the_holders(void **state)
{
    struct fixture *f = *state;

    assert_false(takes_lease(f, &f->waiting));
    ql_pg_test_exec("UPDATE relay_lease SET session_start = session_start - interval '1 second'");
    assert_true(takes_lease(f, &f->waiting));
}

static int64_t pause_of_holder(struct fixture *f)
{
    (void)takes_lease(f, &f->holder);
    return qli_relay_pause_ms(&f->holder.turns);
}

/* Rows of another process are not announced to the holder by a wake-up. */
static void test_holder_looks_more_often_while_another_relay_waits(void **state)
{
    struct fixture *f = *state;
    int64_t alone_ms = pause_of_holder(f), beside_ms;

    assert_false(takes_lease(f, &f->waiting));
    beside_ms = pause_of_holder(f);
    assert_true(beside_ms < alone_ms);
    assert_int_equal(qli_relay_pause_ms(&f->waiting.turns), beside_ms);
    ql_pg_test_exec("UPDATE relay_lease SET waited_at = waited_at - interval '2 minutes'");
    assert_int_equal(pause_of_holder(f), alone_ms);
    assert_false(takes_lease(f, &f->waiting)); /* writes it down again */
    assert_int_equal(pause_of_holder(f), beside_ms);
}

static void test_waiting_is_written_down_once_in_a_while(void **state)
{
    struct fixture *f = *state;

    assert_false(takes_lease(f, &f->waiting));
    ql_pg_test_exec("CREATE TABLE first_look AS SELECT waited_at FROM relay_lease");
    assert_false(takes_lease(f, &f->waiting));
    assert_int_equal(
        ql_pg_test_int64("SELECT count(*) FROM relay_lease JOIN first_look USING (waited_at)"), 1);
    ql_pg_test_exec("DROP TABLE first_look");
}

static void test_lone_holder_with_refused_rows_or_chores_looks_often(void **state)
{
    struct fixture *f = *state;
    int64_t alone_ms = pause_of_holder(f);

    f->holder.turns.upkeep.chores[0].due_ms = 0;
    assert_true(qli_relay_pause_ms(&f->holder.turns) < alone_ms);
    assert_int_equal(pause_of_holder(f), alone_ms); /* the turn has purged */
    f->holder.turns.retry_refused_at_ms = INT64_MAX;
    assert_true(qli_relay_pause_ms(&f->holder.turns) < alone_ms);
}

static void test_turn_that_ends_in_a_conflict_is_run_again(void **state)
{
    struct fixture *f = *state;

    ql_pg_test_exec(
        "UPDATE relay_lease SET holder = NULL, expires_at = '-infinity';"
        "CREATE SEQUENCE conflicts;"
        "CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF nextval('conflicts') <= 2 THEN RAISE 'lost' USING ERRCODE = '40001'; END IF;"
        " RETURN NEW; END $$;"
        "CREATE TRIGGER conflict BEFORE UPDATE ON relay_lease FOR EACH ROW EXECUTE FUNCTION"
        " conflict()");
    assert_true(takes_lease(f, &f->waiting));
    ql_pg_test_exec("DROP TRIGGER conflict ON relay_lease; DROP FUNCTION conflict();"
                    "DROP SEQUENCE conflicts");
}

static int n_chore_runs;

static enum ql_code conflict_twice(struct ql_call *call, struct ql_pg_pool *pool,
                                   bool *ret_has_more)
{
    (void)pool;
    *ret_has_more = false;
    if (++n_chore_runs > 2)
        return QL_OK;
    (void)ql_fail(call, QL_ABORTED, "TEST", "a concurrent change");
    call->status.is_conflict = true;
    return QL_ABORTED;
}

static void test_chore_that_ends_in_a_conflict_is_run_again(void **state)
{
    struct fixture *f = *state;

    assert_true(qli_relay_upkeep_add(&f->holder.turns.upkeep, conflict_twice));
    assert_int_equal(qli_relay_turn(&f->holder.turns, f->until_ms), QLI_RELAY_IDLE);
    assert_int_equal(n_chore_runs, 3);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct ql_pg_migration *const tables[] = {ql_outbox_migrations()};
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_turn_that_ends_in_a_conflict_is_run_again),
        WITH_FIXTURE(test_chore_that_ends_in_a_conflict_is_run_again),
        WITH_FIXTURE(test_lease_of_a_killed_holder_is_taken_before_its_end),
        WITH_FIXTURE(test_lease_of_a_holder_that_stands_still_is_waited_for),
        WITH_FIXTURE(test_lease_is_waited_for_where_its_holder_named_no_session),
        WITH_FIXTURE(test_session_of_an_earlier_holder_proves_nothing),
        WITH_FIXTURE(test_another_session_with_the_number_is_not_the_holders),
        WITH_FIXTURE(test_holder_looks_more_often_while_another_relay_waits),
        WITH_FIXTURE(test_waiting_is_written_down_once_in_a_while),
        WITH_FIXTURE(test_lone_holder_with_refused_rows_or_chores_looks_often),
    };

    ql_pg_test_migrate(tables, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
