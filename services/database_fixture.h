/* For the services' tests: a schema of a test's own on a real PostgreSQL, with
 * the roles that a deployment has (owner, run, read), migrated by the owner.
 *
 * QL_TEST_PG_URL names the server, as a superuser; without it a test is skipped
 * (exit status 77). Included by tests only. */
#ifndef QL_SERVICES_DATABASE_FIXTURE_H
#define QL_SERVICES_DATABASE_FIXTURE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/idempotency/idempotency.h"
#include "platform/outbox/outbox.h"
#include "platform/pg/migration.h"
#include "platform/pg/pg.h"
#include "services/call_fixture.h"
#include "services/migrations_fixture.h"

enum { TEST_SKIPPED = 77 };

struct test_database {
    char name[20]; /* of the schema and the run role */
    char run_url[512], read_url[512], owner_url[512];
    bool is_made;
};

/* Runs one SQL statement as the superuser, with the schema in the path; returns
 * the first cell as a number, -1 for no row. Ends the process when it fails.
 * The pool is made for it alone: statements must outlive their connection. */
QL_PRINTF(2, 3)
static inline int64_t test_sql(struct test_database *database, const char *format, ...)
{
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = getenv("QL_TEST_PG_URL"), .application_name = "test", .max_connections = 1});
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    char path[64], text[2048];
    const struct ql_pg_statement set_path = {"test_path", path}, statement = {"test", text};
    struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    int64_t answer;
    va_list arguments;

    snprintf(path, sizeof(path), "SET LOCAL search_path = %s", database->name);
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (pool == NULL || ql_pg_begin(call, pool, &tx) != QL_OK ||
        ql_pg_run(call, tx, &set_path, NULL, 0, NULL) != QL_OK ||
        ql_pg_run(call, tx, &statement, NULL, 0, &rows) != QL_OK) {
        fprintf(stderr, "%s: %s\n", text, call->status.message);
        abort();
    }
    answer = rows.n_rows == 0 ? -1 : ql_pg_int64(&rows, 0, 0);
    if (ql_pg_commit(call, &tx) != QL_OK)
        abort();
    ql_pg_pool_free(pool);
    return answer;
}

/* The server's URL with another role in it. */
static inline void test_role_url(char ret_url[512], const char *super_url, const char *role)
{
    const char *at = strchr(super_url, '@'), *host = strstr(super_url, "://");

    if (host == NULL)
        abort();
    snprintf(ret_url, 512, "postgresql://%s:test@%s", role, at != NULL ? at + 1 : host + 3);
}

static inline void test_role_make(struct test_database *database, const char *suffix, char *ret_url)
{
    char role[32];

    snprintf(role, sizeof(role), "%s%s", database->name, suffix);
    test_sql(database, "CREATE ROLE %s LOGIN PASSWORD 'test'", role);
    test_sql(database, "ALTER ROLE %s SET search_path = %s", role, database->name);
    test_role_url(ret_url, getenv("QL_TEST_PG_URL"), role);
}

/* Brings it to where the release with migration last_number had it; 1 when that fails. */
static inline int test_database_migrate(struct test_database *database,
                                        const struct ql_pg_migration *migrations, int last_number)
{
    const struct ql_pg_migration *const tables[] = {test_migrations_up_to(migrations, last_number),
                                                    ql_outbox_migrations(),
                                                    ql_idempotency_migrations()};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    if (ql_pg_migrate(call, database->owner_url, tables, QL_ARRAY_LENGTH(tables)) == QL_OK)
        return 0;
    fprintf(stderr, "migrate: %s\n", call->status.message);
    return 1;
}

/* 0, TEST_SKIPPED without a server, 1 when the migrations fail. */
static inline int test_database_new_at(struct test_database *database,
                                       const struct ql_pg_migration *migrations, int last_number)
{
    const char *url = getenv("QL_TEST_PG_URL");
    char suffix[9];

    if (url == NULL)
        return TEST_SKIPPED;
    ql_random_hex(suffix, 4);
    snprintf(database->name, sizeof(database->name), "test_%s", suffix);
    database->is_made = true;
    test_role_make(database, "_owner", database->owner_url);
    test_role_make(database, "", database->run_url);
    test_role_make(database, "_read", database->read_url);
    test_sql(database, "CREATE SCHEMA %s AUTHORIZATION %s_owner", database->name, database->name);
    test_sql(database, "GRANT USAGE ON SCHEMA %s TO %s, %s_read", database->name, database->name,
             database->name);
    return test_database_migrate(database, migrations, last_number);
}

static inline int test_database_new(struct test_database *database,
                                    const struct ql_pg_migration *migrations)
{
    return test_database_new_at(database, migrations, TEST_NEWEST);
}

static inline void test_database_free(struct test_database *database)
{
    static const char *const suffixes[] = {"", "_read", "_owner"};

    if (!database->is_made)
        return;
    test_sql(database, "DROP SCHEMA %s CASCADE", database->name);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(suffixes); i++)
        test_sql(database, "DROP ROLE %s%s", database->name, suffixes[i]);
    database->is_made = false;
}

#endif
