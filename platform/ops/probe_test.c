/* Asking a port of ours, and what only looks like one. */
#include "platform/ops/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/ops/ops.h"

enum { ARENA_BYTES = 65536, WAIT_MS = 10000, SHORT_MS = 200 };

static struct {
    struct ql_arena *arena;
    struct ql_call call;
    const char *not_ready; /* NULL: ready */
    int listener;
    char address[32];
    const char *answer; /* of the other side that is no port of ours; NULL: silence */
    bool is_ready;
    char reason[64];
} world;

static bool ready(void *argument, char *ret_reason, size_t reason_size)
{
    (void)argument;
    if (world.not_ready != NULL)
        snprintf(ret_reason, reason_size, "%s", world.not_ready);
    return world.not_ready == NULL;
}

/* A socket that listens and accepts nobody yet; its address in world. */
static void listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    world.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(world.listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(world.listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(world.listener, 1), 0);
    snprintf(world.address, sizeof(world.address), "127.0.0.1:%u", ntohs(address.sin_port));
}

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    world.arena = ql_arena_new(ARENA_BYTES);
    listen_somewhere();
    return world.arena != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (world.listener >= 0)
        close(world.listener);
    ql_arena_free(world.arena);
    return 0;
}

static void listen_no_more(void)
{
    close(world.listener);
    world.listener = -1;
}

static enum ql_code ask(int64_t timeout_ms)
{
    ql_call_init(&world.call, world.arena, "test", timeout_ms);
    return ql_ops_probe_ready(&world.call, world.address, &world.is_ready, world.reason,
                              sizeof(world.reason));
}

static void test_a_port_reports_whether_its_process_is_ready_and_why_not(void **state)
{
    char error[256] = "";
    struct ql_ops *ops;

    (void)state;
    listen_no_more();
    ops = ql_ops_start(world.address, ready, NULL, error, sizeof(error));
    assert_non_null(ops);
    assert_int_equal(ask(WAIT_MS), QL_OK);
    assert_true(world.is_ready);
    assert_string_equal(world.reason, "");
    world.not_ready = "draining";
    assert_int_equal(ask(WAIT_MS), QL_OK);
    assert_false(world.is_ready);
    assert_string_equal(world.reason, "draining");
    ql_ops_stop(ops);
}

static void test_a_port_that_is_gone_is_unavailable(void **state)
{
    (void)state;
    listen_no_more();
    assert_int_equal(ask(WAIT_MS), QL_UNAVAILABLE);
    assert_false(world.is_ready);
}

static void test_silence_ends_with_the_time_of_the_call(void **state)
{
    (void)state;
    assert_int_equal(ask(SHORT_MS), QL_DEADLINE_EXCEEDED);
    assert_int_equal(ask(0), QL_DEADLINE_EXCEEDED);
}

static void *answer_once(void *argument)
{
    int fd = accept(world.listener, NULL, NULL);
    char request[1024];

    (void)argument;
    if (recv(fd, request, sizeof(request), 0) > 0 && world.answer != NULL)
        (void)send(fd, world.answer, strlen(world.answer), MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    /* Until the asking side ends it. */
    while (recv(fd, request, sizeof(request), 0) > 0)
        continue;
    close(fd);
    return NULL;
}

static enum ql_code ask_answered(const char *answer)
{
    pthread_t thread;
    enum ql_code rc;

    world.answer = answer;
    assert_int_equal(pthread_create(&thread, NULL, answer_once, NULL), 0);
    rc = ask(WAIT_MS);
    pthread_join(thread, NULL);
    return rc;
}

static void test_what_is_no_port_of_ours_is_never_ready(void **state)
{
    (void)state;
    assert_int_equal(ask_answered("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                     QL_UNAVAILABLE);
    assert_int_equal(ask_answered("220 mail.example ready\r\n\r\n"), QL_UNAVAILABLE);
    assert_false(world.is_ready);
}

static void test_a_body_that_never_comes_costs_neither_memory_nor_the_answer(void **state)
{
    (void)state;
    assert_int_equal(ask_answered("HTTP/1.1 503 Service Unavailable\r\n"
                                  "Content-Length: 99999999999999\r\n\r\nnot today\r\n"),
                     QL_OK);
    assert_false(world.is_ready);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_a_port_reports_whether_its_process_is_ready_and_why_not),
        CLAIM(test_a_port_that_is_gone_is_unavailable),
        CLAIM(test_silence_ends_with_the_time_of_the_call),
        CLAIM(test_what_is_no_port_of_ours_is_never_ready),
        CLAIM(test_a_body_that_never_comes_costs_neither_memory_nor_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
