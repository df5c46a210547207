/* Tests of one exchange: with a callee made by hand that answers, dies or is silent, and
 * with a peer that reads nothing, so that a message never leaves. */
#include "platform/rpc/client/exchange.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/rpc/testing/service_fixture.h"

enum {
    LARGE_BYTES = 1024 * 1024,
    LARGE_EXCHANGES = 64, /* more than the kernel takes off us */
    HANDSHAKE_BYTES = 8,
};

static const uint8_t rep_handshake[HANDSHAKE_BYTES] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};

static char address[FIXTURE_ADDRESS_SIZE];
static struct qli_ticker *ticker;
static struct qli_balancer *balancer;

struct exchanging {
    struct qli_exchange exchange;
    atomic_bool is_done;
};

static void exchanging_done(void *argument)
{
    struct exchanging *exchanging = argument;

    atomic_store(&exchanging->is_done, true);
}

static void exchanging_start(struct exchanging *exchanging, size_t size, int64_t timeout_ms)
{
    nng_msg *message;

    atomic_store(&exchanging->is_done, false);
    assert_int_equal(
        qli_exchange_init(&exchanging->exchange, balancer, exchanging_done, exchanging), 0);
    assert_int_equal(nng_msg_alloc(&message, size), 0);
    memset(nng_msg_body(message), 'q', size);
    assert_true(qli_exchange_pick(&exchanging->exchange, 1, true, 0));
    qli_exchange_start(&exchanging->exchange, message, timeout_ms);
}

static enum qli_outcome exchanging_end(struct exchanging *exchanging)
{
    enum qli_outcome outcome;

    SERVICE_UNTIL(atomic_load(&exchanging->is_done));
    outcome = exchanging->exchange.outcome;
    qli_exchange_end(&exchanging->exchange, NULL);
    qli_exchange_stop(&exchanging->exchange);
    qli_exchange_release(&exchanging->exchange);
    return outcome;
}

static int callee_listen(nng_socket *callee)
{
    int rv = nng_rep0_open(callee);

    return rv != 0 ? rv : nng_listen(*callee, address, NULL, 0);
}

static void connect_to_callee(void)
{
    assert_int_equal(qli_balancer_add(balancer, 0, address), 0);
    SERVICE_UNTIL(qli_balancer_available(balancer) == 1);
}

static void test_answer_comes_back(void **state)
{
    struct exchanging exchanging;
    nng_socket callee;
    nng_msg *message;

    (void)state;
    assert_int_equal(callee_listen(&callee), 0);
    connect_to_callee();
    exchanging_start(&exchanging, 5, 10000);
    assert_int_equal(nng_recvmsg(callee, &message, 0), 0);
    assert_int_equal(nng_sendmsg(callee, message, 0), 0);
    SERVICE_UNTIL(atomic_load(&exchanging.is_done));
    assert_int_equal(nng_msg_len(exchanging.exchange.reply), 5);
    assert_memory_equal(nng_msg_body(exchanging.exchange.reply), "qqqqq", 5);
    assert_int_equal(qli_exchange_retry(&exchanging.exchange, false, true), QLI_RETRY_NOWHERE);
    assert_int_equal(qli_exchange_retry(&exchanging.exchange, true, false), QLI_RETRY_ANYWHERE);
    assert_int_equal(exchanging_end(&exchanging), QLI_ANSWERED);
    nng_close(callee);
}

static void test_silence_is_a_time_out_and_a_doubt(void **state)
{
    struct qli_endpoint_view views[QLI_ENDPOINTS_MAX];
    struct exchanging exchanging;
    nng_socket callee;

    (void)state;
    assert_int_equal(callee_listen(&callee), 0);
    connect_to_callee();
    exchanging_start(&exchanging, 5, 50);
    SERVICE_UNTIL(atomic_load(&exchanging.is_done));
    assert_int_equal(qli_exchange_retry(&exchanging.exchange, false, true), QLI_RETRY_NOWHERE);
    assert_int_equal(exchanging_end(&exchanging), QLI_TIMED_OUT);
    qli_balancer_view(balancer, views);
    assert_true(views[0].is_doubted);
    assert_int_equal(views[0].n_calls, 0);
    nng_close(callee);
}

static void test_lost_connection_may_have_been_executed(void **state)
{
    struct exchanging exchanging;
    nng_socket callee;
    nng_msg *message;

    (void)state;
    assert_int_equal(callee_listen(&callee), 0);
    connect_to_callee();
    exchanging_start(&exchanging, 5, 10000);
    assert_int_equal(nng_recvmsg(callee, &message, 0), 0);
    nng_msg_free(message);
    nng_close(callee);
    SERVICE_UNTIL(atomic_load(&exchanging.is_done));
    assert_int_equal(qli_exchange_retry(&exchanging.exchange, false, true), QLI_RETRY_ELSEWHERE);
    assert_int_equal(qli_exchange_retry(&exchanging.exchange, false, false), QLI_RETRY_NOWHERE);
    assert_int_equal(exchanging_end(&exchanging), QLI_LOST);
}

