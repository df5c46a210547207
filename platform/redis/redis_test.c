/* Commands, pipelines, scripts and bounds, on a Redis that works
 * (QL_TEST_REDIS_URL). Keys are the test's own. */
#include "platform/redis/redis.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/redis/redis_metrics.h"
#include "platform/redis/testing/server.h"
#include "put_newer_lua.h"

static struct ql_arena *arena;
static struct ql_call call;
static struct ql_redis *redis;

static int set_up(void **state)
{
    const struct ql_redis_options options = {.url = redis_server_given_url(),
                                             .client_name = "redis_test",
                                             .max_wait_ms = 5000,
                                             .max_reply_bytes = 256 * 1024,
                                             .max_elements = 1000};

    (void)state;
    arena = ql_arena_new(2 << 20);
    ql_call_init(&call, arena, "redis_test", 10000);
    redis = ql_redis_new(&options);
    assert_non_null(redis);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_redis_free(redis);
    ql_arena_free(arena);
    return 0;
}

/* A key that nobody else uses, gone in a minute. */
static const char *own_key(void)
{
    struct ql_redis_reply reply;
    char uuid[QL_UUID_SIZE];
    const char *key;

    ql_uuid_new(uuid);
    key = ql_arena_printf(arena, "unit:%s", uuid);
    assert_int_equal(
        ql_redis_run(&call, redis, &QL_REDIS_COMMAND("SET", key, "", "EX", "60"), &reply), QL_OK);
    return key;
}

static struct ql_redis_reply run(const struct ql_redis_command *command)
{
    struct ql_redis_reply reply;

    assert_int_equal(ql_redis_run(&call, redis, command, &reply), QL_OK);
    return reply;
}

static void assert_reply_text(const struct ql_redis_reply *reply, const char *expected)
{
    assert_int_equal(reply->kind, QL_REDIS_TEXT);
    assert_int_equal(reply->length, strlen(expected));
    assert_string_equal(reply->text, expected);
}

static void assert_still_works(void)
{
    struct ql_redis_reply reply;

    ql_call_clear_status(&call);
    reply = run(&QL_REDIS_COMMAND("ECHO", "still here"));
    assert_reply_text(&reply, "still here");
}

static void test_every_kind_of_reply_is_read(void **state)
{
    const char *key = own_key();
    struct ql_redis_reply reply;

    (void)state;
    reply = run(&QL_REDIS_COMMAND("SET", key, "41", "KEEPTTL"));
    assert_reply_text(&reply, "OK");
    reply = run(&QL_REDIS_COMMAND("INCR", key));
    assert_int_equal(reply.kind, QL_REDIS_INTEGER);
    assert_int_equal(reply.integer, 42);
    reply = run(&QL_REDIS_COMMAND("MGET", key, "unit:there-is-no-such-key", key));
    assert_int_equal(reply.kind, QL_REDIS_ARRAY);
    assert_int_equal(reply.n_elements, 3);
    assert_reply_text(&reply.elements[0], "42");
    assert_int_equal(reply.elements[1].kind, QL_REDIS_NIL);
    assert_reply_text(&reply.elements[2], "42");
    reply = run(&QL_REDIS_COMMAND("EVAL", "return {1, {2, {}, 'x'}, {'y'}}", "0"));
    assert_int_equal(reply.n_elements, 3);
    assert_int_equal(reply.elements[1].n_elements, 3);
    assert_int_equal(reply.elements[1].elements[1].n_elements, 0);
    assert_reply_text(&reply.elements[1].elements[2], "x");
    assert_reply_text(&reply.elements[2].elements[0], "y");
}

static void test_arguments_and_replies_are_bytes(void **state)
{
    static const char bytes[] = "a\0b\r\n$-1\r\n\xff\x00";
    const char *key = own_key();
    const char *const arguments[] = {"SET", key, bytes, "KEEPTTL"};
    const size_t lengths[] = {3, strlen(key), sizeof(bytes), 7};
    const struct ql_redis_command set = {
        .arguments = arguments, .lengths = lengths, .n_arguments = 4};
    struct ql_redis_reply reply;

    (void)state;
    run(&set);
    reply = run(&QL_REDIS_COMMAND("GET", key));
    assert_int_equal(reply.length, sizeof(bytes));
    assert_memory_equal(reply.text, bytes, sizeof(bytes));
    assert_int_equal(reply.text[reply.length], '\0');
}

