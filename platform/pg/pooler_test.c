/* The pool behind PgBouncer in transaction mode, with fewer connections to the server
 * than clients: a transaction is served by another process than the one before. */
#include "platform/pg/pg.h"

#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"

enum { CLIENTS = 6, TRANSACTIONS = 20, STATEMENTS = 4 };

static const char program[] = "/usr/sbin/pgbouncer";

static struct {
    char folder[32], config[64], url[256];
    char account[32]; /* whose the server's socket is */
    pid_t pid;
} pooler;

static const char *part(const PQconninfoOption *options, const char *key, const char *fallback)
{
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, key) == 0 && options->val != NULL)
            return options->val;
    return fallback;
}

/* The server's socket may be closed to all but its own account. */
static void note_account(const char *host)
{
    const struct passwd *owner = NULL;
    struct stat found;

    if (host[0] == '/' && stat(host, &found) == 0)
        owner = getpwuid(found.st_uid);
    snprintf(pooler.account, sizeof(pooler.account), "%s",
             owner != NULL && owner->pw_uid != 0 ? owner->pw_name : "nobody");
}

static void write_config(void)
{
    PQconninfoOption *options = PQconninfoParse(ql_pg_test_url(), NULL);
    const char *host = part(options, "host", ""), *password = part(options, "password", "");
    const char *name = part(options, "dbname", "postgres"), *user = part(options, "user", "");
    FILE *file = fopen(pooler.config, "we");

    assert_non_null(file);
    fprintf(file,
            "[databases]\n%s = host=%s port=%s user=%s dbname=%s%s%s\n"
            "[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = 2\nlogfile = %s/log\n",
            name, host, part(options, "port", "5432"), user, name,
            password[0] != '\0' ? " password=" : "", password, pooler.folder, pooler.folder);
    fclose(file);
    snprintf(pooler.url, sizeof(pooler.url), "postgresql://%s@/%s?host=%s&port=6432", user, name,
             pooler.folder);
    note_account(host);
    PQconninfoFree(options);
}

/* Skips the test where there is no PgBouncer. It does not run as root. */
static int start_pooler(void **state)
{
    char socket_path[64];

    (void)state;
    if (access(program, X_OK) != 0)
        return 0;
    snprintf(pooler.folder, sizeof(pooler.folder), "/tmp/ql_pooler_XXXXXX");
    assert_non_null(mkdtemp(pooler.folder));
    assert_int_equal(chmod(pooler.folder, 0777), 0); /* NOLINT: PgBouncer is another user */
    snprintf(pooler.config, sizeof(pooler.config), "%s/ini", pooler.folder);
    write_config();
    pooler.pid = fork();
    if (pooler.pid == 0) {
        if (geteuid() == 0)
            execl(program, program, "-q", "-u", pooler.account, pooler.config, (char *)NULL);
        else
            execl(program, program, "-q", pooler.config, (char *)NULL);
        _exit(127);
    }
    snprintf(socket_path, sizeof(socket_path), "%s/.s.PGSQL.6432", pooler.folder);
    for (int i = 0; i < 2000 && access(socket_path, F_OK) != 0; i++)
        ql_sleep_ms(5, NULL);
    assert_int_equal(access(socket_path, F_OK), 0);
    return 0;
}

static int stop_pooler(void **state)
{
    static const char *const files[] = {"ini", "log"};
    char path[64];

    (void)state;
    if (pooler.pid == 0)
        return 0;
    kill(pooler.pid, SIGTERM);
    waitpid(pooler.pid, NULL, 0);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", pooler.folder, files[i]);
        unlink(path);
    }
    rmdir(pooler.folder);
    return 0;
}

struct client {
    struct ql_pg_pool *pool;
    pthread_t thread;
    int n_right;
    char failure[QL_REASON_MAX];
};

/* Statements of several names, some of them twice in a transaction. */
static enum ql_code transact(struct ql_call *call, struct ql_pg_pool *pool, int number)
{
    static const struct ql_pg_statement statements[STATEMENTS] = {
        {"pooled_one", "SELECT 1, $1::int"},
        {"pooled_two", "SELECT 2, $1::int"},
        {"pooled_three", "SELECT 3, $1::int"},
        {"pooled_four", "SELECT 4, $1::int"},
    };
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[] = {ql_pg_from_int64(call, number)};
    enum ql_code rc = ql_pg_begin(call, pool, &tx);

    if (rc == QL_OK && !ql_pg_is_pooled(tx))
        rc = ql_fail(call, QL_DATA_LOSS, "POOLER_UNSEEN", "the pooler was taken for the server");
    for (int i = 0; rc == QL_OK && i < STATEMENTS; i++) {
        int which = (number + i / 2) % STATEMENTS;
        struct ql_pg_rows rows;

        rc = ql_pg_run(call, tx, &statements[which], parameters, 1, &rows);
        if (rc == QL_OK &&
            (ql_pg_int64(&rows, 0, 0) != which + 1 || ql_pg_int64(&rows, 0, 1) != number))
            rc = ql_fail(call, QL_DATA_LOSS, "WRONG_ROW", "another statement's row");
    }
    return rc == QL_OK ? ql_pg_commit(call, &tx) : rc;
}

static void *client_main(void *argument)
{
    struct client *client = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 18);

    for (int i = 0; i < TRANSACTIONS; i++) {
        struct ql_call call;

        ql_arena_reset(arena);
        ql_call_init(&call, arena, "test", 30000);
        if (transact(&call, client->pool, i) == QL_OK)
            client->n_right++;
        else
            snprintf(client->failure, sizeof(client->failure), "%s", call.status.reason);
    }
    return NULL;
}

static void test_statements_run_behind_a_pooler_of_transactions(void **state)
{
    struct client clients[CLIENTS] = {0};
    struct ql_pg_pool *pool;

    (void)state;
    if (pooler.pid == 0)
        skip();
    pool = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = pooler.url, .application_name = "pooler_test", .max_connections = CLIENTS});
    for (int i = 0; i < CLIENTS; i++) {
        clients[i].pool = pool;
        pthread_create(&clients[i].thread, NULL, client_main, &clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
    for (int i = 0; i < CLIENTS; i++) {
        assert_string_equal(clients[i].failure, "");
        assert_int_equal(clients[i].n_right, TRANSACTIONS);
    }
    ql_pg_pool_free(pool);
}

static void test_migrations_refuse_a_pooler_and_name_it(void **state)
{
    static const struct ql_pg_migration nothing[] = {{0}};
    const struct ql_pg_migration *const tables[] = {nothing};
    struct ql_arena *arena = ql_arena_new(1 << 18);
    struct ql_call call;

    (void)state;
    if (pooler.pid == 0)
        skip();
    ql_call_init(&call, arena, "test", 30000);
    assert_int_equal(ql_pg_migrate(&call, pooler.url, tables, 1), QL_FAILED_PRECONDITION);
    assert_string_equal(call.status.reason, "DATABASE_BEHIND_POOLER");
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements_run_behind_a_pooler_of_transactions),
        cmocka_unit_test(test_migrations_refuse_a_pooler_and_name_it),
    };

    ql_pg_test_url();
    return cmocka_run_group_tests(tests, start_pooler, stop_pooler);
}
