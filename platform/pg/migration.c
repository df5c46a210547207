/* The migration runner: one connection of the owner role, one advisory lock. */
#include "platform/pg/migration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "migration_sql.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pg/connecting.h"
#include "platform/pg/failure.h"
#include "platform/pg/request.h"

#define MIGRATION_LOCK "7165916604736561256" /* any number that nobody else takes */

static const struct ql_pg_statement select_digest = {
    "ql_migration_digest", "SELECT m.digest, md5($2) FROM (SELECT 1) AS one"
                           " LEFT JOIN ql_migrations AS m ON m.number = $1::int"};
static const struct ql_pg_statement insert_migration = {
    "ql_migration_insert", "INSERT INTO ql_migrations (number, title, digest)"
                           " VALUES ($1::int, $2, md5($3))"};

struct run {
    struct ql_call *call;
    struct qli_pg_connection *connection;
    int64_t until_ms;
};

static enum ql_code exec_sql(struct run *run, const char *name, const char *sql)
{
    PGresult *result = qli_pg_request_exec(run->connection, sql, run->until_ms);

    if (result == NULL)
        return qli_pg_fail(run->call, run->connection, name);
    PQclear(result);
    return QL_OK;
}

/* The lock lasts until the connection closes; waiting for it ends with the call. */
static enum ql_code begin_run(struct run *run)
{
    char sql[128];
    enum ql_code rc;

    snprintf(sql, sizeof(sql),
             "SET statement_timeout = %" PRId64 "; SELECT pg_advisory_lock(" MIGRATION_LOCK ")",
             ql_call_remaining_ms(run->call) * 9 / 10 + 1);
    rc = exec_sql(run, "migration lock", sql);
    if (rc != QL_OK)
        return rc;
    return exec_sql(run, "ql_migrations",
                    "CREATE TABLE IF NOT EXISTS ql_migrations (number int PRIMARY KEY,"
                    " title text NOT NULL, digest text NOT NULL,"
                    " applied_at timestamptz NOT NULL DEFAULT now())");
}

static enum ql_code look_up(struct run *run, const struct ql_pg_migration *migration,
                            bool *ret_has_run)
{
    char number[16];
    const char *parameters[] = {number, migration->text};
    enum ql_code rc = QL_OK;
    PGresult *result;

    snprintf(number, sizeof(number), "%d", migration->number);
    result = qli_pg_request_run(run->connection, &select_digest, parameters, 2, run->until_ms);
    if (result == NULL)
        return qli_pg_fail(run->call, run->connection, select_digest.name);
    *ret_has_run = !PQgetisnull(result, 0, 0);
    if (*ret_has_run && strcmp(PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1)) != 0)
        rc = ql_fail(run->call, QL_FAILED_PRECONDITION, "MIGRATION_CHANGED",
                     "migration %s is not the text that ran", migration->title);
    PQclear(result);
    return rc;
}

/* The text, its record and the commit, or nothing of it. */
static enum ql_code apply_one(struct run *run, const struct ql_pg_migration *migration)
{
    char number[16];
    const char *parameters[] = {number, migration->title, migration->text};
    bool has_ended;
    enum ql_code rc;
    PGresult *result;

    snprintf(number, sizeof(number), "%d", migration->number);
    rc = exec_sql(run, "BEGIN", "BEGIN");
    if (rc != QL_OK)
        return rc;
    rc = exec_sql(run, sql_migration_grant_create.name, sql_migration_grant_create.text);
    if (rc != QL_OK)
        return rc;
    rc = exec_sql(run, migration->title, migration->text);
    if (rc != QL_OK)
        return rc;
    has_ended = qli_pg_connection_is_idle(run->connection);
    rc = exec_sql(run, sql_migration_grant_drop.name, sql_migration_grant_drop.text);
    if (rc != QL_OK)
        return rc;
    if (has_ended)
        return ql_fail(run->call, QL_FAILED_PRECONDITION, "MIGRATION_ENDS_TRANSACTION",
                       "migration %s ends the transaction it runs in", migration->title);
    result = qli_pg_request_run(run->connection, &insert_migration, parameters, 3, run->until_ms);
    if (result == NULL)
        return qli_pg_fail(run->call, run->connection, insert_migration.name);
    PQclear(result);
    rc = exec_sql(run, "COMMIT", "COMMIT");
    if (rc != QL_OK)
        return rc;
    QL_LOG(QL_LOG_INFO, &run->call->trace, QL_TEXT("event", "migrated"),
           QL_TEXT("migration", migration->title));
    return QL_OK;
}

static enum ql_code visit_all(struct run *run, const struct ql_pg_migration *const *tables,
                              size_t n_tables, bool applying)
{
    enum ql_code rc;
    bool has_run = false;

    for (size_t i = 0; i < n_tables; i++) {
        for (const struct ql_pg_migration *m = tables[i]; m->number != 0; m++) {
            rc = look_up(run, m, &has_run);
            if (rc != QL_OK)
                return rc;
            if (applying && !has_run)
                rc = apply_one(run, m);
            if (rc != QL_OK)
                return rc;
        }
    }
    return QL_OK;
}

/* The lock and the time of statements belong to a session, which a pooler may give to
 * others between two transactions. */
static enum ql_code fail_pooled(struct ql_call *call)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "DATABASE_BEHIND_POOLER",
                   "migrations need the database itself: the URL leads to a connection pooler");
}

/* Looks at all before it applies any: a changed file stops everything. */
static enum ql_code migrate_all(struct run *run, const struct ql_pg_migration *const *tables,
                                size_t n_tables)
{
    enum ql_code rc;

    if (run->connection->is_pooled)
        return fail_pooled(run->call);
    rc = begin_run(run);
    if (rc != QL_OK)
        return rc;
    rc = visit_all(run, tables, n_tables, /* applying= */ false);
    if (rc != QL_OK)
        return rc;
    return visit_all(run, tables, n_tables, /* applying= */ true);
}

enum ql_code ql_pg_migrate(struct ql_call *call, const char *url,
                           const struct ql_pg_migration *const *tables, size_t n_tables)
{
    struct run run = {.call = call, .until_ms = qli_pg_wait_until(call)};
    struct qli_pg_error error;
    enum ql_code rc;

    run.connection = qli_pg_connect(url, "questline migration", run.until_ms, &error);
    if (run.connection == NULL) {
        QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "database connection failed"),
               QL_TEXT("sqlstate", error.sqlstate), QL_TEXT("text", error.text));
        return qli_pg_fail_unavailable(call);
    }
    rc = migrate_all(&run, tables, n_tables);
    qli_pg_connection_close(run.connection);
    return rc;
}
