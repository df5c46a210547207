/* Tests of a channel whose connection is reset while calls are under way: it connects anew
 * each time, also when nng does not, and every call ends. */
#include "platform/rpc/client/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <fcntl.h>
#include <poll.h>
#include <cmocka.h>

#include "platform/base/log.h"
#include "platform/rpc/server/reply.h"
#include "platform/rpc/testing/load_fixture.h"
#include "platform/rpc/testing/nng_fixture.h"

enum {
    CONNECTIONS = 30,
    CALLERS = 48,
    CONNECT_WITHIN_MS = 10000,
    FRAME_MAX = 4096,
    ID_BYTES = 4, /* of nng, in front of the Request and the Reply */
};

static struct keys_fixture keys;
static char address[FIXTURE_ADDRESS_SIZE];

static int callee_listen(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(in);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    fixture_must(bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0 && listen(fd, 8) == 0 &&
                     getsockname(fd, (struct sockaddr *)&in, &size) == 0,
                 "no port to listen on");
    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d", ntohs(in.sin_port));
    return fd;
}

static bool read_all(int fd, void *to, size_t length)
{
    return recv(fd, to, length, MSG_WAITALL) == (ssize_t)length;
}

static bool write_all(int fd, const void *from, size_t length)
{
    return send(fd, from, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static void length_put(uint8_t to[8], size_t length)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(length >> (8 * (7 - i)));
}

static size_t length_get(const uint8_t from[8])
{
    size_t length = 0;

    for (int i = 0; i < 8; i++)
        length = length << 8 | from[i];
    return length;
}

/* The Reply to a Request of one GetUser: the user of the id that it names. */
static nng_msg *reply_make(const uint8_t *request, size_t length)
{
    Request *wire = Request_unpack(NULL, length, request);
    struct qli_reply reply;
    GetUserResponse out;
    GetUserRequest *in;
    User user;

    fixture_must(wire != NULL && wire->n_calls == 1, "no Request of one call");
    in = GetUserRequest_unpack(NULL, wire->calls[0]->payload.len, wire->calls[0]->payload.data);
    User_init(&user);
    user.user_id = in->user_id;
    GetUserResponse_init(&out);
    out.user = &user;
    qli_reply_init(&reply, 1);
    fixture_must(qli_reply_add_message(&reply, wire->calls[0]->id, &out.base, NULL, false),
                 "the reply is full");
    protobuf_c_message_free_unpacked(&in->base, NULL);
    protobuf_c_message_free_unpacked(&wire->base, NULL);
    return reply.message;
}

/* False when the connection has ended. */
static bool request_answer(int fd)
{
    uint8_t frame[8 + FRAME_MAX];
    size_t length;
    nng_msg *reply;
    bool is_sent;

    if (!read_all(fd, frame, 8))
        return false;
    length = length_get(frame);
    fixture_must(length > ID_BYTES && length <= FRAME_MAX, "a frame of another length");
    if (!read_all(fd, frame + 8, length))
        return false;
    reply = reply_make(frame + 8 + ID_BYTES, length - ID_BYTES);
    length = nng_msg_len(reply);
    length_put(frame, ID_BYTES + length);
    memcpy(frame + 8 + ID_BYTES, nng_msg_body(reply), length);
    nng_msg_free(reply);
    is_sent = write_all(fd, frame, 8 + ID_BYTES + length);
    return is_sent;
}

static bool handshake(int fd)
{
    static const uint8_t ours[8] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};
    uint8_t theirs[8];

    return write_all(fd, ours, sizeof(ours)) && read_all(fd, theirs, sizeof(theirs));
}

static void connection_reset(int fd)
{
    const struct linger reset = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
}

/* Answers so many requests and resets the connection, with others unread. The reset may
 * overtake every answer. */
static void connection_serve(int fd, int n_answers)
{
    if (handshake(fd))
        while (n_answers-- > 0 && request_answer(fd))
            continue;
    connection_reset(fd);
}

/* Answers until a caller has its answer. False when the connection has ended before. */
static bool connection_serve_a_caller(int fd, struct load *load)
{
    int n_right = atomic_load(&load->n_right);

    if (handshake(fd))
        while (atomic_load(&load->n_right) == n_right && request_answer(fd))
            continue;
    connection_reset(fd);
    return atomic_load(&load->n_right) > n_right;
}

static bool connection_comes(int listener)
{
    struct pollfd listening = {.fd = listener, .events = POLLIN};

    return poll(&listening, 1, CONNECT_WITHIN_MS) == 1;
}

static void *caller_main(void *argument)
{
    struct load *load = argument;
    struct ql_arena *arena = ql_arena_new(1024 * 1024);
    struct ql_call call;

    while (!atomic_load(&load->is_over)) {
        enum ql_code rc = load_get_user(&call, load->channel, arena, FIXTURE_USER_ID, 5000);

        if (rc == QL_OK)
            atomic_fetch_add(&load->n_right, 1);
        else if (rc != QL_UNAVAILABLE)
            atomic_fetch_add(&load->n_failed, 1);
    }
    ql_arena_free(arena);
    return NULL;
}

static void callers_start(struct load *load, pthread_t callers[CALLERS])
{
    memset(load, 0, sizeof(*load));
    load->channel = load_channel(address, keys.operator);
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&callers[i], NULL, caller_main, load), 0);
}

static void callers_stop(struct load *load, pthread_t callers[CALLERS])
{
    atomic_store(&load->is_over, true);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(callers[i], NULL);
    ql_rpc_channel_free(load->channel);
    assert_int_equal(load->n_failed, 0);
    assert_true(load->n_right > 0);
}

static void test_channel_connects_again_whenever_its_connection_is_reset(void **state)
{
    int listener = callee_listen(), n_connections = 0;
    pthread_t callers[CALLERS];
    struct load load;

    (void)state;
    callers_start(&load, callers);
    while (n_connections < CONNECTIONS && connection_comes(listener)) {
        connection_serve(accept(listener, NULL, NULL), 20 + n_connections * 7 % 200);
        n_connections++;
    }
    close(listener);
    callers_stop(&load, callers);
    assert_int_equal(n_connections, CONNECTIONS);
}

static void test_channel_connects_again_while_the_reaper_of_nng_is_stuck(void **state)
{
    int listener = callee_listen();
    pthread_t callers[CALLERS];
    struct load load;

    (void)state;
    callers_start(&load, callers);
    assert_true(connection_comes(listener));
    reaper_block();
    connection_serve(accept(listener, NULL, NULL), 20);
    /* nng reports no loss and dials nothing. */
    for (int i = 0; i < 3; i++) {
        assert_true(connection_comes(listener));
        connection_serve(accept(listener, NULL, NULL), 20);
    }
    do
        assert_true(connection_comes(listener));
    while (!connection_serve_a_caller(accept(listener, NULL, NULL), &load));
    reaper_release();
    close(listener);
    callers_stop(&load, callers);
}

static int set_up(void **state)
{
    (void)state;
    ql_log_redirect(open("/dev/null", O_WRONLY));
    keys_set_up(&keys);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keys_tear_down(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* The first one, since the resets of the other may stick the reaper for good. */
        cmocka_unit_test(test_channel_connects_again_while_the_reaper_of_nng_is_stuck),
        cmocka_unit_test(test_channel_connects_again_whenever_its_connection_is_reset),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
