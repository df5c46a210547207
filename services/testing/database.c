/* A database for the tests of a service: platform/pg's, with a deployment's roles. */
#include "services/testing/database.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/id.h"
#include "platform/idempotency/idempotency.h"
#include "platform/outbox/outbox.h"
#include "platform/pg/pg.h"
#include "platform/pg/test_database.h"
#include "services/testing/call.h"

enum { MIGRATIONS_MAX = 64, SQL_MAX = 4096, ROLE_MAX = 48 };

static const struct test_database *made;

/* Roles outlive databases: before the database goes, what they own in it does. */
static void drop_roles(void)
{
    char sql[SQL_MAX];

    snprintf(sql, sizeof(sql),
             "DO $$ DECLARE role name; BEGIN"
             " FOR role IN SELECT rolname FROM pg_roles WHERE rolname ~ '^%s(_[a-z]+)?$' LOOP"
             " EXECUTE format('DROP OWNED BY %%I CASCADE', role); END LOOP;"
             " FOR role IN SELECT rolname FROM pg_roles WHERE rolname ~ '^%s(_[a-z]+)?$' LOOP"
             " EXECUTE format('DROP ROLE %%I', role); END LOOP; END $$",
             made->name, made->name);
    ql_pg_test_exec(sql);
}

QL_PRINTF(1, 2)
static void exec_sql(const char *format, ...)
{
    char sql[SQL_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sql, sizeof(sql), format, arguments);
    va_end(arguments);
    ql_pg_test_exec(sql);
}

/* The database's URL with the role in it. */
static void write_role_url(const char *role, char ret_url[TEST_URL_SIZE])
{
    const char *url = ql_pg_test_url();
    const char *at = strchr(url, '@'), *host = strstr(url, "://");

    snprintf(ret_url, TEST_URL_SIZE, "postgresql://%s:test@%s", role,
             at != NULL ? at + 1 : host + 3);
}

static void make_role(const struct test_database *database, const char *suffix,
                      char ret_url[TEST_URL_SIZE])
{
    char role[ROLE_MAX];

    snprintf(role, sizeof(role), "%s%s", database->name, suffix);
    exec_sql("CREATE ROLE %s LOGIN PASSWORD 'test'", role);
    write_role_url(role, ret_url);
}

void test_database_open(struct test_database *database)
{
    char random[9];

    ql_pg_test_url();
    ql_random_hex(random, 4);
    snprintf(database->name, sizeof(database->name), "test_%s", random);
    make_role(database, "_owner", database->owner_url);
    make_role(database, "", database->run_url);
    make_role(database, "_read", database->read_url);
    made = database;
    atexit(drop_roles);
    exec_sql("ALTER SCHEMA public OWNER TO %s_owner; GRANT USAGE ON SCHEMA public TO %s, %s_read;"
             "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %%I TO %s_owner',"
             " current_database()); END $$",
             database->name, database->name, database->name, database->name);
}

void test_database_add_function_role(struct test_database *database, const char *suffix)
{
    exec_sql("CREATE ROLE %s%s NOLOGIN; GRANT %s%s TO %s_owner", database->name, suffix,
             database->name, suffix, database->name);
}

/* Of a table, those up to a number: static, and good until the next call. */
static const struct ql_pg_migration *migrations_up_to(const struct ql_pg_migration *all,
                                                      int last_number)
{
    static struct ql_pg_migration kept[MIGRATIONS_MAX + 1];
    size_t n = 0;

    for (; all->number != 0; all++) {
        if (all->number > last_number)
            continue;
        if (n == MIGRATIONS_MAX)
            abort();
        kept[n++] = *all;
    }
    kept[n] = (struct ql_pg_migration){0};
    return kept;
}

void test_database_migrate(struct test_database *database, const struct ql_pg_migration *migrations,
                           int last_number)
{
    const struct ql_pg_migration *const tables[] = {
        migrations_up_to(migrations, last_number), ql_outbox_migrations(),
        ql_idempotency_migrations(), ql_pg_lease_migrations()};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    if (ql_pg_migrate(call, database->owner_url, tables, QL_ARRAY_LENGTH(tables)) == QL_OK)
        return;
    fprintf(stderr, "migrate: %s\n", call->status.message);
    exit(EXIT_FAILURE);
}

void test_database_new(struct test_database *database, const struct ql_pg_migration *migrations)
{
    test_database_open(database);
    test_database_migrate(database, migrations, TEST_NEWEST);
}

void test_database_url_as(const struct test_database *database, const char *suffix,
                          char ret_url[TEST_URL_SIZE])
{
    const char *url = ql_pg_test_url();

    snprintf(ret_url, TEST_URL_SIZE, "%s%coptions=-crole%%3D%s%s", url,
             strchr(url, '?') == NULL ? '?' : '&', database->name, suffix);
}

/* The pool is made for it alone: statements must outlive their connection. */
int64_t test_sql(struct test_database *database, const char *format, ...)
{
    struct ql_pg_pool *pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "test", .max_connections = 1});
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    char text[SQL_MAX];
    const struct ql_pg_statement statement = {"test", text};
    struct ql_pg_tx *tx = NULL;
    struct ql_pg_rows rows;
    int64_t answer;
    va_list arguments;

    (void)database;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (pool == NULL || ql_pg_begin(call, pool, &tx) != QL_OK ||
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
