/* Tests of connections: keep-alive, vanished clients, limits, HTTP/2, draining.
 * Each test has a gateway of its own. */
#include "gateway/server.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "gateway/assembly.h"
#include "gateway/metrics.h"
#include "gateway/testing/fake_services.h"
#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"
#include "platform/base/arena.h"
#include "platform/base/clock.h"

enum { WAIT_LIMIT_MS = 20000, N_CLIENTS = 3 };

static struct test_stack stack;
static struct http_response response;
static struct http_client *clients[N_CLIENTS];

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < N_CLIENTS; i++)
        clients[i] = malloc(sizeof(*clients[i]));
    test_stack_init(&stack);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_stack_stop(&stack);
    for (int i = 0; i < N_CLIENTS; i++)
        free(clients[i]);
    return 0;
}

static void wait_for_metric(enum gateway_metric metric, int64_t value)
{
    int64_t give_up_ms = ql_monotonic_ms() + WAIT_LIMIT_MS;

    while (ql_metric_value(&gateway_metrics[metric], NULL) != value) {
        assert_true(ql_monotonic_ms() < give_up_ms);
        ql_sleep_ms(1, NULL);
    }
}

static void assert_answers(int port)
{
    http_ask(port, "GET", "/livez", "", NULL, &response);
    assert_int_equal(response.status, 200);
}

static void send_sign_in(struct http_client *client, const char *user_name)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"userName\":\"%s\",\"password\":\"pw\"}", user_name);
    http_client_print(client,
                      "POST /v1/sessions HTTP/1.1\r\nHost: t\r\nX-Request-Id: %s\r\n"
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                      user_name, strlen(body), body);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    enum { REQUESTS = 200 };
    char name[16], expected[64];

    (void)state;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    for (int i = 0; i < REQUESTS; i++) {
        snprintf(name, sizeof(name), "u%d", i);
        send_sign_in(clients[0], name);
    }
    for (int i = 0; i < REQUESTS; i++) {
        http_client_read(clients[0], &response);
        assert_int_equal(response.status, 200);
        snprintf(expected, sizeof(expected), "\"userName\":\"u%d\"", i);
        assert_non_null(strstr(response.body, expected));
        snprintf(expected, sizeof(expected), "x-request-id: u%d", i);
        assert_true(http_has_field(&response, expected));
    }
    http_client_close(clients[0]);
}

/* What arrives while a request waits must not move its header fields: the log
 * line and the answer still need them. */
static void test_bytes_of_a_next_request_leave_the_waiting_one_alone(void **state)
{
    static char padding[100 * 1024];

    (void)state;
    stack.gateway.settings.max_header_bytes = 2 * sizeof(padding);
    test_stack_start(&stack);
    memset(padding, 'p', sizeof(padding) - 1);
    http_client_open(clients[0], stack.port);
    send_sign_in(clients[0], "slow");
    fake_gate_wait_for(1);
    http_client_print(clients[0], "GET /livez HTTP/1.1\r\nHost: t\r\nPadding: ");
    http_client_send(clients[0], padding, sizeof(padding) - 1);
    http_client_print(clients[0], "\r\n\r\n");
    fake_gate_open();
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 200);
    assert_non_null(strstr(response.body, "\"userName\":\"slow\""));
    http_client_read(clients[0], &response);
    assert_string_equal(response.body, "ok\n");
    http_client_close(clients[0]);
}

static void test_client_that_vanishes_mid_call_harms_nobody(void **state)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};

    (void)state;
    test_stack_start(&stack);
    for (int i = 0; i < N_CLIENTS; i++) {
        http_client_open(clients[i], stack.port);
        send_sign_in(clients[i], "slow");
    }
    fake_gate_wait_for(N_CLIENTS);
    setsockopt(clients[0]->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    http_client_close(clients[0]);
    http_client_close(clients[1]);
    assert_answers(stack.port);
    fake_gate_open();
    http_client_read(clients[2], &response);
    assert_int_equal(response.status, 200);
    http_client_close(clients[2]);
    wait_for_metric(GATEWAY_IN_FLIGHT, 0);
    wait_for_metric(GATEWAY_CONNECTIONS, 0);
    assert_answers(stack.port);
}

static void test_requests_over_the_in_flight_limit_are_answered_to_come_back(void **state)
{
    (void)state;
    stack.gateway.settings.loops = 1;
    stack.gateway.settings.max_in_flight = 1;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    send_sign_in(clients[0], "slow");
    fake_gate_wait_for(1);
    http_client_open(clients[1], stack.port);
    send_sign_in(clients[1], "zoe1");
    http_client_read(clients[1], &response);
    assert_int_equal(response.status, 503);
    assert_non_null(strstr(response.body, "\"reason\":\"GATEWAY_BUSY\""));
    assert_true(http_has_field(&response, "retry-after: 1"));
    fake_gate_open();
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 200);
    send_sign_in(clients[1], "zoe1");
    http_client_read(clients[1], &response);
    assert_int_equal(response.status, 200);
    http_client_close(clients[0]);
    http_client_close(clients[1]);
}

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"

