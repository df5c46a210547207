/* Tests of HTTP/2: off, and what is cut of it. Each test has a gateway of its own. */
#include "gateway/server_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_http2_is_refused_when_it_is_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flood_of_resets_is_cut_and_fails_no_other_client,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_http2_body_that_drips_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_http2_frame_that_drips_is_cut, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
