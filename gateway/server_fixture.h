/* What tests of a server begin with: a gateway of their own, its clients, and waiting for
 * its metrics. */
#ifndef QL_GATEWAY_SERVER_FIXTURE_H
#define QL_GATEWAY_SERVER_FIXTURE_H

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

static inline int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < N_CLIENTS; i++)
        clients[i] = malloc(sizeof(*clients[i]));
    test_stack_init(&stack);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    test_stack_stop(&stack);
    for (int i = 0; i < N_CLIENTS; i++)
        free(clients[i]);
    return 0;
}

static inline void wait_for_metric(enum gateway_metric metric, int64_t value)
{
    int64_t give_up_ms = ql_monotonic_ms() + WAIT_LIMIT_MS;

    while (ql_metric_value(&gateway_metrics[metric], NULL) != value) {
        assert_true(ql_monotonic_ms() < give_up_ms);
        ql_sleep_ms(1, NULL);
    }
}

static inline void assert_answers(int port)
{
    http_ask(port, "GET", "/livez", "", NULL, &response);
    assert_int_equal(response.status, 200);
}

static inline void send_sign_in(struct http_client *client, const char *user_name)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"userName\":\"%s\",\"password\":\"pw\"}", user_name);
    http_client_print(client,
                      "POST /v1/sessions HTTP/1.1\r\nHost: t\r\nX-Request-Id: %s\r\n"
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                      user_name, strlen(body), body);
}

static inline void wait_for_cut(const char *why, int64_t before)
{
    int64_t give_up_ms = ql_monotonic_ms() + WAIT_LIMIT_MS;

    while (ql_metric_value(&gateway_metrics[GATEWAY_CUT], why) == before) {
        assert_true(ql_monotonic_ms() < give_up_ms);
        ql_sleep_ms(1, NULL);
    }
    wait_for_metric(GATEWAY_CONNECTIONS, 0);
}

#endif
