/* The operator's port, asked over a real socket. */
#include "platform/ops/ops.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/base/clock.h"
#include "platform/base/metrics.h"

enum { ANSWER_MAX = 65536, WAIT_MS = 10000, N_CLIENTS = 48 };

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER, .name = "ql_ops_test_total", .help = "Only a test."},
};

static struct {
    struct ql_ops *ops;
    uint16_t port;
    char address[32];
    const char *not_ready; /* NULL: ready */
    _Atomic bool is_blocked;
    _Atomic int n_asked;
} world;

static bool ready(void *argument, char *ret_reason, size_t reason_size)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;

    assert_ptr_equal(argument, &world);
    world.n_asked++;
    while (world.is_blocked && ql_monotonic_ms() < deadline_ms)
        ql_sleep_ms(1, NULL);
    if (world.not_ready != NULL)
        snprintf(ret_reason, reason_size, "%s", world.not_ready);
    return world.not_ready == NULL;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port that was free a moment ago. */
static uint16_t find_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static int set_up(void **state)
{
    char error[256] = "";

    (void)state;
    memset(&world, 0, sizeof(world));
    for (int i = 0; i < 5 && world.ops == NULL; i++) {
        world.port = find_port();
        snprintf(world.address, sizeof(world.address), "127.0.0.1:%u", world.port);
        world.ops = ql_ops_start(world.address, ready, &world, error, sizeof(error));
    }
    return world.ops != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    world.is_blocked = false;
    ql_ops_stop(world.ops);
    return 0;
}

static int send_request(const char *request)
{
    struct sockaddr_in address = loopback(world.port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    return fd;
}

/* Reads to the end of the connection and closes it. */
static void read_answer(int fd, char answer[ANSWER_MAX])
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    size_t length = 0;

    for (;;) {
        struct pollfd readable = {fd, POLLIN, 0};
        ssize_t n;

        assert_true(ql_monotonic_ms() < deadline_ms);
        if (poll(&readable, 1, 100) <= 0)
            continue;
        n = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    answer[length] = '\0';
    close(fd);
}

static void ask(const char *method, const char *path, char answer[ANSWER_MAX])
{
    char request[256];

    snprintf(request, sizeof(request),
             "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method, path);
    read_answer(send_request(request), answer);
}

static void assert_status(const char *answer, int status)
{
    char line[32];

    snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    if (strncmp(answer, line, strlen(line)) != 0)
        fail_msg("not %d: %.200s", status, answer);
}

static const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

static void test_livez_answers_ok(void **state)
{
    char answer[ANSWER_MAX];

    (void)state;
    ask("GET", "/livez", answer);
    assert_status(answer, 200);
    assert_string_equal(body_of(answer), "ok\n");
    ask("GET", "/livez?verbose", answer);
    assert_status(answer, 200);
    assert_int_equal(world.n_asked, 0);
}

static void test_readyz_returns_the_reason(void **state)
{
    char answer[ANSWER_MAX];

    (void)state;
    ask("GET", "/readyz", answer);
    assert_status(answer, 200);
    assert_string_equal(body_of(answer), "ready\n");
    world.not_ready = "no connection to the database";
    ask("GET", "/readyz", answer);
    assert_status(answer, 503);
    assert_string_equal(body_of(answer), "no connection to the database\n");
    assert_int_equal(world.n_asked, 2);
}

static void test_metrics_are_in_the_text_format(void **state)
{
    char answer[ANSWER_MAX];

    (void)state;
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    ql_metric_add(&metrics[0], NULL, 3);
    ask("GET", "/metrics", answer);
    assert_status(answer, 200);
    assert_non_null(strstr(answer, "text/plain; version=0.0.4"));
    assert_non_null(strstr(body_of(answer), "# TYPE ql_ops_test_total counter\n"));
    assert_non_null(strstr(body_of(answer), "\nql_ops_test_total 3\n"));
}

static void test_head_has_the_length_and_no_body(void **state)
{
    char answer[ANSWER_MAX];

    (void)state;
    ask("HEAD", "/livez", answer);
    assert_status(answer, 200);
    assert_non_null(strstr(answer, "Content-Length: 3"));
    assert_string_equal(body_of(answer), "");
}

static void test_other_paths_are_404(void **state)
{
    static const char *const paths[] = {"/", "/livezz", "/live", "/livez/", "/livez/x", "/x/livez"};
    char answer[ANSWER_MAX];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++) {
        ask("GET", paths[i], answer);
        assert_status(answer, 404);
    }
}

static void test_other_verbs_are_405(void **state)
{
    static const char *const verbs[] = {"POST", "PUT", "DELETE", "OPTIONS"};
    char answer[ANSWER_MAX];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(verbs); i++) {
        ask(verbs[i], "/readyz", answer);
        assert_status(answer, 405);
        assert_non_null(strstr(answer, "Allow: GET, HEAD"));
    }
    assert_int_equal(world.n_asked, 0);
}

