/* The pool when connections are scarce, dead, refused or hang. Between pool and
 * server stands a proxy of ours that can be made to pass nothing on. */
#include "platform/pg/pg.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "platform/base/clock.h"
#include "platform/pg/test_database.h"

static const struct ql_pg_statement select_one = {"select_one", "SELECT 1"};

enum { PASSAGES_MAX = 8 };

struct passage {
    int client, server;
};

/* Listens on a socket of its own; serves in one thread. */
struct middle {
    char folder[32];
    char url[1024];
    struct sockaddr_un server;
    int listener;
    struct passage passages[PASSAGES_MAX];
    _Atomic int n_passages; /* ever opened */
    _Atomic bool is_hung, stopping;
    pthread_t thread;
};

static void pass_on(int from, int to)
{
    char bytes[4096];
    ssize_t n = recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (n == 0)
        shutdown(to, SHUT_WR);
    else if (n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) < 0)
        shutdown(from, SHUT_RDWR);
}

static void accept_one(struct middle *middle)
{
    struct passage *passage = &middle->passages[middle->n_passages];

    passage->client = accept(middle->listener, NULL, NULL);
    if (passage->client < 0)
        return;
    assert_true(middle->n_passages < PASSAGES_MAX);
    passage->server = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(
        connect(passage->server, (const struct sockaddr *)&middle->server, sizeof(middle->server)),
        0);
    middle->n_passages++;
}

static void *middle_run(void *argument)
{
    struct middle *middle = argument;

    while (!middle->stopping) {
        struct pollfd listening = {.fd = middle->listener, .events = POLLIN};

        if (poll(&listening, 1, 1) > 0)
            accept_one(middle);
        for (int i = 0; i < middle->n_passages && !middle->is_hung; i++) {
            pass_on(middle->passages[i].client, middle->passages[i].server);
            pass_on(middle->passages[i].server, middle->passages[i].client);
        }
    }
    for (int i = 0; i < middle->n_passages; i++) {
        close(middle->passages[i].client);
        close(middle->passages[i].server);
    }
    return NULL;
}

static void listen_at(struct middle *middle, const char *user, const char *database)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(middle->folder, sizeof(middle->folder), "/tmp/ql_pg_XXXXXX");
    assert_non_null(mkdtemp(middle->folder));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", middle->folder);
    middle->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(middle->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(middle->listener, 16), 0);
    snprintf(middle->url, sizeof(middle->url), "postgresql://%s@/%s?host=%s&port=5432", user,
             database, middle->folder);
}

static const char *part(const PQconninfoOption *options, const char *key, const char *fallback)
{
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, key) == 0 && options->val != NULL)
            return options->val;
    return fallback;
}

/* Skips the test when the server is not reached over a local socket. */
static void middle_start(struct middle *middle)
{
    PQconninfoOption *options = PQconninfoParse(ql_pg_test_url(), NULL);
    const char *host = part(options, "host", "");

    memset(middle, 0, sizeof(*middle));
    if (host[0] != '/') {
        PQconninfoFree(options);
        skip();
    }
    middle->server.sun_family = AF_UNIX;
    snprintf(middle->server.sun_path, sizeof(middle->server.sun_path), "%s/.s.PGSQL.%s", host,
             part(options, "port", "5432"));
    listen_at(middle, part(options, "user", "postgres"), part(options, "dbname", "postgres"));
    PQconninfoFree(options);
    assert_int_equal(pthread_create(&middle->thread, NULL, middle_run, middle), 0);
}

static void middle_stop(struct middle *middle)
{
    char path[64];

    middle->stopping = true;
    pthread_join(middle->thread, NULL);
    close(middle->listener);
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", middle->folder);
    unlink(path);
    rmdir(middle->folder);
}

static struct ql_pg_pool *pool_of(const char *url, int max_connections)
{
    const struct ql_pg_pool_options options = {
        .url = url, .application_name = "pool_test", .max_connections = max_connections};

    return ql_pg_pool_new(&options);
}

static int open_arena(void **state)
{
    *state = ql_arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    ql_arena_free(*state);
    return 0;
}