static void test_pipeline_answers_in_order_past_an_error(void **state)
{
    const char *key = own_key();
    const struct ql_redis_command commands[] = {
        QL_REDIS_COMMAND("SET", key, "1", "KEEPTTL"), QL_REDIS_COMMAND("INCR", key),
        QL_REDIS_COMMAND("LPUSH", key, "x"), QL_REDIS_COMMAND("INCR", key)};
    struct ql_redis_reply replies[4];
    int64_t errors = ql_metric_value(&qli_redis_commands, "error");

    (void)state;
    assert_int_equal(ql_redis_run_pipeline(&call, redis, commands, 4, replies), QL_INTERNAL);
    assert_string_equal(call.status.reason, "REDIS_ERROR");
    assert_null(strstr(call.status.message, "WRONGTYPE"));
    assert_int_equal(replies[1].integer, 2);
    assert_int_equal(replies[2].kind, QL_REDIS_ERROR);
    assert_memory_equal(replies[2].text, "WRONGTYPE", 9);
    assert_int_equal(replies[3].integer, 3);
    assert_int_equal(ql_metric_value(&qli_redis_commands, "error"), errors + 1);
    assert_still_works();
}

static void test_full_pipeline_of_large_values_does_not_stall(void **state)
{
    enum { N = QL_REDIS_PIPELINE_MAX, SIZE = 900 };
    const char *arguments[N][2];
    struct ql_redis_command commands[N];
    struct ql_redis_reply replies[N];
    char *value = ql_arena_alloc(arena, SIZE + 1);

    (void)state;
    memset(value, 'v', SIZE);
    value[SIZE] = '\0';
    for (size_t i = 0; i < N; i++) {
        arguments[i][0] = "ECHO";
        arguments[i][1] = value;
        commands[i] = (struct ql_redis_command){.arguments = arguments[i], .n_arguments = 2};
    }
    assert_int_equal(ql_redis_run_pipeline(&call, redis, commands, N, replies), QL_OK);
    for (size_t i = 0; i < N; i++)
        assert_reply_text(&replies[i], value);
}

static void test_script_keeps_the_newer_revision(void **state)
{
    const char *key = own_key();
    struct ql_redis_command commands[3];
    struct ql_redis_reply replies[3], reply;

    (void)state;
    run(&QL_REDIS_COMMAND("DEL", key));
    commands[0] = QL_REDIS_SCRIPT(&lua_put_newer, 1, key, "2", "two", "60");
    commands[1] = QL_REDIS_SCRIPT(&lua_put_newer, 1, key, "1", "one", "60");
    commands[2] = QL_REDIS_COMMAND("PERSIST", key); /* it has a time to live from before */
    assert_int_equal(ql_redis_run_pipeline(&call, redis, commands, 3, replies), QL_OK);
    assert_int_equal(replies[0].integer, 1);
    assert_int_equal(replies[1].integer, 0);
    assert_int_equal(replies[2].integer, 1);
    reply = run(&QL_REDIS_SCRIPT(&lua_put_newer, 1, key, "3", "three", "60"));
    assert_int_equal(reply.integer, 1);
    reply = run(&QL_REDIS_COMMAND("HGET", key, "body"));
    assert_reply_text(&reply, "three");
}

static void test_broken_script_is_a_fault_of_ours(void **state)
{
    static const struct ql_redis_script broken = {"broken", "this is not Lua"};
    struct ql_redis_reply reply;

    (void)state;
    assert_int_equal(ql_redis_run(&call, redis, &QL_REDIS_SCRIPT(&broken, 0, "x"), &reply),
                     QL_INTERNAL);
    assert_string_equal(call.status.reason, "REDIS_ERROR");
    assert_still_works();
}

static void assert_too_large(const struct ql_redis_command *command, const char *reason)
{
    struct ql_redis_reply reply;

    assert_int_equal(ql_redis_run(&call, redis, command, &reply), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call.status.reason, reason);
    assert_still_works();
}

static void test_large_deep_and_wide_replies_are_refused(void **state)
{
    static const char deep[] = "return {{{{{{1}}}}}}", deeper[] = "return {{{{{{{1}}}}}}}";
    struct ql_redis_reply reply = run(&QL_REDIS_COMMAND("EVAL", deep, "0"));

    (void)state;
    assert_int_equal(reply.kind, QL_REDIS_ARRAY);
    assert_too_large(&QL_REDIS_COMMAND("EVAL", deeper, "0"), "REDIS_REPLY_TOO_LARGE");
    assert_too_large(&QL_REDIS_COMMAND("EVAL", "return string.rep('x', 300000)", "0"),
                     "REDIS_REPLY_TOO_LARGE");
    assert_too_large(
        &QL_REDIS_COMMAND("EVAL", "local t = {} for i = 1, 1001 do t[i] = i end return t", "0"),
        "REDIS_REPLY_TOO_LARGE");
}

static void test_reply_past_the_arena_is_refused(void **state)
{
    struct ql_arena *own = arena, *small = ql_arena_new(8192);
    struct ql_redis_reply reply;

    (void)state;
    call.arena = small;
    assert_int_equal(ql_redis_run(&call, redis,
                                  &QL_REDIS_COMMAND("EVAL", "return string.rep('x', 20000)", "0"),
                                  &reply),
                     QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call.status.reason, "MEMORY_LIMIT");
    call.arena = own;
    ql_arena_free(small);
    assert_still_works();
}