static void test_http2_is_refused_when_it_is_off(void **state)
{
    static const char preface[] = PREFACE;

    (void)state;
    stack.gateway.settings.http2 = false;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    http_client_send(clients[0], preface, sizeof(preface) - 1);
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 400);
    assert_true(http_client_is_ended(clients[0]));
    http_client_close(clients[0]);
    http_ask(stack.port, "GET", "/livez",
             "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
             NULL, &response);
    assert_int_equal(response.status, 200); /* not 101 */
    assert_answers(stack.port);
}

/* GET /livez over http, in HPACK; END_HEADERS, and END_STREAM when flags is 5. */
static size_t put_headers(char *at, unsigned stream, unsigned flags)
{
    static const char block[] = "\x82\x86\x04\x06/livez\x41\x01t";
    const size_t length = sizeof(block) - 1;

    memcpy(at, "\0\0\0\1\0\0\0\0\0", 9);
    at[2] = (char)length;
    at[4] = (char)flags;
    at[6] = (char)(stream >> 16);
    at[7] = (char)(stream >> 8);
    at[8] = (char)stream;
    memcpy(at + 9, block, length);
    return 9 + length;
}

static size_t put_reset(char *at, unsigned stream)
{
    memcpy(at, "\0\0\4\3\0\0\0\0\0\0\0\0\x8", 13);
    at[6] = (char)(stream >> 16);
    at[7] = (char)(stream >> 8);
    at[8] = (char)stream;
    return 13;
}

static void open_http2(struct http_client *client)
{
    static const char preface[] = PREFACE;

    http_client_open(client, stack.port);
    http_client_send(client, preface, sizeof(preface) - 1);
}

static void read_to_the_end(struct http_client *client)
{
    static char bytes[64 * 1024];
    ssize_t got;

    while ((got = recv(client->fd, bytes, sizeof(bytes), 0)) > 0)
        ;
    assert_true(got == 0 || errno == ECONNRESET);
    http_client_close(client);
}

static void wait_for_cut(const char *why, int64_t before)
{
    int64_t give_up_ms = ql_monotonic_ms() + WAIT_LIMIT_MS;

    while (ql_metric_value(&gateway_metrics[GATEWAY_CUT], why) == before) {
        assert_true(ql_monotonic_ms() < give_up_ms);
        ql_sleep_ms(1, NULL);
    }
    wait_for_metric(GATEWAY_CONNECTIONS, 0);
}

static void test_flood_of_resets_is_cut_and_fails_no_other_client(void **state)
{
    enum { PAIRS = 20000, PAIR_BYTES = 64 };
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "resets");
    char *bytes = malloc((size_t)PAIRS * PAIR_BYTES);
    size_t length = 0, sent = 0;

    (void)state;
    assert_non_null(bytes);
    test_stack_start(&stack);
    for (unsigned i = 0; i < PAIRS; i++) {
        length += put_headers(bytes + length, 2 * i + 1, 5);
        length += put_reset(bytes + length, 2 * i + 1);
    }
    open_http2(clients[0]);
    while (sent < length) {
        ssize_t now = send(clients[0]->fd, bytes + sent, length - sent, MSG_NOSIGNAL);

        if (now <= 0)
            break;
        sent += (size_t)now;
    }
    free(bytes);
    assert_answers(stack.port);
    read_to_the_end(clients[0]);
    wait_for_cut("resets", before);
    assert_answers(stack.port);
}

static void test_http2_body_that_drips_is_cut(void **state)
{
    static const char byte_of_data[] = "\0\0\1\0\0\0\0\0\1x";
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "slow");
    char bytes[64];

    (void)state;
    stack.gateway.settings.http_idle_timeout_ms = 1000;
    test_stack_start(&stack);
    open_http2(clients[0]);
    http_client_send(clients[0], bytes, put_headers(bytes, 1, 4));
    while (ql_metric_value(&gateway_metrics[GATEWAY_CUT], "slow") == before) {
        if (send(clients[0]->fd, byte_of_data, sizeof(byte_of_data) - 1, MSG_NOSIGNAL) < 0)
            break;
        ql_sleep_ms(100, NULL);
    }
    read_to_the_end(clients[0]);
    wait_for_cut("slow", before);
}

static void test_http2_frame_that_drips_is_cut(void **state)
{
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "idle");

    (void)state;
    stack.gateway.settings.http_idle_timeout_ms = 1000;
    test_stack_start(&stack);
    open_http2(clients[0]);
    http_client_send(clients[0], "\0\x20\0\6\0\0\0\0\0", 9); /* a PING of 8 KiB */
    while (send(clients[0]->fd, "x", 1, MSG_NOSIGNAL) == 1 &&
           ql_metric_value(&gateway_metrics[GATEWAY_CUT], "idle") == before)
        ql_sleep_ms(100, NULL);
    read_to_the_end(clients[0]);
    wait_for_cut("idle", before);
}

