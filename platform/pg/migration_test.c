/* Migrations: once, in order, all or nothing, and only what was agreed. */
#include "platform/pg/migration.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/id.h"
#include "platform/pg/test_database.h"

static const struct ql_pg_migration first_table[] = {
    {1, "0001_create_steps", "CREATE TABLE steps (n int);\nINSERT INTO steps VALUES (1);\n"},
    {2, "0002_second", "-- only after the first\nINSERT INTO steps SELECT max(n) + 1 FROM steps;"},
    {0, NULL, NULL},
};
static const struct ql_pg_migration second_table[] = {
    {9001, "9001_third", "INSERT INTO steps SELECT max(n) + 1 FROM steps;"},
    {0, NULL, NULL},
};
static const struct ql_pg_migration *const both[] = {first_table, second_table};

static int clear_database(void **state)
{
    ql_pg_test_exec("DROP TABLE IF EXISTS ql_migrations, steps");
    *state = ql_arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    ql_arena_free(*state);
    return 0;
}

static enum ql_code migrate(struct ql_call *call, const struct ql_pg_migration *const *tables,
                            size_t n_tables, struct ql_arena *arena)
{
    ql_call_init(call, arena, "migrate", 20000);
    return ql_pg_migrate(call, ql_pg_test_url(), tables, n_tables);
}

static void test_each_migration_runs_once_in_order(void **state)
{
    struct ql_call call;

    assert_int_equal(migrate(&call, both, 1, *state), QL_OK);
    assert_int_equal(ql_pg_test_int64("SELECT max(n) FROM steps"), 2);
    assert_int_equal(migrate(&call, both, 2, *state), QL_OK);
    assert_int_equal(migrate(&call, both, 2, *state), QL_OK);
    assert_int_equal(ql_pg_test_int64("SELECT max(n) FROM steps"), 3);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM steps"), 3);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM ql_migrations"
                                      " WHERE (number, title) IN ((1, '0001_create_steps'),"
                                      " (2, '0002_second'), (9001, '9001_third'))"),
                     3);
}

static void test_changed_migration_stops_everything(void **state)
{
    static const struct ql_pg_migration changed[] = {
        {1, "0001_create_steps", "CREATE TABLE steps (n bigint);"},
        {3, "0003_new", "INSERT INTO steps VALUES (33);"},
        {0, NULL, NULL},
    };
    const struct ql_pg_migration *const tables[] = {second_table, changed};
    struct ql_call call;

    assert_int_equal(migrate(&call, both, 1, *state), QL_OK);
    assert_int_equal(migrate(&call, tables, 2, *state), QL_FAILED_PRECONDITION);
    assert_string_equal(call.status.reason, "MIGRATION_CHANGED");
    assert_non_null(strstr(call.status.message, "0001_create_steps"));
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM steps"), 2);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM ql_migrations"), 2);
}

static void test_failing_migration_leaves_nothing_of_itself(void **state)
{
    static const struct ql_pg_migration failing[] = {
        {10, "0010_fails", "CREATE TABLE halfway (n int); SELECT 1 / 0;"},
        {0, NULL, NULL},
    };
    const struct ql_pg_migration *const tables[] = {first_table, failing};
    struct ql_call call;

    assert_int_equal(migrate(&call, tables, 2, *state), QL_INVALID_ARGUMENT);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM ql_migrations"), 2);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_class WHERE relname = 'halfway'"),
                     0);
}

static void test_migration_that_ends_its_transaction_is_refused(void **state)
{
    static const struct ql_pg_migration ending[] = {
        {11, "0011_commits", "COMMIT;"},
        {0, NULL, NULL},
    };
    const struct ql_pg_migration *const tables[] = {ending};
    struct ql_call call;

    assert_int_equal(migrate(&call, tables, 1, *state), QL_FAILED_PRECONDITION);
    assert_string_equal(call.status.reason, "MIGRATION_ENDS_TRANSACTION");
}

