/* A Redis that is killed, frozen, flushed, full, or not the one we have the
 * password of. Each test has a server of its own. */
#include "platform/redis/redis.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/redis/redis_metrics.h"
#include "platform/redis/testing/server.h"

enum {
    PATIENT_MS = 5000, /* max_wait_ms where waiting is not the subject */
    WAIT_MS = 200,     /* and where it is */
    SLACK_MS = 20000,  /* for a busy machine: late is not wrong, never is */
    RECOVERY_MS = 20000,
};

static struct redis_server server;
static struct ql_arena *arena;
static struct ql_call call;
static struct ql_redis *redis;

static struct ql_redis *client_of(const char *url, int64_t max_wait_ms)
{
    const struct ql_redis_options options = {.url = url, .max_wait_ms = max_wait_ms};
    struct ql_redis *client = ql_redis_new(&options);

    assert_non_null(client);
    return client;
}

static int set_up(void **state)
{
    (void)state;
    redis_server_start(&server);
    arena = ql_arena_new(1 << 20);
    ql_call_init(&call, arena, "outage_test", 60000);
    redis = client_of(server.url, PATIENT_MS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_redis_free(redis);
    ql_arena_free(arena);
    redis_server_end(&server);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), 0);
    return 0;
}

static enum ql_code run(const struct ql_redis_command *command, struct ql_redis_reply *ret_reply)
{
    ql_call_clear_status(&call);
    ql_arena_reset(arena);
    return ql_redis_run(&call, redis, command, ret_reply);
}

static enum ql_code ping(void)
{
    struct ql_redis_reply reply;

    return run(&QL_REDIS_COMMAND("PING"), &reply);
}

static void assert_away(void)
{
    assert_int_equal(ping(), QL_UNAVAILABLE);
    assert_string_equal(call.status.reason, "REDIS_UNAVAILABLE");
}

static void wait_for_recovery(void)
{
    int64_t until_ms = ql_monotonic_ms() + RECOVERY_MS;

    while (ping() != QL_OK) {
        assert_true(ql_monotonic_ms() < until_ms);
        poll(NULL, 0, 5);
    }
}

/* From here on waits are short; the server is known to answer. */
static void become_impatient(void)
{
    ql_redis_free(redis);
    redis = client_of(server.url, WAIT_MS);
    wait_for_recovery();
}

static void test_killed_server_is_unavailable_at_once_and_found_again(void **state)
{
    int64_t began, sum_ms = 0;

    (void)state;
    assert_int_equal(ping(), QL_OK);
    redis_server_kill(&server);
    for (int i = 0; i < 1000; i++) {
        began = ql_monotonic_ms();
        assert_away();
        sum_ms += ql_monotonic_ms() - began;
    }
    assert_true(sum_ms < 1000 * WAIT_MS / 2); /* far below 1,000 waits */
    redis_server_start_again(&server);
    wait_for_recovery();
}

static void test_restart_between_two_commands_is_not_noticed(void **state)
{
    (void)state;
    assert_int_equal(ping(), QL_OK);
    redis_server_kill(&server);
    redis_server_start_again(&server);
    assert_int_equal(ping(), QL_OK);
}

static void test_connection_cut_by_the_server_is_made_anew(void **state)
{
    struct ql_redis *other = client_of(server.url, PATIENT_MS);
    struct ql_redis_reply reply;

    (void)state;
    assert_int_equal(ping(), QL_OK);
    assert_int_equal(
        ql_redis_run(&call, other,
                     &QL_REDIS_COMMAND("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"),
                     &reply),
        QL_OK);
    assert_int_equal(reply.integer, 1);
    assert_int_equal(ping(), QL_OK);
    ql_redis_free(other);
}

static void test_frozen_server_costs_one_wait_and_then_nothing(void **state)
{
    int64_t began, took_ms;

    (void)state;
    become_impatient();
    redis_server_freeze(&server);
    began = ql_monotonic_ms();
    assert_away();
    took_ms = ql_monotonic_ms() - began;
    assert_true(took_ms >= WAIT_MS - 20 && took_ms < WAIT_MS + SLACK_MS);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), 0);
    assert_away(); /* within the pause */
    redis_server_thaw(&server);
    wait_for_recovery();
}

