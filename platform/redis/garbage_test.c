/* A peer that is not Redis, or sends malformed replies: it costs at most one wait, a
 * bounded buffer and the connection. */
#include "platform/redis/redis.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/redis/redis_metrics.h"

enum { WAIT_MS = 600, SLACK_MS = 20000 };

/* Accepts one connection, answers its set-up well and the next request with text; sends
 * the last byte again and again when `drips` is set. */
struct liar {
    int listener;
    char url[64];
    const char *text;
    size_t length;
    bool drips, repeats;
    pthread_t thread;
};

static void say(int fd, const struct liar *liar)
{
    (void)send(fd, liar->text, liar->length, MSG_NOSIGNAL);
    while (liar->drips && send(fd, "x", 1, MSG_NOSIGNAL) == 1)
        poll(NULL, 0, 5);
    while (liar->repeats && send(fd, liar->text, liar->length, MSG_NOSIGNAL) > 0)
        continue;
}

static void *liar_run(void *argument)
{
    const struct liar *liar = argument;
    int fd = accept(liar->listener, NULL, NULL);
    char request[4096];

    assert_true(fd >= 0);
    if (recv(fd, request, sizeof(request), 0) > 0 && send(fd, "+OK\r\n", 5, MSG_NOSIGNAL) == 5 &&
        recv(fd, request, sizeof(request), 0) > 0)
        say(fd, liar);
    while (recv(fd, request, sizeof(request), 0) > 0)
        continue; /* until the client closes */
    close(fd);
    return NULL;
}

static void liar_start(struct liar *liar)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    liar->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(liar->listener, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(liar->listener, 4), 0);
    assert_int_equal(getsockname(liar->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(liar->url, sizeof(liar->url), "redis://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&liar->thread, NULL, liar_run, liar), 0);
}

/* Asks a liar; the connection must be gone afterwards, and in time. */
static void assert_answer(struct liar *liar, enum ql_code code, const char *reason)
{
    struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_redis_options options = {.max_wait_ms = WAIT_MS, .max_reply_bytes = 128 * 1024};
    struct ql_redis_reply reply;
    struct ql_redis *redis;
    struct ql_call call;
    int64_t began;

    liar_start(liar);
    options.url = liar->url;
    redis = ql_redis_new(&options);
    ql_call_init(&call, arena, "garbage_test", 60000);
    began = ql_monotonic_ms();
    assert_int_equal(ql_redis_run(&call, redis, &QL_REDIS_COMMAND("GET", "key"), &reply), code);
    assert_true(ql_monotonic_ms() - began < WAIT_MS + SLACK_MS);
    assert_string_equal(call.status.reason, reason);
    assert_int_equal(ql_metric_value(&qli_redis_connections, NULL), 0);
    ql_redis_free(redis);
    pthread_join(liar->thread, NULL);
    close(liar->listener);
    ql_arena_free(arena);
}

static void test_garbage_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum ql_code code;
        const char *reason;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"},
        {"$5\r\nhello\r\n$3\r\nyou\r\n", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"},
        {"%1\r\n+a\r\n+b\r\n", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"}, /* RESP3 */
        {"*-7\r\n", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"},
        {"*1000000000\r\n", QL_RESOURCE_EXHAUSTED, "REDIS_REPLY_TOO_LARGE"},
        {"*2147483647\r\n:1\r\n", QL_RESOURCE_EXHAUSTED, "REDIS_REPLY_TOO_LARGE"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", QL_RESOURCE_EXHAUSTED,
         "REDIS_REPLY_TOO_LARGE"},
        {"$1000000000\r\nx", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"}, /* never comes */
        {"*2\r\n:1\r\n", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"},
        {"", QL_UNAVAILABLE, "REDIS_UNAVAILABLE"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct liar liar = {.text = cases[i].text, .length = strlen(cases[i].text)};

        assert_answer(&liar, cases[i].code, cases[i].reason);
    }
}

static void test_dripping_server_is_left_in_time(void **state)
{
    struct liar liar = {.text = "$100000\r\n", .length = 9, .drips = true};

    (void)state;
    assert_answer(&liar, QL_UNAVAILABLE, "REDIS_UNAVAILABLE");
}

static void test_endless_reply_is_left_at_the_bound(void **state)
{
    struct liar liar = {.text = "+no line ends in this reply.....", .length = 32, .repeats = true};

    (void)state;
    assert_answer(&liar, QL_RESOURCE_EXHAUSTED, "REDIS_REPLY_TOO_LARGE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_garbage_is_refused),
        cmocka_unit_test(test_dripping_server_is_left_in_time),
        cmocka_unit_test(test_endless_reply_is_left_at_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