/* Roles belong to the server, not to the database: names of this program's own. */
static void test_migration_grants_to_the_roles_named_after_its_owner(void **state)
{
    static const struct ql_pg_migration granting[] = {
        {20, "0020_grants",
         "SELECT ql_grant('SELECT, INSERT ON steps');"
         "SELECT ql_grant('SELECT (n) ON steps', '_read');"
         "SELECT ql_grant('DELETE ON steps', '_missing');"},
        {0, NULL, NULL},
    };
    const struct ql_pg_migration *const tables[] = {first_table, granting};
    char name[9], url[1024], sql[1024];
    struct ql_call call;

    ql_random_hex(name, 4);
    snprintf(sql, sizeof(sql),
             "CREATE ROLE t%s_owner; CREATE ROLE t%s; CREATE ROLE t%s_read;"
             "GRANT CREATE ON SCHEMA public TO t%s_owner;",
             name, name, name, name);
    ql_pg_test_exec(sql);
    snprintf(url, sizeof(url), "%s%coptions=-crole%%3Dt%s_owner", ql_pg_test_url(),
             strchr(ql_pg_test_url(), '?') == NULL ? '?' : '&', name);
    ql_call_init(&call, *state, "migrate", 20000);
    assert_int_equal(ql_pg_migrate(&call, url, tables, 2), QL_OK);
    snprintf(sql, sizeof(sql),
             "SELECT (has_table_privilege('t%s', 'steps', 'SELECT')"
             " AND has_table_privilege('t%s', 'steps', 'INSERT')"
             " AND NOT has_table_privilege('t%s', 'steps', 'DELETE')"
             " AND has_column_privilege('t%s_read', 'steps', 'n', 'SELECT')"
             " AND NOT has_table_privilege('t%s_read', 'steps', 'SELECT'))::int",
             name, name, name, name, name);
    assert_int_equal(ql_pg_test_int64(sql), 1);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_proc WHERE proname = 'ql_grant'"),
                     0);
    snprintf(sql, sizeof(sql),
             "DROP OWNED BY t%s, t%s_read, t%s_owner; DROP ROLE t%s, t%s_read, t%s_owner", name,
             name, name, name, name, name);
    ql_pg_test_exec(sql);
}

/* Where one role owns and runs, it may do everything already. */
static void test_migration_grants_nothing_to_an_owner_who_runs_too(void **state)
{
    static const struct ql_pg_migration granting[] = {
        {21, "0021_grants", "SELECT ql_grant('SELECT ON steps');"},
        {0, NULL, NULL},
    };
    const struct ql_pg_migration *const tables[] = {first_table, granting};
    struct ql_call call;

    assert_int_equal(migrate(&call, tables, 2, *state), QL_OK);
}

static void *migrate_beside_others(void *argument)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    enum ql_code *rc = argument;
    struct ql_call call;

    *rc = migrate(&call, both, 2, arena);
    return NULL;
}

static void test_several_processes_may_migrate_at_once(void **state)
{
    pthread_t threads[6];
    enum ql_code codes[6];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_beside_others, &codes[i]), 0);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(codes[i], QL_OK);
    }
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM steps"), 3);
}

static void test_database_that_is_down_is_unavailable(void **state)
{
    struct ql_call call;

    ql_call_init(&call, *state, "migrate", 20000);
    assert_int_equal(ql_pg_migrate(&call, "postgresql://nobody@127.0.0.1:1/nothing", both, 2),
                     QL_UNAVAILABLE);
}

#define ON_CLEAR_DATABASE(test) cmocka_unit_test_setup_teardown(test, clear_database, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CLEAR_DATABASE(test_each_migration_runs_once_in_order),
        ON_CLEAR_DATABASE(test_changed_migration_stops_everything),
        ON_CLEAR_DATABASE(test_failing_migration_leaves_nothing_of_itself),
        ON_CLEAR_DATABASE(test_migration_that_ends_its_transaction_is_refused),
        ON_CLEAR_DATABASE(test_migration_grants_to_the_roles_named_after_its_owner),
        ON_CLEAR_DATABASE(test_migration_grants_nothing_to_an_owner_who_runs_too),
        ON_CLEAR_DATABASE(test_several_processes_may_migrate_at_once),
        ON_CLEAR_DATABASE(test_database_that_is_down_is_unavailable),
    };

    ql_pg_test_url();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