static void test_connection_is_kept_for_the_next_request(void **state)
{
    char answer[ANSWER_MAX];
    const char *second;

    (void)state;
    read_answer(send_request("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
                             "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                answer);
    assert_status(answer, 200);
    second = strstr(body_of(answer), "HTTP/1.1 200 ");
    assert_non_null(second);
    assert_string_equal(body_of(second), "ready\n");
}

static void test_livez_answers_while_readyz_blocks_and_the_queue_is_bounded(void **state)
{
    static const char request[] = "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    static char answer[ANSWER_MAX];
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    int fds[N_CLIENTS], n_ready = 0, n_refused = 0;

    (void)state;
    world.is_blocked = true;
    fds[0] = send_request(request);
    while (world.n_asked == 0 && ql_monotonic_ms() < deadline_ms)
        ql_sleep_ms(1, NULL);
    for (int i = 1; i < N_CLIENTS; i++)
        fds[i] = send_request(request);
    ask("GET", "/livez", answer);
    assert_status(answer, 200);
    /* One is asked, 32 wait, the others are refused although nobody moves. */
    while (n_refused < N_CLIENTS - 33 && ql_monotonic_ms() < deadline_ms) {
        struct pollfd polls[N_CLIENTS];

        for (int i = 0; i < N_CLIENTS; i++)
            polls[i] = (struct pollfd){fds[i], POLLIN, 0};
        n_refused = poll(polls, N_CLIENTS, 10);
    }
    assert_int_equal(n_refused, N_CLIENTS - 33);
    world.is_blocked = false;
    for (int i = 0; i < N_CLIENTS; i++) {
        read_answer(fds[i], answer);
        n_ready += strncmp(answer, "HTTP/1.1 200 ", 13) == 0;
    }
    assert_int_equal(n_ready, 33);
}

static void test_stop_answers_what_waits(void **state)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    int fds[8];

    (void)state;
    world.is_blocked = true;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fds); i++)
        fds[i] = send_request("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
    while (world.n_asked == 0 && ql_monotonic_ms() < deadline_ms)
        ql_sleep_ms(1, NULL);
    world.is_blocked = false;
    ql_ops_stop(world.ops);
    world.ops = NULL;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fds); i++) {
        char answer[ANSWER_MAX];

        read_answer(fds[i], answer); /* ends, with an answer or without */
    }
    assert_true(ql_monotonic_ms() < deadline_ms);
}

static void test_port_is_free_again_after_stop(void **state)
{
    char error[256] = "", answer[ANSWER_MAX];

    (void)state;
    for (int i = 0; i < 20; i++) {
        ask("GET", "/readyz", answer);
        assert_status(answer, 200);
        ql_ops_stop(world.ops);
        world.ops = ql_ops_start(world.address, ready, &world, error, sizeof(error));
        if (world.ops == NULL)
            fail_msg("%s", error);
    }
}

static void test_taken_address_is_an_error_with_its_name(void **state)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    char error[256] = "", text[32];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
    assert_null(ql_ops_start(text, ready, &world, error, sizeof(error)));
    assert_non_null(strstr(error, text));
    close(fd);
    assert_null(ql_ops_start(world.address, ready, &world, error, sizeof(error))); /* our own */
    assert_non_null(strstr(error, world.address));
}

static void test_names_and_ipv6_are_addresses(void **state)
{
    struct sockaddr_in6 loopback6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char answer[ANSWER_MAX], error[256] = "", text[32];

    (void)state;
    ql_ops_stop(world.ops);
    snprintf(text, sizeof(text), "localhost:%u", world.port);
    world.ops = ql_ops_start(text, ready, &world, error, sizeof(error));
    assert_non_null(world.ops);
    if (bind(fd, (struct sockaddr *)&loopback6, sizeof(loopback6)) != 0) {
        close(fd);
        return; /* a machine without IPv6 */
    }
    close(fd);
    ql_ops_stop(world.ops);
    snprintf(text, sizeof(text), "[::1]:%u", world.port);
    world.ops = ql_ops_start(text, ready, &world, error, sizeof(error));
    assert_non_null(world.ops);
    fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    loopback6.sin6_port = htons(world.port);
    assert_int_equal(connect(fd, (struct sockaddr *)&loopback6, sizeof(loopback6)), 0);
    assert_true(send(fd, "GET /livez HTTP/1.0\r\n\r\n", 23, MSG_NOSIGNAL) == 23);
    read_answer(fd, answer);
    assert_status(answer, 200);
}

static void test_malformed_address_is_an_error(void **state)
{
    static const char *const addresses[] = {
        "",        ":8012",   "localhost",  "localhost:", "a:0",      "a:65536",  "a:123456",
        "a:8012x", "a:8012/", "http://a:1", "a b:8012",   "u@a:8012", "::1:8012", "[a:8012"};
    char error[256];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(addresses); i++) {
        error[0] = '\0';
        assert_null(ql_ops_start(addresses[i], ready, &world, error, sizeof(error)));
        assert_non_null(strstr(error, "is no address"));
    }
}

#define OPS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPS_TEST(test_livez_answers_ok),
        OPS_TEST(test_readyz_returns_the_reason),
        OPS_TEST(test_metrics_are_in_the_text_format),
        OPS_TEST(test_head_has_the_length_and_no_body),
        OPS_TEST(test_other_paths_are_404),
        OPS_TEST(test_other_verbs_are_405),
        OPS_TEST(test_connection_is_kept_for_the_next_request),
        OPS_TEST(test_livez_answers_while_readyz_blocks_and_the_queue_is_bounded),
        OPS_TEST(test_stop_answers_what_waits),
        OPS_TEST(test_port_is_free_again_after_stop),
        OPS_TEST(test_taken_address_is_an_error_with_its_name),
        OPS_TEST(test_names_and_ipv6_are_addresses),
        OPS_TEST(test_malformed_address_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