static void test_refused_connection_is_answered_at_once(void **state)
{
    struct ql_pg_pool *pool = pool_of("postgresql://nobody@127.0.0.1:1/nothing?sslmode=disable", 2);
    struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    for (int i = 0; i < 3; i++) {
        ql_call_init(&call, *state, "test", 20000);
        assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_UNAVAILABLE);
        assert_string_equal(call.status.reason, "DATABASE_UNAVAILABLE");
        assert_true(ql_call_remaining_ms(&call) > 15000);
        assert_null(tx);
    }
    assert_int_equal(ql_pg_ping(&call, pool), QL_UNAVAILABLE);
    ql_pg_pool_free(pool);
}

static void test_server_that_hangs_while_connecting_costs_no_more_than_the_deadline(void **state)
{
    struct ql_pg_pool *pool;
    struct ql_pg_tx *tx = NULL;
    struct middle middle;
    struct ql_call call;

    middle_start(&middle);
    middle.is_hung = true;
    pool = pool_of(middle.url, 2);
    ql_call_init(&call, *state, "test", 500);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_UNAVAILABLE);
    assert_true(ql_call_remaining_ms(&call) > 0);
    middle.is_hung = false;
    /* Whoever came late says nothing about the server. */
    ql_call_init(&call, *state, "test", 10000);
    assert_int_equal(ql_pg_ping(&call, pool), QL_OK);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void begin_and_commit(struct ql_pg_pool *pool, struct ql_arena *arena)
{
    struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    ql_call_init(&call, arena, "test", 20000);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&call, tx, &select_one, NULL, 0, NULL), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_OK);
}

/* Every one of these calls is at its end before an answer can have come. */
static void test_calls_with_too_little_time_do_not_touch_the_pool(void **state)
{
    struct ql_pg_pool *pool;
    struct ql_pg_tx *tx = NULL;
    struct middle middle;
    struct ql_call call;

    middle_start(&middle);
    pool = pool_of(middle.url, 1);
    begin_and_commit(pool, *state);
    middle.is_hung = true;
    for (int i = 0; i < 200; i++) {
        ql_call_init(&call, *state, "test", 2 + i % 4);
        assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_DEADLINE_EXCEEDED);
        ql_call_init(&call, *state, "test", 2 + i % 4);
        assert_int_equal(ql_pg_ping(&call, pool), QL_DEADLINE_EXCEEDED);
    }
    middle.is_hung = false;
    begin_and_commit(pool, *state);
    assert_int_equal(middle.n_passages, 1);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void test_late_answer_to_begin_costs_no_connection(void **state)
{
    struct ql_pg_pool *pool;
    struct middle middle;
    struct ql_call hasty;

    middle_start(&middle);
    pool = pool_of(middle.url, 1);
    begin_and_commit(pool, *state);
    for (int i = 0; i < 3; i++) {
        middle.is_hung = true;
        ql_call_init(&hasty, *state, "test", 100);
        assert_int_not_equal(ql_pg_ping(&hasty, pool), QL_OK);
        middle.is_hung = false;
        begin_and_commit(pool, *state);
    }
    assert_int_equal(middle.n_passages, 1);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static const struct ql_pg_statement insert_late = {"insert_late",
                                                   "INSERT INTO late VALUES (1) RETURNING 1"};

/* The statement, its preparation included, is executed after its caller left. */
static void test_late_answer_in_a_transaction_is_read_off_and_rolled_back(void **state)
{
    struct ql_pg_pool *pool;
    struct ql_pg_tx *tx;
    struct middle middle;
    struct ql_call call;

    ql_pg_test_exec("CREATE TABLE late (number int)");
    middle_start(&middle);
    pool = pool_of(middle.url, 1);
    for (int i = 0; i < 3; i++) {
        tx = NULL;
        ql_call_init(&call, *state, "test", 400);
        assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
        middle.is_hung = true;
        assert_int_equal(ql_pg_run(&call, tx, &insert_late, NULL, 0, NULL), QL_UNAVAILABLE);
        assert_string_equal(call.status.reason, "DATABASE_UNAVAILABLE");
        ql_pg_tx_endp(&tx);
        middle.is_hung = false;
        begin_and_commit(pool, *state);
    }
    /* Prepared meanwhile or not: it runs. */
    ql_call_init(&call, *state, "test", 20000);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&call, tx, &insert_late, NULL, 0, NULL), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_OK);
    assert_int_equal(middle.n_passages, 1);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM late"), 1);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void test_connecting_goes_on_when_its_caller_has_left(void **state)
{
    struct ql_pg_pool *pool;
    struct middle middle;
    struct ql_call hasty;

    middle_start(&middle);
    middle.is_hung = true;
    pool = pool_of(middle.url, 2);
    for (int i = 0; i < 3; i++) {
        ql_call_init(&hasty, *state, "test", 100);
        assert_int_not_equal(ql_pg_ping(&hasty, pool), QL_OK);
    }
    middle.is_hung = false;
    begin_and_commit(pool, *state);
    assert_int_equal(middle.n_passages, 1);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void test_server_that_stays_silent_costs_its_connections(void **state)
{
    struct ql_pg_pool *pool;
    struct ql_pg_tx *open[2] = {NULL};
    struct middle middle;
    struct ql_call call;

    middle_start(&middle);
    pool = pool_of(middle.url, 2);
    ql_call_init(&call, *state, "test", 20000);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ql_pg_begin(&call, pool, &open[i]), QL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ql_pg_commit(&call, &open[i]), QL_OK);
    middle.is_hung = true;
    ql_call_init(&call, *state, "test", 100);
    assert_int_not_equal(ql_pg_ping(&call, pool), QL_OK);
    /* One was asked; the other is closed with it, and the next call finds neither. */
    while (middle.n_passages == 2) {
        ql_call_init(&call, *state, "test", 100);
        assert_int_not_equal(ql_pg_ping(&call, pool), QL_OK);
    }
    middle.is_hung = false;
    begin_and_commit(pool, *state);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void test_commit_without_time_is_not_sent(void **state)
{
    struct ql_pg_pool *pool = pool_of(ql_pg_test_url(), 1);
    _Atomic bool is_stopping = false;
    struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    ql_pg_test_exec("CREATE TABLE unsent (number int)");
    ql_call_init(&call, *state, "test", 400);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(
        ql_pg_run(&call, tx,
                  &(const struct ql_pg_statement){"unsent", "INSERT INTO unsent VALUES (1)"}, NULL,
                  0, NULL),
        QL_OK);
    while (ql_call_remaining_ms(&call) > 0)
        (void)ql_sleep_ms(20, &is_stopping);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_DEADLINE_EXCEEDED);
    begin_and_commit(pool, *state);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM unsent"), 0);
    ql_pg_pool_free(pool);
}

