/* For tests of single requests: a running gateway with a fake service, and the response. */
#ifndef QL_GATEWAY_TESTING_REQUEST_FIXTURE_H
#define QL_GATEWAY_TESTING_REQUEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/testing/fake_services.h"
#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"
#include "platform/base/id.h"

#define JSON "Content-Type: application/json\r\n"
#define USER "0198c0de-0000-7000-8000-000000000001"

enum { REQUEST_TIMEOUT_MS = 1500 };

static struct test_stack stack;
static struct http_response response;

static inline int set_up(void **state)
{
    (void)state;
    test_stack_init(&stack);
    stack.gateway.settings.request_timeout_ms = REQUEST_TIMEOUT_MS;
    snprintf(stack.trusted_proxies, sizeof(stack.trusted_proxies), "127.0.0.1,10.0.0.0/8");
    snprintf(stack.cors_origins, sizeof(stack.cors_origins), "https://page.test");
    test_stack_start(&stack);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    test_stack_stop(&stack);
    return 0;
}

static inline const char *authorization(enum ql_role role)
{
    return test_stack_authorization(&stack, role);
}

static inline void assert_says(const char *text)
{
    if (strstr(response.body, text) == NULL)
        fail_msg("%s is not in %s", text, response.body);
}

/* Every error has the AIP-193 shape, with the request id of its field. */
static inline void assert_error(int status, const char *reason)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "{\"error\":{\"code\":%d,\"status\":\"", status);
    assert_int_equal(response.status, status);
    assert_true(strncmp(response.body, expected, strlen(expected)) == 0);
    snprintf(expected, sizeof(expected), "google.rpc.ErrorInfo\",\"reason\":\"%s\"", reason);
    assert_says(expected);
    assert_says("\"metadata\":{\"requestId\":\"");
    assert_non_null(strcasestr(response.head, "\r\nx-request-id: "));
    assert_true(http_has_field(&response, "content-type: application/json"));
}

static inline void sign_in(const char *body)
{
    http_ask(stack.port, "POST", "/v1/sessions", JSON, body, &response);
}

#endif