static void test_client_that_does_not_read_its_answer_is_cut(void **state)
{
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "slow");
    int small = 4096;

    (void)state;
    stack.gateway.settings.request_timeout_ms = 1000;
    stack.gateway.settings.answer_timeout_ms = 100;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    setsockopt(clients[0]->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    for (int i = 0; i < 20; i++)
        http_client_print(clients[0], "GET /v1/users?pageSize=200 HTTP/1.1\r\nHost: t\r\n%s\r\n",
                          test_stack_authorization(&stack, QL_ROLE_ADMIN));
    wait_for_cut("slow", before);
    http_client_close(clients[0]);
    assert_answers(stack.port);
}

static void test_tls_without_its_files_is_refused(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(65536);
    struct ql_call call;

    (void)state;
    snprintf(stack.https_address, sizeof(stack.https_address), "127.0.0.1:0");
    ql_call_init(&call, arena, "test", 10000);
    assert_int_not_equal(gateway_start(&call, &stack.gateway), QL_OK);
    assert_non_null(strstr(call.status.message, "need each other"));
    snprintf(stack.tls_cert_file, sizeof(stack.tls_cert_file), "%s", stack.jwks_file);
    snprintf(stack.tls_key_file, sizeof(stack.tls_key_file), "%s", stack.key_file);
    assert_int_not_equal(gateway_start(&call, &stack.gateway), QL_OK);
    assert_non_null(strstr(call.status.message, "QL_TLS_CERT_FILE"));
}

static void *drain(void *argument)
{
    gateway_drain(argument);
    return NULL;
}

static void test_drain_finishes_the_request_under_way(void **state)
{
    pthread_t drainer;

    (void)state;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    send_sign_in(clients[0], "slow");
    fake_gate_wait_for(1);
    assert_int_equal(pthread_create(&drainer, NULL, drain, &stack.gateway), 0);
    while (!atomic_load(&stack.gateway.is_draining))
        ql_sleep_ms(1, NULL);
    fake_gate_open();
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 200);
    assert_non_null(strstr(response.body, "\"userName\":\"slow\""));
    assert_true(http_client_is_ended(clients[0]));
    http_client_close(clients[0]);
    pthread_join(drainer, NULL);
}

static void test_drain_does_not_wait_for_idle_connections(void **state)
{
    int64_t began_ms;

    (void)state;
    stack.gateway.settings.http_idle_timeout_ms = 60000;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    http_client_print(clients[0], "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read(clients[0], &response);
    http_client_open(clients[1], stack.port); /* has not asked anything yet */
    wait_for_metric(GATEWAY_CONNECTIONS, 2);
    began_ms = ql_monotonic_ms();
    gateway_drain(&stack.gateway);
    assert_true(ql_monotonic_ms() - began_ms < 5000); /* of 7500 that it may take */
    assert_true(http_client_is_ended(clients[0]));
    assert_true(http_client_is_ended(clients[1]));
    http_client_close(clients[0]);
    http_client_close(clients[1]);
}

static void test_drain_shows_not_ready_and_stops_listening(void **state)
{
    struct http_client *late = clients[1];
    pthread_t drainer;

    (void)state;
    test_stack_start(&stack);
    http_client_open(late, stack.port);
    http_client_open(clients[0], stack.port);
    send_sign_in(clients[0], "slow");
    fake_gate_wait_for(1);
    wait_for_metric(GATEWAY_CONNECTIONS, 2);
    assert_int_equal(pthread_create(&drainer, NULL, drain, &stack.gateway), 0);
    while (!atomic_load(&stack.gateway.is_draining))
        ql_sleep_ms(1, NULL);
    http_client_print(late, "GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read(late, &response);
    assert_int_equal(response.status, 503);
    assert_string_equal(response.body, "draining\n");
    http_ask(stack.ops_port, "GET", "/readyz", "Connection: close\r\n", NULL, &response);
    assert_int_equal(response.status, 503);
    fake_gate_open();
    pthread_join(drainer, NULL);
    http_client_close(late);
    http_client_close(clients[0]);
    assert_false(http_port_is_open(stack.port));
}

static void test_drain_cuts_what_does_not_end_in_time(void **state)
{
    (void)state;
    stack.gateway.process.drain_timeout_ms = 2000;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    send_sign_in(clients[0], "slow");
    fake_gate_wait_for(1);
    gateway_drain(&stack.gateway);
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 503);
    assert_non_null(strstr(response.body, "\"reason\":\"GATEWAY_STOPPED\""));
    http_client_close(clients[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pipelined_requests_are_answered_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_of_a_next_request_leave_the_waiting_one_alone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_client_that_vanishes_mid_call_harms_nobody, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_requests_over_the_in_flight_limit_are_answered_to_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_http2_is_refused_when_it_is_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flood_of_resets_is_cut_and_fails_no_other_client,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_http2_body_that_drips_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_http2_frame_that_drips_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_client_that_does_not_read_its_answer_is_cut, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_tls_without_its_files_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_drain_finishes_the_request_under_way, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_drain_does_not_wait_for_idle_connections, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_drain_shows_not_ready_and_stops_listening, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_drain_cuts_what_does_not_end_in_time, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