static void test_lost_answer_to_commit_is_unavailable(void **state)
{
    struct ql_pg_pool *pool;
    struct ql_pg_tx *tx = NULL;
    struct middle middle;
    struct ql_call call;

    middle_start(&middle);
    pool = pool_of(middle.url, 1);
    ql_call_init(&call, *state, "test", 500);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    middle.is_hung = true;
    assert_int_equal(ql_pg_commit(&call, &tx), QL_UNAVAILABLE);
    assert_null(tx);
    ql_pg_pool_free(pool);
    middle_stop(&middle);
}

static void test_connections_that_died_in_the_pool_are_replaced_unnoticed(void **state)
{
    struct ql_pg_pool *pool = pool_of(ql_pg_test_url(), 4);
    struct ql_pg_tx *open[4] = {NULL};
    struct ql_call call;

    ql_call_init(&call, *state, "test", 10000);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ql_pg_begin(&call, pool, &open[i]), QL_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ql_pg_commit(&call, &open[i]), QL_OK);
    ql_pg_test_exec("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = 'pool_test'");
    assert_int_equal(ql_pg_begin(&call, pool, &open[0]), QL_OK);
    assert_int_equal(ql_pg_run(&call, open[0], &select_one, NULL, 0, NULL), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &open[0]), QL_OK);
    assert_int_equal(ql_pg_test_int64("SELECT count(*) FROM pg_stat_activity"
                                      " WHERE application_name = 'pool_test'"),
                     1);
    ql_pg_pool_free(pool);
}

