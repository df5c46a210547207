/* Tests of the server against peers that are broken or mean: a plain TCP socket
 * speaks as much of SP as the test likes, and the service must live. */
#include "platform/rpc/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/foreign_fixture.h"

enum { FRAME_HEADER = 8, ID_SIZE = 4, BODY_MAX = 64 * 1024, ROUNDS = 3000 };

/* "\0SP\0", protocol REQ (0x30), as the SP mapping for TCP has it. */
static const uint8_t handshake[] = {0x00, 'S', 'P', 0x00, 0x00, 0x30, 0x00, 0x00};

static struct service_fixture app;
static uint64_t random_state = 0x9e3779b97f4a7c15; /* the same bytes in every run */

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % limit;
}

static int tcp_open(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval timeout = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096, one = 1;

    in.sin_port = htons((uint16_t)strtol(strrchr(app.address, ':') + 1, NULL, 10));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    return fd;
}

/* false when the peer closed meanwhile. */
static bool tcp_write(int fd, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    while (length > 0) {
        ssize_t n = send(fd, at, length, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool tcp_read(int fd, void *bytes, size_t length)
{
    return recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

/* Nothing more comes from the peer: it closed, at the latest after ten seconds. */
static void assert_closed(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLRDHUP};

    assert_int_equal(poll(&poll_fd, 1, 10000), 1);
    close(fd);
}

static int sp_open(void)
{
    uint8_t theirs[sizeof(handshake)];
    int fd = tcp_open();

    assert_true(tcp_write(fd, handshake, sizeof(handshake)));
    assert_true(tcp_read(fd, theirs, sizeof(theirs)));
    assert_int_equal(theirs[5], 0x31); /* REP */
    return fd;
}

static void put_be(uint8_t *at, uint64_t value, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (n_bytes - 1 - i)));
}

static bool sp_send(int fd, uint32_t id, const uint8_t *body, size_t length)
{
    uint8_t header[FRAME_HEADER + ID_SIZE];

    put_be(header, length + ID_SIZE, FRAME_HEADER);
    put_be(header + FRAME_HEADER, id | 0x80000000u, ID_SIZE);
    return tcp_write(fd, header, sizeof(header)) && tcp_write(fd, body, length);
}

/* The Reply to what was sent last, NULL when the peer closed instead. */
static Reply *sp_receive(int fd, uint32_t id)
{
    static uint8_t body[BODY_MAX];
    uint8_t header[FRAME_HEADER + ID_SIZE], expected[ID_SIZE];
    uint64_t length = 0;
    Reply *reply;

    if (!tcp_read(fd, header, sizeof(header)))
        return NULL;
    for (size_t i = 0; i < FRAME_HEADER; i++)
        length = length << 8 | header[i];
    put_be(expected, id | 0x80000000u, ID_SIZE);
    assert_memory_equal(header + FRAME_HEADER, expected, ID_SIZE);
    assert_in_range(length, ID_SIZE, sizeof(body));
    assert_true(tcp_read(fd, body, length - ID_SIZE));
    reply = Reply_unpack(NULL, length - ID_SIZE, body);
    assert_non_null(reply);
    assert_true(reply->n_results > 0);
    return reply;
}

static void assert_service_lives(void)
{
    static struct foreign foreign;
    Reply *reply;

    foreign.request.n_calls = 0;
    foreign_init(&foreign);
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "", NULL);
    reply = foreign_exchange(app.address, &foreign.request);
    assert_non_null(reply_result(reply, 1));
    assert_non_null(reply_result(reply, 2));
    assert_null(reply_result(reply, 1)->status);
    assert_null(reply_result(reply, 2)->status);
    reply_free(reply);
}

static void assert_refused(int fd, const uint8_t *body, size_t length)
{
    Reply *reply;

    assert_true(sp_send(fd, 1, body, length));
    reply = sp_receive(fd, 1);
    assert_non_null(reply);
    assert_int_equal(reply->n_results, 1);
    assert_int_equal(reply->results[0]->id, 0);
    assert_int_equal(reply->results[0]->status->code, QL_INVALID_ARGUMENT);
    assert_string_equal(reply->results[0]->status->reason, "MALFORMED_ENVELOPE");
    reply_free(reply);
}

static void test_what_is_no_request_is_answered_as_malformed(void **state)
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: questline\r\n\r\n";
    static const uint8_t truncated[] = {0x0a, 0x7f, 0x08}, wrong_type[] = {0x08, 0x01, 0x0d};
    static const uint8_t not_utf8[] = {0x0a, 0x04, 0x12, 0x02, 0xff, 0xfe};
    int fd = sp_open();

    (void)state;
    assert_refused(fd, (const uint8_t *)http, sizeof(http) - 1);
    assert_refused(fd, truncated, sizeof(truncated));
    assert_refused(fd, wrong_type, sizeof(wrong_type));
    assert_refused(fd, not_utf8, sizeof(not_utf8));
    assert_refused(fd, truncated, 0);
    close(fd);
    assert_service_lives();
}

static void test_deep_nesting_is_refused(void **state)
{
    static uint8_t groups[BODY_MAX];
    int fd = sp_open();

    (void)state;
    memset(groups, 0x7b, sizeof(groups) / 2);                      /* field 15, start of group */
    memset(groups + sizeof(groups) / 2, 0x7c, sizeof(groups) / 2); /* and its end */
    assert_refused(fd, groups, sizeof(groups));
    close(fd);
    assert_service_lives();
}

static void test_too_large_message_closes_the_pipe(void **state)
{
    static uint8_t large[QL_RPC_MAX_BYTES + 1];
    int fd = sp_open();

    (void)state;
    (void)sp_send(fd, 1, large, sizeof(large));
    assert_closed(fd);
    assert_service_lives();
}

