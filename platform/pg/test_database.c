/* A database for a test program. No program of ours but tests links this file. */
#include "platform/pg/test_database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pg/connecting.h"
#include "platform/pg/request.h"

enum { URL_MAX = 1024, SKIPPED = 77, WAIT_MS = 30000 };

static char database_name[64];
static char database_url[URL_MAX];

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "test database: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static struct qli_pg_connection *open_url(const char *url)
{
    struct qli_pg_error error;
    struct qli_pg_connection *connection =
        qli_pg_connect(url, "questline test", ql_monotonic_ms() + WAIT_MS, &error);

    if (connection == NULL)
        give_up("connecting", error.text);
    return connection;
}

static int64_t exec_url(const char *url, const char *sql)
{
    struct qli_pg_connection *connection = open_url(url);
    PGresult *result = qli_pg_request_exec(connection, sql, ql_monotonic_ms() + WAIT_MS);
    int64_t number = 0;

    if (result == NULL)
        give_up(sql, connection->error.text);
    if (PQntuples(result) > 0)
        number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    qli_pg_connection_close(connection);
    return number;
}

/* The server's URL with another database: what stands between the host's slash
 * and the question mark. */
static void make_url(const char *server_url)
{
    const char *host = strstr(server_url, "://");
    const char *slash = host != NULL ? strchr(host + 3, '/') : NULL;
    const char *query = slash != NULL ? strchr(slash, '?') : NULL;

    if (slash == NULL)
        give_up("QL_TEST_PG_URL", "not postgresql://user@host/database");
    snprintf(database_url, sizeof(database_url), "%.*s/%s%s", (int)(slash - server_url), server_url,
             database_name, query != NULL ? query : "");
}

static void drop_database(void)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", database_name);
    exec_url(getenv("QL_TEST_PG_URL"), sql);
}

const char *ql_pg_test_url(void)
{
    const char *server_url = getenv("QL_TEST_PG_URL");
    char random[17], sql[128];

    if (database_url[0] != '\0')
        return database_url;
    if (server_url == NULL || server_url[0] == '\0') {
        fprintf(stderr, "skipped: QL_TEST_PG_URL is not set\n");
        exit(SKIPPED);
    }
    ql_random_hex(random, 8);
    snprintf(database_name, sizeof(database_name), "ql_test_%s", random);
    make_url(server_url);
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s", database_name);
    exec_url(server_url, sql);
    atexit(drop_database);
    return database_url;
}

void ql_pg_test_migrate(const struct ql_pg_migration *const *tables, size_t n_tables)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_call call;

    ql_call_init(&call, arena, "test", WAIT_MS);
    if (ql_pg_migrate(&call, ql_pg_test_url(), tables, n_tables) != QL_OK)
        give_up("migrating", call.status.message);
}

void ql_pg_test_exec(const char *sql)
{
    exec_url(ql_pg_test_url(), sql);
}

int64_t ql_pg_test_int64(const char *sql)
{
    return exec_url(ql_pg_test_url(), sql);
}
