/* Tests of header fields that come more than once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"
#include "platform/base/attributes.h"

#define JSON "Content-Type: application/json\r\n"

static const char body[] = "{\"userName\":\"zoe\",\"password\":\"pw\"}";

static struct test_stack stack;
static struct http_response response;

static int set_up(void **state)
{
    (void)state;
    test_stack_init(&stack);
    snprintf(stack.cors_origins, sizeof(stack.cors_origins), "https://page.test");
    test_stack_start(&stack);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_stack_stop(&stack);
    return 0;
}

static void test_second_fields_are_refused(void **state)
{
    static const struct {
        const char *fields;
        int status;
        const char *reason;
    } cases[] = {
        {JSON "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", 415,
         "\"UNSUPPORTED_MEDIA_TYPE\""},
        {JSON "Content-Encoding: \r\nContent-Encoding: br\r\n", 415, "\"UNSUPPORTED_MEDIA_TYPE\""},
        {JSON "Content-Type: text/plain\r\n", 415, "\"UNSUPPORTED_MEDIA_TYPE\""},
        {"Content-Type: text/plain\r\n" JSON, 415, "\"UNSUPPORTED_MEDIA_TYPE\""},
        {JSON "Idempotency-Key: a\r\nIdempotency-Key: b\r\n", 400, "\"BAD_IDEMPOTENCY_KEY\""},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        http_ask(stack.port, "POST", "/v1/users", cases[i].fields, body, &response);
        assert_int_equal(response.status, cases[i].status);
        assert_non_null(strstr(response.body, cases[i].reason));
    }
}

static void test_no_coding_may_be_said_twice(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/users",
             JSON "Content-Encoding: identity\r\nContent-Encoding: Identity\r\n", body, &response);
    assert_int_equal(response.status, 200);
}

static void test_of_two_request_ids_or_origins_neither_is_believed(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/livez",
             "X-Request-Id: a1\r\nX-Request-Id: b2\r\n"
             "Origin: https://page.test\r\nOrigin: https://other.test\r\n",
             NULL, &response);
    assert_int_equal(response.status, 200);
    assert_false(http_has_field(&response, "x-request-id: a1"));
    assert_false(http_has_field(&response, "x-request-id: b2"));
    assert_null(strcasestr(response.head, "access-control-allow-origin"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_fields_are_refused),
        cmocka_unit_test(test_no_coding_may_be_said_twice),
        cmocka_unit_test(test_of_two_request_ids_or_origins_neither_is_believed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
