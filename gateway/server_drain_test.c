/* Tests of draining. Each test has a gateway of its own. */
#include "gateway/server_fixture.h"

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
