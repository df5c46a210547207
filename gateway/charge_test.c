/* Tests of what requests may hold: by address, by account and together. Clients come
 * through a proxy that is trusted, so that a test has as many addresses as it wants.
 * Each test has a gateway of its own. */
#include "gateway/charge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "gateway/metrics.h"
#include "gateway/testing/fake_services.h"
#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"
#include "platform/base/clock.h"

enum { N_CLIENTS = 8, FIELDS_SIZE = QL_TOKEN_MAX + 128 };

static struct test_stack stack;
static struct http_response response;
static struct http_client *clients[N_CLIENTS];

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < N_CLIENTS; i++)
        clients[i] = malloc(sizeof(*clients[i]));
    test_stack_init(&stack);
    snprintf(stack.trusted_proxies, sizeof(stack.trusted_proxies), "127.0.0.1");
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

/* Sends a request of an administrator whose client is at the address. */
static void send_get(struct http_client *client, const char *path, const char *address)
{
    http_client_print(client, "GET %s HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: %s\r\n%s\r\n", path,
                      address, test_stack_authorization(&stack, QL_ROLE_ADMIN));
}

static int ask(const char *path, const char *address)
{
    struct http_client *client = clients[N_CLIENTS - 1];

    http_client_open(client, stack.port);
    send_get(client, path, address);
    http_client_read(client, &response);
    http_client_close(client);
    return response.status;
}

static void open_slow(int i, const char *address)
{
    http_client_open(clients[i], stack.port);
    send_get(clients[i], "/v1/users/slow", address);
}

static void read_slow(int i)
{
    http_client_read(clients[i], &response);
    assert_int_equal(response.status, 200);
    http_client_close(clients[i]);
}

static void test_requests_of_one_address_are_bounded(void **state)
{
    (void)state;
    stack.gateway.limits_settings.max[QL_LIMIT_REQUESTS] = 2;
    test_stack_start(&stack);
    open_slow(0, "192.0.2.1");
    open_slow(1, "192.0.2.1");
    fake_gate_wait_for(2);
    assert_int_equal(ask("/v1/users/a", "192.0.2.1"), 429);
    assert_non_null(strstr(response.body, "\"reason\":\"TOO_MANY_REQUESTS\""));
    assert_true(http_has_field(&response, "Retry-After: 1"));
    assert_int_equal(ask("/v1/users/a", "192.0.2.2"), 200);
    fake_gate_open();
    read_slow(0);
    read_slow(1);
    assert_int_equal(ask("/v1/users/a", "192.0.2.1"), 200);
}

static void test_requests_of_one_account_are_bounded_wherever_they_come_from(void **state)
{
    (void)state;
    stack.gateway.limits_settings.max[QL_LIMIT_ACCOUNT_REQUESTS] = 2;
    test_stack_start(&stack);
    open_slow(0, "192.0.2.1");
    open_slow(1, "192.0.2.2");
    fake_gate_wait_for(2);
    assert_int_equal(ask("/v1/users/a", "192.0.2.3"), 429);
    assert_int_equal(ask("/livez", "192.0.2.3"), 200);
    fake_gate_open();
    read_slow(0);
    read_slow(1);
    assert_int_equal(ask("/v1/users/a", "192.0.2.3"), 200);
}

/* A request and its answer hold more than the small ones are allowed together. */
static void test_bytes_held_for_one_address_are_bounded(void **state)
{
    (void)state;
    stack.gateway.limits_settings.max[QL_LIMIT_HELD_BYTES] = 48 * 1024;
    test_stack_start(&stack);
    assert_int_equal(ask("/v1/users?pageSize=2", "192.0.2.1"), 200);
    assert_int_equal(ask("/v1/users?pageSize=200", "192.0.2.1"), 429);
    assert_int_equal(ask("/v1/users?pageSize=2", "192.0.2.1"), 200);
}

/* Clients at many addresses leave large answers lying. The one that holds the most is
 * cut for each that comes when all is held; small requests are served all the while. */
static void test_who_holds_the_most_is_cut_when_all_is_held(void **state)
{
    enum { CLIENTS = N_CLIENTS - 1, ANSWER_BYTES = 120 * 1000, LEAST = 4 };
    int64_t before = ql_metric_value(&gateway_metrics[GATEWAY_CUT], "memory");
    int small = 4096, give_up = 10000;
    char address[32];

    (void)state;
    stack.gateway.settings.loops = 1;
    stack.gateway.settings.max_held_bytes = LEAST * (int64_t)ANSWER_BYTES;
    test_stack_start(&stack);
    for (int i = 0; i < CLIENTS; i++) {
        snprintf(address, sizeof(address), "192.0.2.%d", i);
        http_client_open(clients[i], stack.port);
        setsockopt(clients[i]->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        for (int n = 0; n < 8; n++)
            send_get(clients[i], "/v1/users?pageSize=200", address);
        assert_int_equal(ask("/v1/users/a", "192.0.2.99"), 200);
    }
    while (ql_metric_value(&gateway_metrics[GATEWAY_CUT], "memory") == before && --give_up > 0)
        assert_int_equal(ask("/v1/users/a", "192.0.2.99"), 200);
    assert_true(ql_metric_value(&gateway_metrics[GATEWAY_CUT], "memory") > before);
    for (int i = 0; i < CLIENTS; i++)
        http_client_close(clients[i]);
}

static int ask_with(const char *token, const char *address)
{
    struct http_client *client = clients[N_CLIENTS - 1];

    http_client_open(client, stack.port);
    http_client_print(client,
                      "GET /v1/users/a HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: %s\r\n"
                      "Authorization: Bearer %s\r\n\r\n",
                      address, token);
    http_client_read(client, &response);
    http_client_close(client);
    return response.status;
}

static void read_token(char ret_token[QL_TOKEN_MAX])
{
    const char *token = strstr(test_stack_authorization(&stack, QL_ROLE_ADMIN), "Bearer ") + 7;

    snprintf(ret_token, QL_TOKEN_MAX, "%.*s", (int)strcspn(token, "\r"), token);
}

/* Once an address has sent bad tokens, each further one takes more of its share. */
static void test_an_address_that_sends_bad_tokens_has_fewer_checked(void **state)
{
    char known[QL_TOKEN_MAX];

    (void)state;
    stack.gateway.limits_settings.max[QL_LIMIT_BAD_TOKENS] = 3;
    stack.gateway.limits_settings.max[QL_LIMIT_UNVERIFIED_TOKENS] = 7;
    test_stack_start(&stack);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask_with("e30.e30.AAAA", "192.0.2.1"), 401);
    assert_int_equal(ask_with("e30.e30.AAAA", "192.0.2.1"), 429);
    assert_non_null(strstr(response.body, "\"reason\":\"TOO_MANY_TOKENS\""));
    assert_int_equal(ask_with("e30.e30.AAAA", "192.0.2.2"), 401);
    read_token(known);
    assert_int_equal(ask_with(known, "192.0.2.2"), 200);
    /* It was checked, and needs no place from now on. */
    assert_int_equal(ask_with(known, "192.0.2.1"), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests_of_one_address_are_bounded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_requests_of_one_account_are_bounded_wherever_they_come_from, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_held_for_one_address_are_bounded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_who_holds_the_most_is_cut_when_all_is_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_address_that_sends_bad_tokens_has_fewer_checked,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
