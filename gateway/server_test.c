/* Tests of connections: keep-alive, vanished clients, limits, clients that do not read.
 * Each test has a gateway of its own. */
#include "gateway/server_fixture.h"

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
        cmocka_unit_test_setup_teardown(test_client_that_does_not_read_its_answer_is_cut, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_tls_without_its_files_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