static void test_connection_lost_in_a_transaction_is_unavailable_and_not_used_again(void **state)
{
    struct ql_pg_pool *pool = pool_of(ql_pg_test_url(), 1);
    struct ql_pg_tx *tx = NULL;
    struct ql_call call;

    ql_call_init(&call, *state, "test", 10000);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    ql_pg_test_exec("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = 'pool_test'");
    assert_int_equal(ql_pg_run(&call, tx, &select_one, NULL, 0, NULL), QL_UNAVAILABLE);
    ql_pg_tx_endp(&tx);
    ql_call_clear_status(&call);
    assert_int_equal(ql_pg_begin(&call, pool, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&call, tx, &select_one, NULL, 0, NULL), QL_OK);
    assert_int_equal(ql_pg_commit(&call, &tx), QL_OK);
    ql_pg_pool_free(pool);
}

static void test_pool_without_a_free_connection_says_unavailable(void **state)
{
    struct ql_pg_pool *pool = pool_of(ql_pg_test_url(), 1);
    struct ql_pg_tx *first = NULL, *second = NULL;
    struct ql_call call, hasty;

    ql_call_init(&call, *state, "test", 10000);
    ql_call_init(&hasty, *state, "test", 300);
    assert_int_equal(ql_pg_begin(&call, pool, &first), QL_OK);
    assert_int_equal(ql_pg_begin(&hasty, pool, &second), QL_UNAVAILABLE);
    ql_pg_tx_endp(&first);
    ql_pg_pool_free(pool);
}

struct visitor {
    struct ql_pg_pool *pool;
    _Atomic int *n_inside, *n_most;
    pthread_t thread;
    enum ql_code rc;
};

static void *visit(void *argument)
{
    struct visitor *visitor = argument;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(1 << 16);

    for (int i = 0; i < 20 && visitor->rc == QL_OK; i++) {
        QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
        struct ql_call call;
        int inside, most;

        ql_call_init(&call, arena, "test", 30000);
        visitor->rc = ql_pg_begin(&call, visitor->pool, &tx);
        if (visitor->rc != QL_OK)
            break;
        inside = atomic_fetch_add(visitor->n_inside, 1) + 1;
        for (most = *visitor->n_most; inside > most;)
            if (atomic_compare_exchange_weak(visitor->n_most, &most, inside))
                break;
        visitor->rc = ql_pg_run(&call, tx, &select_one, NULL, 0, NULL);
        atomic_fetch_sub(visitor->n_inside, 1);
    }
    return NULL;
}

static void test_many_threads_share_few_connections(void **state)
{
    struct ql_pg_pool *pool = pool_of(ql_pg_test_url(), 3);
    _Atomic int n_inside = 0, n_most = 0;
    struct visitor visitors[12];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(visitors); i++) {
        visitors[i] = (struct visitor){.pool = pool, .n_inside = &n_inside, .n_most = &n_most};
        assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(visitors); i++)
        pthread_join(visitors[i].thread, NULL);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(visitors); i++)
        assert_int_equal(visitors[i].rc, QL_OK);
    assert_in_range(n_most, 1, 3);
    ql_pg_pool_free(pool);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(test_refused_connection_is_answered_at_once),
        WITH_ARENA(test_server_that_hangs_while_connecting_costs_no_more_than_the_deadline),
        WITH_ARENA(test_calls_with_too_little_time_do_not_touch_the_pool),
        WITH_ARENA(test_late_answer_to_begin_costs_no_connection),
        WITH_ARENA(test_late_answer_in_a_transaction_is_read_off_and_rolled_back),
        WITH_ARENA(test_connecting_goes_on_when_its_caller_has_left),
        WITH_ARENA(test_server_that_stays_silent_costs_its_connections),
        WITH_ARENA(test_commit_without_time_is_not_sent),
        WITH_ARENA(test_lost_answer_to_commit_is_unavailable),
        WITH_ARENA(test_connections_that_died_in_the_pool_are_replaced_unnoticed),
        WITH_ARENA(test_connection_lost_in_a_transaction_is_unavailable_and_not_used_again),
        WITH_ARENA(test_pool_without_a_free_connection_says_unavailable),
        WITH_ARENA(test_many_threads_share_few_connections),
    };

    ql_pg_test_url();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