struct caller {
    pthread_t thread;
    int n_answers, n_slow;
};

static void *call_for_a_while(void *argument)
{
    struct caller *caller = argument;
    struct ql_arena *own = ql_arena_new(1 << 20);
    int64_t until_ms = ql_monotonic_ms() + 2000;
    struct ql_redis_reply reply;
    struct ql_call own_call;

    while (ql_monotonic_ms() < until_ms) {
        int64_t began = ql_monotonic_ms();

        ql_call_init(&own_call, own, "call_for_a_while", 5000);
        if (ql_redis_run(&own_call, redis, &QL_REDIS_COMMAND("PING"), &reply) == QL_UNAVAILABLE)
            caller->n_answers++;
        if (ql_monotonic_ms() - began >= WAIT_MS - 20)
            caller->n_slow++;
        ql_arena_reset(own);
        poll(NULL, 0, 1);
    }
    ql_arena_free(own);
    return NULL;
}

static void test_frozen_server_is_tried_by_one_thread_at_a_time(void **state)
{
    enum { N = 4 };
    struct caller callers[N] = {0};
    int n_slow = 0;

    (void)state;
    become_impatient();
    redis_server_freeze(&server);
    assert_away(); /* the outage is known */
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_for_a_while, &callers[i]),
                         0);
    for (int i = 0; i < N; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_true(callers[i].n_answers > 10);
        n_slow += callers[i].n_slow;
    }
    /* One at a time in 2 s, with pauses of 100, 200, 400 ms ... between. */
    assert_in_range(n_slow, 1, 20);
    redis_server_thaw(&server);
    wait_for_recovery();
}

static void test_short_deadline_ends_the_wait(void **state)
{
    int64_t began;

    (void)state;
    become_impatient();
    redis_server_freeze(&server);
    began = ql_monotonic_ms();
    call.deadline_ms = began + 60;
    assert_away();
    assert_true(ql_monotonic_ms() < call.deadline_ms + SLACK_MS);
    call.deadline_ms = began + 60000;
    redis_server_thaw(&server);
    wait_for_recovery();
}

static void test_slow_command_of_ours_is_no_outage(void **state)
{
    struct ql_redis_reply reply;

    (void)state;
    assert_int_equal(ping(), QL_OK);
    call.deadline_ms = ql_monotonic_ms() + 30; /* less than it takes to call it hung */
    assert_int_equal(run(&QL_REDIS_COMMAND("BLPOP", "nothing", "1"), &reply), QL_UNAVAILABLE);
    call.deadline_ms = ql_monotonic_ms() + 60000;
    assert_int_equal(ping(), QL_OK);
}

static void test_flushed_server_has_nothing_and_scripts_still_run(void **state)
{
    static const struct ql_redis_script twice = {"twice", "return 2 * ARGV[1]"};
    struct ql_redis_command commands[] = {QL_REDIS_SCRIPT(&twice, 0, "4"),
                                          QL_REDIS_COMMAND("GET", "key"),
                                          QL_REDIS_SCRIPT(&twice, 0, "5")};
    struct ql_redis_reply replies[3];

    (void)state;
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "x"), replies), QL_OK);
    assert_int_equal(run(&commands[0], replies), QL_OK);
    assert_int_equal(replies[0].integer, 8);
    assert_int_equal(run(&QL_REDIS_COMMAND("FLUSHALL"), replies), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SCRIPT", "FLUSH"), replies), QL_OK);
    assert_int_equal(ql_redis_run_pipeline(&call, redis, commands, 3, replies), QL_OK);
    assert_int_equal(replies[0].integer, 8);
    assert_int_equal(replies[1].kind, QL_REDIS_NIL);
    assert_int_equal(replies[2].integer, 10);
    redis_server_kill(&server); /* a new server knows no scripts either */
    redis_server_start_again(&server);
    assert_int_equal(run(&commands[2], replies), QL_OK);
    assert_int_equal(replies[0].integer, 10);
}