static void test_interrupted_exchange_ends_at_once(void **state)
{
    struct exchanging exchanging;
    nng_socket callee;

    (void)state;
    assert_int_equal(callee_listen(&callee), 0);
    connect_to_callee();
    exchanging_start(&exchanging, 5, 60000);
    nng_aio_wait(exchanging.exchange.send);
    qli_exchange_interrupt(&exchanging.exchange);
    assert_int_equal(exchanging_end(&exchanging), QLI_LOST);
    nng_close(callee);
}

/* Takes the one connection of a socket that listens, and its handshake; what comes then
 * is left to the kernel. */
static int silent_peer_accept(int listener)
{
    uint8_t handshake[HANDSHAKE_BYTES];
    int fd = accept(listener, NULL, NULL);

    assert_true(fd >= 0);
    assert_int_equal(send(fd, rep_handshake, sizeof(rep_handshake), 0), HANDSHAKE_BYTES);
    assert_int_equal(recv(fd, handshake, sizeof(handshake), MSG_WAITALL), HANDSHAKE_BYTES);
    return fd;
}

static int silent_peer_listen(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    in.sin_port = htons((uint16_t)strtol(strrchr(address, ':') + 1, NULL, 10));
    assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(listen(listener, 1), 0);
    return listener;
}

/* Half of the exchanges are given up by their time limit, half by hand, while some of
 * their messages still wait for the pipe. */
static void test_message_that_waits_for_the_pipe_was_not_sent(void **state)
{
    static struct exchanging exchangings[LARGE_EXCHANGES];
    int n_not_sent = 0, listener = silent_peer_listen(), fd;

    (void)state;
    assert_int_equal(qli_balancer_add(balancer, 0, address), 0);
    fd = silent_peer_accept(listener);
    SERVICE_UNTIL(qli_balancer_available(balancer) == 1);
    for (int i = 0; i < LARGE_EXCHANGES; i++)
        exchanging_start(&exchangings[i], LARGE_BYTES, i % 2 == 0 ? 200 : 60000);
    for (int i = 1; i < LARGE_EXCHANGES; i += 2)
        qli_exchange_interrupt(&exchangings[i].exchange);
    for (int i = 0; i < LARGE_EXCHANGES; i++) {
        enum qli_outcome outcome = exchanging_end(&exchangings[i]);

        assert_true(outcome == QLI_NOT_SENT || outcome == (i % 2 == 0 ? QLI_TIMED_OUT : QLI_LOST));
        n_not_sent += outcome == QLI_NOT_SENT;
    }
    assert_int_equal(exchangings[LARGE_EXCHANGES - 1].exchange.outcome, QLI_NOT_SENT);
    assert_in_range(n_not_sent, 1, LARGE_EXCHANGES - 1);
    close(fd);
    close(listener);
}

/* The same, ended by the loss of the connection, which the balancer's tick notices. */
static void test_message_that_waits_for_the_pipe_is_given_up_with_its_connection(void **state)
{
    static struct exchanging exchangings[LARGE_EXCHANGES];
    int listener = silent_peer_listen(), fd;

    (void)state;
    assert_int_equal(qli_balancer_add(balancer, 0, address), 0);
    fd = silent_peer_accept(listener);
    SERVICE_UNTIL(qli_balancer_available(balancer) == 1);
    for (int i = 0; i < LARGE_EXCHANGES; i++)
        exchanging_start(&exchangings[i], LARGE_BYTES, 60000);
    close(listener);
    close(fd);
    for (int i = 0; i < LARGE_EXCHANGES; i++)
        (void)exchanging_end(&exchangings[i]);
    assert_int_equal(exchangings[0].exchange.outcome, QLI_LOST);
    assert_int_equal(exchangings[LARGE_EXCHANGES - 1].exchange.outcome, QLI_NOT_SENT);
}

static int before_each(void **state)
{
    (void)state;
    fixture_free_address(address);
    ticker = qli_ticker_new();
    balancer = qli_balancer_new("user", 8, ticker);
    return qli_ticker_start(ticker) ? 0 : -1;
}

static int after_each(void **state)
{
    (void)state;
    qli_ticker_stop(ticker);
    (void)qli_balancer_free(balancer);
    qli_ticker_free(ticker);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_answer_comes_back),
        CLAIM(test_silence_is_a_time_out_and_a_doubt),
        CLAIM(test_lost_connection_may_have_been_executed),
        CLAIM(test_interrupted_exchange_ends_at_once),
        CLAIM(test_message_that_waits_for_the_pipe_was_not_sent),
        CLAIM(test_message_that_waits_for_the_pipe_is_given_up_with_its_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
