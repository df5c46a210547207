/* Tests of connections: how many an address may have, which are cut for others, and which are
 * idle. Each test has a gateway of its own. */
#include "gateway/connection.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "gateway/metrics.h"
#include "gateway/testing/fake_services.h"
#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"
#include "platform/base/clock.h"

enum { N_CLIENTS = 3 };

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

static void ask_alive(struct http_client *client)
{
    http_client_print(client, "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read(client, &response);
    assert_string_equal(response.body, "ok\n");
}

static void test_the_connection_idle_longest_is_cut_for_a_new_one(void **state)
{
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "full");

    (void)state;
    stack.gateway.settings.max_connections = 2;
    stack.gateway.settings.loops = 1;
    test_stack_start(&stack);
    for (int i = 0; i < 2; i++) {
        http_client_open(clients[i], stack.port);
        ask_alive(clients[i]);
    }
    ask_alive(clients[0]);
    http_client_open(clients[2], stack.port);
    ask_alive(clients[2]);
    assert_int_equal(ql_metric_value(&gateway_metrics[GATEWAY_CUT], "full"), before + 1);
    assert_true(http_client_is_ended(clients[1]));
    ask_alive(clients[0]);
    for (int i = 0; i < 3; i++)
        http_client_close(clients[i]);
}

/* A connection with a request under way is never cut for another. */
static void test_a_connection_over_the_limit_waits_for_busy_ones(void **state)
{
    (void)state;
    stack.gateway.settings.max_connections = 1;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    http_client_print(clients[0], "GET /v1/users/slow HTTP/1.1\r\nHost: t\r\n%s\r\n",
                      test_stack_authorization(&stack, QL_ROLE_ADMIN));
    fake_gate_wait_for(1);
    http_client_open(clients[1], stack.port);
    http_client_print(clients[1], "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    fake_gate_open();
    http_client_read(clients[0], &response);
    assert_int_equal(response.status, 200);
    http_client_read(clients[1], &response);
    assert_string_equal(response.body, "ok\n");
    http_client_close(clients[0]);
    http_client_close(clients[1]);
}

static void test_connections_of_one_address_are_bounded(void **state)
{
    (void)state;
    stack.gateway.limits_settings.max[QL_LIMIT_CONNECTIONS] = 2;
    test_stack_start(&stack);
    for (int i = 0; i < 2; i++) {
        http_client_open(clients[i], stack.port);
        ask_alive(clients[i]);
    }
    http_client_open(clients[2], stack.port);
    assert_true(http_client_is_ended(clients[2]));
    http_client_close(clients[2]);
    ask_alive(clients[0]);
    http_client_close(clients[0]);
    while (ql_metric_value(&gateway_metrics[GATEWAY_CONNECTIONS], NULL) > 1)
        ql_sleep_ms(1, NULL);
    http_client_open(clients[2], stack.port);
    ask_alive(clients[2]);
    http_client_close(clients[1]);
    http_client_close(clients[2]);
}

/* Any frame restarts the library's own timeout. */
static void test_pings_keep_no_http2_connection(void **state)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    static const char ping[] = "\0\0\x8\6\0\0\0\0\0abcdefgh";
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "idle");
    ssize_t got;

    (void)state;
    stack.gateway.settings.http_idle_timeout_ms = 300;
    test_stack_start(&stack);
    http_client_open(clients[0], stack.port);
    http_client_send(clients[0], preface, sizeof(preface) - 1);
    while (ql_metric_value(&gateway_metrics[GATEWAY_CUT], "idle") == before &&
           send(clients[0]->fd, ping, sizeof(ping) - 1, MSG_NOSIGNAL) > 0)
        ql_sleep_ms(10, NULL);
    while ((got = recv(clients[0]->fd, clients[0]->bytes, sizeof(clients[0]->bytes), 0)) > 0)
        ;
    assert_true(got == 0 || errno == ECONNRESET);
    assert_int_equal(ql_metric_value(&gateway_metrics[GATEWAY_CUT], "idle"), before + 1);
    http_client_close(clients[0]);
    while (ql_metric_value(&gateway_metrics[GATEWAY_CONNECTIONS], NULL) > 0)
        ql_sleep_ms(1, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_connection_idle_longest_is_cut_for_a_new_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_connection_over_the_limit_waits_for_busy_ones,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connections_of_one_address_are_bounded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pings_keep_no_http2_connection, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
