/* Tests of how many connections there may be, and how long a message may take. */
#include "platform/rpc/server/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/foreign_fixture.h"
#include "platform/rpc/testing/nng_fixture.h"
#include "platform/rpc/telemetry.h"

enum {
    PIPES_OF_ADDRESS = 6,
    PIPES_MAX = 8,
    MESSAGE_TIMEOUT_MS = 400,
    CROWD = 12,
    HALF = 512 * 1024,
};

static struct service_fixture app;
static struct ql_limits *limits;

static int tcp_open(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port =
                                 htons((uint16_t)strtol(strrchr(app.address, ':') + 1, NULL, 10)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* Past the handshake of both sides. */
static int sp_open(void)
{
    static const uint8_t ours[] = {0x00, 'S', 'P', 0x00, 0x00, 0x30, 0x00, 0x00};
    uint8_t theirs[sizeof(ours)];
    int fd = tcp_open();

    assert_int_equal(send(fd, ours, sizeof(ours), MSG_NOSIGNAL), sizeof(ours));
    assert_int_equal(recv(fd, theirs, sizeof(theirs), MSG_WAITALL), sizeof(theirs));
    return fd;
}

/* The beginning of a message of 1 MiB: its length, an id, and n bytes. */
static void send_beginning(int fd, size_t n)
{
    static const uint8_t begin[] = {0, 0, 0, 0, 0, 0x10, 0, 0, 0x80, 0, 0, 1};
    static uint8_t bytes[HALF];

    assert_int_equal(send(fd, begin, sizeof(begin), MSG_NOSIGNAL), sizeof(begin));
    assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

static bool is_closed(int fd, int wait_ms)
{
    struct pollfd waited = {.fd = fd, .events = POLLRDHUP};

    return poll(&waited, 1, wait_ms) == 1;
}

static int count_closed(const int fds[CROWD])
{
    int n = 0;

    for (int i = 0; i < CROWD; i++)
        n += is_closed(fds[i], 0);
    return n;
}

static int64_t closed(const char *why)
{
    return ql_metric_value(&qli_rpc_metrics[QLI_PIPES_CLOSED], why);
}

static int64_t open_pipes(void)
{
    return ql_metric_value(&qli_rpc_metrics[QLI_PIPES], NULL);
}

/* A whole exchange on a connection of its own. */
static void assert_is_served(void)
{
    static struct foreign foreign;
    Reply *reply;

    memset(&foreign, 0, sizeof(foreign));
    foreign_init(&foreign);
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    reply = foreign_exchange(app.address, &foreign.request);
    assert_non_null(reply_result(reply, 1));
    assert_null(reply_result(reply, 1)->status);
    reply_free(reply);
}

static void start(int64_t max_of_address, int max)
{
    limits =
        ql_limits_new(&(const struct ql_limits_settings){.max[QL_LIMIT_PIPES] = max_of_address});
    app.limits = limits;
    app.max_pipes = max;
    app.message_timeout_ms = MESSAGE_TIMEOUT_MS;
    app.address[0] = '\0';
    service_start(&app, 2, 4);
}

static void test_half_messages_are_given_up_and_whole_ones_served(void **state)
{
    int64_t before = closed("half_message");
    int half[4], idle;

    (void)state;
    start(1000, 100);
    idle = sp_open();
    for (int i = 0; i < 4; i++) {
        half[i] = sp_open();
        send_beginning(half[i], i % 2 == 0 ? HALF : 0);
    }
    assert_is_served();
    for (int i = 0; i < 4; i++)
        assert_true(is_closed(half[i], 10000));
    SERVICE_UNTIL(open_pipes() == 1);
    assert_int_equal(closed("half_message") - before, 4);
    assert_false(is_closed(idle, 0)); /* an idle one may stay */
    assert_is_served();
    for (int i = 0; i < 4; i++)
        close(half[i]);
    close(idle);
}

/* A drop now and then does not buy a message more time. */
static void test_message_that_comes_byte_by_byte_is_given_up(void **state)
{
    int fd, n_sent = 0;

    (void)state;
    start(1000, 100);
    fd = sp_open();
    send_beginning(fd, 1);
    while (!is_closed(fd, 50) && n_sent < 1000 && send(fd, "x", 1, MSG_NOSIGNAL) == 1)
        n_sent++;
    assert_true(is_closed(fd, 0));
    assert_in_range(n_sent, 1, 999);
    close(fd);
}

static void test_connections_of_an_address_are_bounded(void **state)
{
    int fds[CROWD], open = 0;

    (void)state;
    start(PIPES_OF_ADDRESS, 100);
    for (int i = 0; i < CROWD; i++)
        fds[i] = sp_open();
    SERVICE_UNTIL(open_pipes() == PIPES_OF_ADDRESS);
    SERVICE_UNTIL(count_closed(fds) == CROWD - PIPES_OF_ADDRESS);
    while (is_closed(fds[open], 0))
        open++;
    close(fds[open]); /* and another may come */
    SERVICE_UNTIL(open_pipes() == PIPES_OF_ADDRESS - 1);
    assert_is_served();
    for (int i = 0; i < CROWD; i++)
        if (i != open)
            close(fds[i]);
}

static void test_connection_that_is_gone_is_forgotten_while_the_reaper_of_nng_is_stuck(void **state)
{
    int fds[PIPES_OF_ADDRESS];

    (void)state;
    start(PIPES_OF_ADDRESS, 100);
    reaper_block();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PIPES_OF_ADDRESS; i++)
            fds[i] = sp_open();
        SERVICE_UNTIL(open_pipes() == PIPES_OF_ADDRESS);
        for (int i = 0; i < PIPES_OF_ADDRESS; i++)
            close(fds[i]);
        SERVICE_UNTIL(open_pipes() == 0);
    }
    reaper_release();
}

static void test_longest_silent_connection_makes_way_when_all_are_taken(void **state)
{
    int fds[CROWD];

    (void)state;
    start(1000, PIPES_MAX);
    for (int i = 0; i < CROWD; i++) {
        fds[i] = sp_open();
        usleep(2000); /* in this order */
    }
    for (int i = 0; i < CROWD - PIPES_MAX; i++)
        assert_true(is_closed(fds[i], 10000));
    assert_is_served();
    assert_true(is_closed(fds[CROWD - PIPES_MAX], 10000));
    assert_false(is_closed(fds[CROWD - 1], 0));
    for (int i = 0; i < CROWD; i++)
        close(fds[i]);
}

static int after_each(void **state)
{
    (void)state;
    service_stop(&app);
    ql_limits_free(limits);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&app.keys);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&app.keys);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_teardown(test, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_half_messages_are_given_up_and_whole_ones_served),
        CLAIM(test_message_that_comes_byte_by_byte_is_given_up),
        CLAIM(test_connections_of_an_address_are_bounded),
        CLAIM(test_connection_that_is_gone_is_forgotten_while_the_reaper_of_nng_is_stuck),
        CLAIM(test_longest_silent_connection_makes_way_when_all_are_taken),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