static void test_full_and_read_only_servers_are_unavailable(void **state)
{
    struct ql_redis_reply reply;

    (void)state;
    assert_int_equal(run(&QL_REDIS_COMMAND("CONFIG", "SET", "maxmemory", "1"), &reply), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "x"), &reply), QL_UNAVAILABLE);
    assert_memory_equal(reply.text, "OOM ", 4);
    assert_int_equal(run(&QL_REDIS_COMMAND("CONFIG", "SET", "maxmemory", "0"), &reply), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "x"), &reply), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("REPLICAOF", "127.0.0.1", "1"), &reply), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "y"), &reply), QL_UNAVAILABLE);
    assert_memory_equal(reply.text, "READONLY ", 9);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), 0);
    assert_int_equal(run(&QL_REDIS_COMMAND("REPLICAOF", "NO", "ONE"), &reply), QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "y"), &reply), QL_OK);
}

/* What the log said while url was tried. */
static void try_url(const char *format, const char *password, char *ret_log, size_t size)
{
    char url[128];
    struct ql_redis *other;
    struct ql_redis_reply reply;
    int ends[2];
    ssize_t n;

    snprintf(url, sizeof(url), "redis://:%s@127.0.0.1:%d%s", password, server.port, format);
    other = client_of(url, PATIENT_MS);
    assert_int_equal(pipe(ends), 0);
    ql_log_redirect(ends[1]);
    ql_call_clear_status(&call);
    assert_int_equal(ql_redis_run(&call, other, &QL_REDIS_COMMAND("PING"), &reply), QL_UNAVAILABLE);
    ql_log_redirect(STDERR_FILENO);
    close(ends[1]);
    n = read(ends[0], ret_log, size - 1);
    assert_true(n > 0);
    ret_log[n] = '\0';
    close(ends[0]);
    ql_redis_free(other);
}

static void test_wrong_password_is_unavailable_and_never_logged(void **state)
{
    char log[4096];

    (void)state;
    try_url("", "hunter2hunter2", log, sizeof(log));
    assert_string_equal(call.status.reason, "REDIS_UNAVAILABLE");
    assert_non_null(strstr(log, "refuses the user or password"));
    assert_null(strstr(log, "hunter2"));
    assert_null(strstr(call.status.message, "hunter2"));
    try_url("/99", REDIS_SERVER_PASSWORD, log, sizeof(log));
    assert_non_null(strstr(log, "no such database"));
    assert_null(strstr(log, REDIS_SERVER_PASSWORD));
}

static void test_user_and_database_of_the_url_are_used(void **state)
{
    struct ql_redis_reply reply;
    struct ql_redis *other;
    char url[128];

    (void)state;
    assert_int_equal(
        run(&QL_REDIS_COMMAND("ACL", "SETUSER", "reader", "on", ">p@ss", "~*", "+get", "+select"),
            &reply),
        QL_OK);
    assert_int_equal(run(&QL_REDIS_COMMAND("SET", "key", "in 0"), &reply), QL_OK);
    snprintf(url, sizeof(url), "redis://reader:p%%40ss@localhost:%d/1", server.port);
    other = client_of(url, PATIENT_MS);
    assert_int_equal(ql_redis_run(&call, other, &QL_REDIS_COMMAND("GET", "key"), &reply), QL_OK);
    assert_int_equal(reply.kind, QL_REDIS_NIL); /* this is database 1 */
    assert_int_equal(ql_redis_run(&call, other, &QL_REDIS_COMMAND("SET", "key", "x"), &reply),
                     QL_INTERNAL);
    ql_redis_free(other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_killed_server_is_unavailable_at_once_and_found_again),
        TEST(test_restart_between_two_commands_is_not_noticed),
        TEST(test_connection_cut_by_the_server_is_made_anew),
        TEST(test_frozen_server_costs_one_wait_and_then_nothing),
        TEST(test_frozen_server_is_tried_by_one_thread_at_a_time),
        TEST(test_short_deadline_ends_the_wait),
        TEST(test_slow_command_of_ours_is_no_outage),
        TEST(test_flushed_server_has_nothing_and_scripts_still_run),
        TEST(test_full_and_read_only_servers_are_unavailable),
        TEST(test_wrong_password_is_unavailable_and_never_logged),
        TEST(test_user_and_database_of_the_url_are_used),
    };

    if (!redis_server_is_installed())
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