static void test_large_requests_are_refused(void **state)
{
    const struct ql_redis_command ping = QL_REDIS_COMMAND("PING");
    const size_t lengths[] = {4, QL_REDIS_REQUEST_BYTES_MAX};
    const char *const arguments[] = {"ECHO", "x"};
    const struct ql_redis_command large = {
        .arguments = arguments, .lengths = lengths, .n_arguments = 2};
    struct ql_redis_command *many = calloc(QL_REDIS_PIPELINE_MAX + 1, sizeof(*many));
    struct ql_redis_reply *replies = calloc(QL_REDIS_PIPELINE_MAX + 1, sizeof(*replies));

    (void)state;
    assert_too_large(&large, "REDIS_REQUEST_TOO_LARGE");
    assert_too_large(&QL_REDIS_COMMAND("ECHO", NULL), "MEMORY_LIMIT");
    for (size_t i = 0; i <= QL_REDIS_PIPELINE_MAX; i++)
        many[i] = ping;
    assert_int_equal(ql_redis_run_pipeline(&call, redis, many, QL_REDIS_PIPELINE_MAX + 1, replies),
                     QL_RESOURCE_EXHAUSTED);
    free(many);
    free(replies);
}

static void test_past_deadline_costs_no_connection(void **state)
{
    int64_t open, deadline_ms = call.deadline_ms;
    struct ql_redis_reply reply;

    (void)state;
    assert_still_works();
    open = ql_metric_value(&qli_redis_connections, NULL);
    call.deadline_ms = ql_monotonic_ms() - 1;
    assert_int_equal(ql_redis_run(&call, redis, &QL_REDIS_COMMAND("PING"), &reply),
                     QL_DEADLINE_EXCEEDED);
    call.deadline_ms = deadline_ms;
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), open);
}

struct counting {
    const char *key;
    pthread_barrier_t barrier;
    _Atomic int n_wrong;
};

enum { N_THREADS = 4, N_ROUNDS = 200 };

static void *count_up(void *argument)
{
    struct counting *counting = argument;
    struct ql_arena *own = ql_arena_new(1 << 20);
    struct ql_call own_call;
    struct ql_redis_reply reply;

    ql_call_init(&own_call, own, "count_up", 10000);
    for (int i = 0; i < N_ROUNDS; i++)
        if (ql_redis_run(&own_call, redis, &QL_REDIS_COMMAND("INCR", counting->key), &reply) !=
                QL_OK ||
            reply.kind != QL_REDIS_INTEGER)
            counting->n_wrong++;
    pthread_barrier_wait(&counting->barrier); /* all are connected */
    pthread_barrier_wait(&counting->barrier);
    ql_arena_free(own);
    return NULL;
}

static void test_each_thread_has_a_connection_until_it_ends(void **state)
{
    struct counting counting = {.key = own_key()};
    pthread_t threads[N_THREADS];
    struct ql_redis_reply reply;
    int64_t open;

    (void)state;
    run(&QL_REDIS_COMMAND("SET", counting.key, "0", "KEEPTTL"));
    open = ql_metric_value(&qli_redis_connections, NULL);
    pthread_barrier_init(&counting.barrier, NULL, N_THREADS + 1);
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &counting), 0);
    pthread_barrier_wait(&counting.barrier);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), open + N_THREADS);
    pthread_barrier_wait(&counting.barrier);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&counting.barrier);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), open);
    assert_int_equal(counting.n_wrong, 0);
    reply = run(&QL_REDIS_COMMAND("GET", counting.key));
    assert_int_equal(strtol(reply.text, NULL, 10), N_THREADS * N_ROUNDS);
}

static void test_connections_carry_the_name_of_the_client(void **state)
{
    struct ql_redis_reply reply = run(&QL_REDIS_COMMAND("CLIENT", "GETNAME"));

    (void)state;
    assert_reply_text(&reply, "redis_test");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_kind_of_reply_is_read),
        TEST(test_arguments_and_replies_are_bytes),
        TEST(test_pipeline_answers_in_order_past_an_error),
        TEST(test_full_pipeline_of_large_values_does_not_stall),
        TEST(test_script_keeps_the_newer_revision),
        TEST(test_broken_script_is_a_fault_of_ours),
        TEST(test_large_deep_and_wide_replies_are_refused),
        TEST(test_reply_past_the_arena_is_refused),
        TEST(test_large_requests_are_refused),
        TEST(test_past_deadline_costs_no_connection),
        TEST(test_each_thread_has_a_connection_until_it_ends),
        TEST(test_connections_carry_the_name_of_the_client),
    };

    if (redis_server_given_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