static void test_absurd_length_closes_the_pipe(void **state)
{
    static const uint8_t lengths[][FRAME_HEADER] = {
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 1}};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(lengths); i++) {
        int fd = sp_open();

        assert_true(tcp_write(fd, lengths[i], FRAME_HEADER));
        assert_closed(fd);
    }
    assert_service_lives();
}

static void test_truncated_frames_and_handshakes_harm_nobody(void **state)
{
    static const uint8_t frame[] = {0, 0, 0, 0, 0, 0, 0, 100, 0x80, 0, 0, 1, 0x0a, 0x10};

    (void)state;
    for (size_t length = 0; length <= sizeof(frame); length++) {
        int fd = sp_open();

        assert_true(tcp_write(fd, frame, length));
        close(fd);
    }
    for (size_t length = 0; length < sizeof(handshake); length++) {
        int fd = tcp_open();

        assert_true(tcp_write(fd, handshake, length));
        close(fd);
    }
    assert_service_lives();
}

static void test_other_protocols_are_turned_away(void **state)
{
    static const char *const openings[] = {"GET / HTTP/1.1\r\n\r\n",
                                           "\x16\x03\x01\x02\x01 client hello", "SSH-2.0-x\r\n"};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(openings); i++) {
        int fd = tcp_open();

        assert_true(tcp_write(fd, openings[i], strlen(openings[i])));
        assert_closed(fd);
    }
    assert_service_lives();
}

/* A Request of two calls, broken in a random place. */
static size_t mutated_request(uint8_t body[BODY_MAX])
{
    static struct foreign foreign;
    size_t length;

    foreign.request.n_calls = 0;
    foreign_init(&foreign);
    foreign.request.coalesced = (protobuf_c_boolean)random_below(2);
    foreign_add_get_user(&foreign, random_below(4) == 0 ? "" : app.keys.user_token, "me");
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "", NULL);
    length = Request_pack(&foreign.request, body);
    if (random_below(3) == 0)
        length = random_below((uint32_t)length + 1);
    for (uint32_t n = random_below(8); n > 0 && length > 0; n--)
        body[random_below((uint32_t)length)] ^= (uint8_t)(1u << random_below(8));
    return length;
}

static size_t random_body(uint8_t body[BODY_MAX])
{
    size_t length = random_below(random_below(8) == 0 ? 4096 : 64);

    for (size_t i = 0; i < length; i++)
        body[i] = (uint8_t)random_below(256);
    return length;
}

static void test_random_and_mutated_requests_all_get_an_answer(void **state)
{
    static uint8_t body[BODY_MAX];
    int fd = sp_open();

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        size_t length = round % 2 == 0 ? mutated_request(body) : random_body(body);
        Reply *reply;

        assert_true(sp_send(fd, round, body, length));
        reply = sp_receive(fd, round);
        assert_non_null(reply);
        reply_free(reply);
    }
    close(fd);
    assert_service_lives();
}

static void test_random_bytes_behind_the_handshake_harm_nobody(void **state)
{
    static uint8_t body[BODY_MAX];

    (void)state;
    for (int round = 0; round < 200; round++) {
        int fd = sp_open();
        size_t length = random_body(body);

        (void)tcp_write(fd, body, length);
        close(fd);
    }
    assert_service_lives();
}

static void test_peer_that_never_reads_is_cut_off(void **state)
{
    enum { UNREAD = 64 };
    static uint8_t body[QL_RPC_MAX_BYTES];
    static struct foreign foreign;
    static char large_id[300 * 1024];
    static uint8_t payload[sizeof(large_id) + 16];
    GetUserRequest in;
    Call *call;
    size_t length, n_read = 0;
    int64_t begin_ms;
    ssize_t n;
    int fd = sp_open();

    (void)state;
    memset(large_id, 'x', sizeof(large_id) - 1);
    GetUserRequest_init(&in);
    in.user_id = large_id;
    foreign_init(&foreign);
    call = foreign_add(&foreign, METHOD_GET_USER, app.keys.admin_token, NULL);
    call->payload = (ProtobufCBinaryData){GetUserRequest_pack(&in, payload), payload};
    length = Request_pack(&foreign.request, body);
    for (uint32_t i = 0; i < UNREAD; i++) {
        if (!sp_send(fd, i, body, length))
            break;
    }
    assert_service_lives();
    /* Only when nothing waits for this peer any more does a drain end early. */
    begin_ms = ql_monotonic_ms();
    ql_rpc_server_drain(app.server, 10000);
    assert_in_range(ql_monotonic_ms() - begin_ms, 0, 9000);
    while ((n = recv(fd, body, sizeof(body), 0)) > 0)
        n_read += (size_t)n;
    assert_true(n == 0 || errno == ECONNRESET);
    assert_true(n_read < UNREAD * sizeof(large_id));
    close(fd);
    service_stop(&app);
    service_start(&app, 2, 2);
    assert_service_lives();
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&app.keys);
    service_start(&app, 2, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    service_stop(&app);
    keys_tear_down(&app.keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_request_is_answered_as_malformed),
        cmocka_unit_test(test_deep_nesting_is_refused),
        cmocka_unit_test(test_too_large_message_closes_the_pipe),
        cmocka_unit_test(test_absurd_length_closes_the_pipe),
        cmocka_unit_test(test_truncated_frames_and_handshakes_harm_nobody),
        cmocka_unit_test(test_other_protocols_are_turned_away),
        cmocka_unit_test(test_random_and_mutated_requests_all_get_an_answer),
        cmocka_unit_test(test_random_bytes_behind_the_handshake_harm_nobody),
        cmocka_unit_test(test_peer_that_never_reads_is_cut_off),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
