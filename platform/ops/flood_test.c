/* The operator's port under connections that send half of something, or nothing. */
#include "platform/ops/ops.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/clock.h"

enum { N_HOSTILE = 400, N_PROBES = 20, N_DRIPPING = 3, MOST_OPEN = 128, WAIT_MS = 10000 };

static const char probe[] = "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

static struct {
    struct ql_ops *ops;
    struct sockaddr_in address;
    int hostile[N_HOSTILE];
} world;

static bool ready(void *argument, char *ret_reason, size_t reason_size)
{
    (void)argument;
    (void)ret_reason;
    (void)reason_size;
    return true;
}

/* A port that was free a moment ago. */
static void find_port(void)
{
    socklen_t length = sizeof(world.address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    world.address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&world.address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&world.address, &length), 0);
    close(fd);
}

static int set_up(void **state)
{
    char address[32], error[256] = "";

    (void)state;
    memset(&world, 0, sizeof(world));
    for (int i = 0; i < 5 && world.ops == NULL; i++) {
        find_port();
        snprintf(address, sizeof(address), "127.0.0.1:%u", ntohs(world.address.sin_port));
        world.ops = ql_ops_start(address, ready, NULL, error, sizeof(error));
    }
    return world.ops != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ql_ops_stop(world.ops);
    return 0;
}

static int send_bytes(const char *bytes)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&world.address, sizeof(world.address)), 0);
    (void)send(fd, bytes, strlen(bytes), MSG_NOSIGNAL); /* fails when it was cut already */
    return fd;
}

static bool is_readable(int fd, int wait_ms)
{
    struct pollfd readable = {fd, POLLIN, 0};

    return poll(&readable, 1, wait_ms) == 1;
}

static int count_open(void)
{
    int n_open = 0;

    for (int i = 0; i < N_HOSTILE; i++)
        n_open += !is_readable(world.hostile[i], 0);
    return n_open;
}

static void assert_probe_is_answered(void)
{
    char answer[512];
    int fd = send_bytes(probe);
    ssize_t length;

    assert_true(is_readable(fd, WAIT_MS));
    length = recv(fd, answer, sizeof(answer) - 1, 0);
    assert_true(length > 0);
    answer[length] = '\0';
    assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
    close(fd);
}

static void test_half_requests_are_bounded_and_shut_no_probe_out(void **state)
{
    static const char *const halves[] = {"", "GET /rea", "GET /readyz HTTP/1.1\r\nHost: a\r\n"};
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;

    (void)state;
    for (int i = 0; i < N_HOSTILE; i++)
        world.hostile[i] = send_bytes(halves[i % 3]);
    for (int i = 0; i < N_PROBES; i++)
        assert_probe_is_answered();
    while (count_open() > MOST_OPEN && ql_monotonic_ms() < deadline_ms)
        (void)ql_sleep_ms(1, NULL);
    assert_true(count_open() <= MOST_OPEN);
    assert_probe_is_answered();
    for (int i = 0; i < N_HOSTILE; i++)
        close(world.hostile[i]);
}

/* However lively they are. */
static void test_requests_that_drip_are_cut(void **state)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    int fds[N_DRIPPING], n_cut = 0;

    (void)state;
    for (int i = 0; i < N_DRIPPING; i++)
        fds[i] = send_bytes("GET /readyz HTTP/1.1\r\nHost: a");
    while (n_cut < N_DRIPPING && ql_monotonic_ms() < deadline_ms) {
        n_cut = 0;
        for (int i = 0; i < N_DRIPPING; i++) {
            (void)send(fds[i], "a", 1, MSG_NOSIGNAL);
            n_cut += is_readable(fds[i], 20);
        }
    }
    assert_int_equal(n_cut, N_DRIPPING);
    for (int i = 0; i < N_DRIPPING; i++)
        close(fds[i]);
}

#define FLOOD_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOOD_TEST(test_half_requests_are_bounded_and_shut_no_probe_out),
        FLOOD_TEST(test_requests_that_drip_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
