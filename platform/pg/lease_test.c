/* Tests of leases: two holders, each with a pool of its own, at one database. */
#include "platform/pg/lease.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"

enum { TEST_MS = 60000 };

#define CLOSED_PORT "postgresql://app@127.0.0.1:1/x"

struct side {
    struct ql_pg_pool *pool;
    struct ql_pg_lease lease;
};

struct fixture {
    struct side one, other;
    struct ql_arena *arena;
    struct ql_call call;
};

static void open_side(struct side *side, const char *name)
{
    const struct ql_pg_pool_options options = {
        .url = ql_pg_test_url(), .application_name = name, .max_connections = 1};

    side->pool = ql_pg_pool_new(&options);
    assert_non_null(side->pool);
    ql_pg_lease_init(&side->lease, "boards");
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    ql_pg_test_exec("TRUNCATE leases");
    f->arena = ql_arena_new(1 << 20);
    ql_call_init(&f->call, f->arena, "test", TEST_MS);
    open_side(&f->one, "lease_one");
    open_side(&f->other, "lease_other");
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    ql_pg_pool_free(f->one.pool);
    ql_pg_pool_free(f->other.pool);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static bool holds(struct fixture *f, struct side *side)
{
    assert_int_equal(ql_pg_lease_hold(&f->call, side->pool, &side->lease), QL_OK);
    return ql_pg_lease_is_held(&side->lease);
}

static void test_one_holds_it_at_a_time_and_renews_it(void **state)
{
    struct fixture *f = *state;
    int64_t until_ms;

    assert_false(ql_pg_lease_is_held(&f->one.lease));
    assert_true(holds(f, &f->one));
    assert_false(holds(f, &f->other));
    until_ms = f->one.lease.until_ms;
    assert_true(holds(f, &f->one));
    assert_int_equal(f->one.lease.until_ms, until_ms); /* enough is left: nobody is asked */
    f->one.lease.until_ms = ql_monotonic_ms() + 5000;
    assert_true(holds(f, &f->one));
    assert_true(f->one.lease.until_ms >= until_ms);
    assert_false(holds(f, &f->other));
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM leases WHERE name = 'boards' AND"
                                      " expires_at > clock_timestamp()"),
                     1);
}

static void test_leases_of_other_names_are_others(void **state)
{
    struct fixture *f = *state;

    assert_true(holds(f, &f->one));
    ql_pg_lease_init(&f->other.lease, "tasks");
    assert_true(holds(f, &f->other));
    assert_true(holds(f, &f->one));
}

static void test_what_is_left_is_taken_at_once(void **state)
{
    struct fixture *f = *state;

    assert_true(holds(f, &f->one));
    assert_int_equal(ql_pg_lease_leave(&f->call, f->one.pool, &f->one.lease), QL_OK);
    assert_false(ql_pg_lease_is_held(&f->one.lease));
    assert_true(holds(f, &f->other));
    /* Who does not hold it takes it from nobody. */
    assert_int_equal(ql_pg_lease_leave(&f->call, f->one.pool, &f->one.lease), QL_OK);
    assert_false(holds(f, &f->one));
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM leases"), 1);
}

static void test_it_ends_by_time(void **state)
{
    struct fixture *f = *state;

    assert_true(holds(f, &f->one));
    ql_pg_test_exec("UPDATE leases SET expires_at = clock_timestamp() - interval '1 second'");
    assert_true(holds(f, &f->other));
    /* The first one thinks that it holds it, and finds out when it renews. */
    assert_true(ql_pg_lease_is_held(&f->one.lease));
    f->one.lease.until_ms = ql_monotonic_ms() + 5000;
    assert_false(holds(f, &f->one));
}

/* As the system does for a process that is killed: the lease is not given back. */
static void test_it_ends_with_the_session_of_its_holder(void **state)
{
    struct fixture *f = *state;

    assert_true(holds(f, &f->one));
    ql_pg_test_exec("UPDATE leases SET expires_at = clock_timestamp() + interval '1 hour'");
    assert_false(holds(f, &f->other));
    ql_pg_pool_free(f->one.pool);
    f->one.pool = NULL;
    while (ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity"
                            " WHERE application_name = 'lease_one'") != 0)
        assert_true(ql_call_remaining_ms(&f->call) > 0);
    assert_true(holds(f, &f->other));
}

/* Behind a pooler no session is named: it ends by time alone. */
static void test_without_a_named_session_it_is_waited_for(void **state)
{
    struct fixture *f = *state;

    assert_true(holds(f, &f->one));
    ql_pg_test_exec("UPDATE leases SET session_of = NULL");
    ql_pg_pool_free(f->one.pool);
    f->one.pool = NULL;
    while (ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity"
                            " WHERE application_name = 'lease_one'") != 0)
        assert_true(ql_call_remaining_ms(&f->call) > 0);
    assert_false(holds(f, &f->other));
    ql_pg_test_exec("UPDATE leases SET expires_at = clock_timestamp() - interval '1 second'");
    assert_true(holds(f, &f->other));
}

static void test_a_database_that_is_away_takes_nothing_away(void **state)
{
    struct fixture *f = *state;
    struct ql_pg_pool *away = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = CLOSED_PORT, .application_name = "lease_away", .max_connections = 1});
    int64_t until_ms = ql_monotonic_ms() + 5000;

    assert_non_null(away);
    assert_true(holds(f, &f->one));
    f->one.lease.until_ms = until_ms;
    assert_int_equal(ql_pg_lease_hold(&f->call, away, &f->one.lease), QL_UNAVAILABLE);
    assert_int_equal(f->one.lease.until_ms, until_ms);
    assert_true(ql_pg_lease_is_held(&f->one.lease));
    ql_call_clear_status(&f->call);
    assert_int_equal(ql_pg_lease_leave(&f->call, away, &f->one.lease), QL_UNAVAILABLE);
    assert_false(ql_pg_lease_is_held(&f->one.lease));
    ql_pg_pool_free(away);
}

#define WITH_FIXTURE(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_one_holds_it_at_a_time_and_renews_it),
        WITH_FIXTURE(test_leases_of_other_names_are_others),
        WITH_FIXTURE(test_what_is_left_is_taken_at_once),
        WITH_FIXTURE(test_it_ends_by_time),
        WITH_FIXTURE(test_it_ends_with_the_session_of_its_holder),
        WITH_FIXTURE(test_without_a_named_session_it_is_waited_for),
        WITH_FIXTURE(test_a_database_that_is_away_takes_nothing_away),
    };

    ql_pg_test_migrate((const struct ql_pg_migration *const[]){ql_pg_lease_migrations()}, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
