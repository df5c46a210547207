/* Tests of header fields, tokens and origins, against a running gateway. */
#include "gateway/request_headers.h"

#include "gateway/testing/request_fixture.h"

static void test_preflight_is_answered_for_known_origins(void **state)
{
    (void)state;
    http_ask(stack.port, "OPTIONS", "/v1/sessions",
             "Origin: https://page.test\r\nAccess-Control-Request-Method: POST\r\n", NULL,
             &response);
    assert_int_equal(response.status, 204);
    assert_true(http_has_field(&response, "access-control-allow-origin: https://page.test"));
    assert_true(http_has_field(&response, "access-control-allow-methods: POST"));
    assert_true(http_has_field(&response, "access-control-max-age: 600"));
    assert_true(http_has_field(&response, "vary: Origin"));
    http_ask(stack.port, "OPTIONS", "/v1/sessions",
             "Origin: https://other.test\r\nAccess-Control-Request-Method: POST\r\n", NULL,
             &response);
    assert_int_equal(response.status, 204);
    assert_true(http_has_field(&response, "allow: POST"));
    assert_null(strcasestr(response.head, "access-control-"));
}

static void test_answers_carry_the_origin_also_when_they_are_errors(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/nothing", "Origin: https://page.test\r\n", NULL, &response);
    assert_error(404, "ROUTE_NOT_FOUND");
    assert_true(http_has_field(&response, "access-control-allow-origin: https://page.test"));
    http_ask(stack.port, "POST", "/v1/sessions",
             JSON "Origin: https://page.test\r\nExpect: miracles\r\n", "{}", &response);
    assert_error(417, "EXPECTATION_FAILED");
    assert_true(http_has_field(&response, "access-control-allow-origin: https://page.test"));
}

static void test_other_content_types_are_refused(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions", "Content-Type: text/plain\r\n", "{}", &response);
    assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
    http_ask(stack.port, "POST", "/v1/sessions", "", "{}", &response);
    assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
}

static void test_client_that_takes_no_json_is_refused(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Accept: text/html\r\n", "{}", &response);
    assert_error(406, "NOT_ACCEPTABLE");
}

static void test_missing_token_is_unauthenticated(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users/me", "", NULL, &response);
    assert_error(401, "TOKEN_MISSING");
    assert_true(http_has_field(&response, "www-authenticate: Bearer"));
}

static void test_bad_tokens_are_unauthenticated(void **state)
{
    static const char *const fields[] = {
        "Authorization: Bearer\r\n",       "Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n",
        "Authorization: Bearer a b\r\n",   "Authorization: Bearer x\r\nAuthorization: Bearer y\r\n",
        "Authorization: Bearer x.y.z\r\n",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fields); i++) {
        http_ask(stack.port, "GET", "/v1/users/me", fields[i], NULL, &response);
        assert_error(401, "TOKEN_MALFORMED");
        assert_true(http_has_field(&response, "www-authenticate: Bearer"));
    }
}

static void test_wrong_role_is_refused(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users?pageSize=2", authorization(QL_ROLE_USER), NULL,
             &response);
    assert_error(403, "ROLE_NOT_ALLOWED");
    http_ask(stack.port, "GET", "/v1/users?pageSize=2", authorization(QL_ROLE_ADMIN), NULL,
             &response);
    assert_int_equal(response.status, 200);
}

static void test_stale_token_does_not_fail_a_public_method(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Authorization: Bearer x.y.z\r\n",
             "{\"userName\":\"zoe\",\"password\":\"long enough\"}", &response);
    assert_int_equal(response.status, 200);
}

static void test_services_receive_the_clients_address(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"far\",\"password\":\"pw\"}");
    assert_error(403, "TOO_FAR");
    assert_says("\"you are at 127.0.0.1\"");
}

static void test_request_id_is_kept_or_made(void **state)
{
    char fields[QL_TOKEN_MAX + 256];

    (void)state;
    snprintf(fields, sizeof(fields), "%sX-Request-Id: my.id_1-2\r\n", authorization(QL_ROLE_USER));
    http_ask(stack.port, "GET", "/v1/users/" USER, fields, NULL, &response);
    assert_true(http_has_field(&response, "x-request-id: my.id_1-2"));
    assert_says("\"userName\":\"my.id_1-2\""); /* the service got it too */
    http_ask(stack.port, "GET", "/nothing", "X-Request-Id: spaces are bad\r\n", NULL, &response);
    assert_null(strstr(response.head, "spaces are bad"));
    assert_error(404, "ROUTE_NOT_FOUND");
}

static void test_trusted_proxy_names_the_clients_address(void **state)
{
    static const char body[] = "{\"userName\":\"far\",\"password\":\"pw\"}";

    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions",
             JSON "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 2001:db8::1, 10.1.2.3\r\n",
             body, &response);
    assert_says("\"you are at 2001:db8::1\"");
    http_ask(stack.port, "POST", "/v1/sessions", JSON "X-Forwarded-For: 1.2.3.4, me\r\n", body,
             &response);
    assert_says("\"you are at 127.0.0.1\"");
}

static void test_idempotency_key_is_passed_on_or_refused(void **state)
{
    static const char body[] = "{\"userName\":\"zoe\",\"password\":\"long enough\"}";
    char fields[512];

    (void)state;
    http_ask(stack.port, "POST", "/v1/users", JSON "Idempotency-Key: key-1\r\n", body, &response);
    assert_says("\"userName\":\"key-1\"");
    http_ask(stack.port, "POST", "/v1/users", JSON, body, &response);
    assert_says("\"userName\":\"none\"");
    snprintf(fields, sizeof(fields), JSON "Idempotency-Key: %0256d\r\n", 1);
    http_ask(stack.port, "POST", "/v1/users", fields, body, &response);
    assert_error(400, "BAD_IDEMPOTENCY_KEY");
    http_ask(stack.port, "POST", "/v1/users", JSON "Idempotency-Key: key 1\r\n", body, &response);
    assert_error(400, "BAD_IDEMPOTENCY_KEY");
    http_ask(stack.port, "POST", "/v1/users", JSON "Idempotency-Key: \xc3\xa4\r\n", body,
             &response);
    assert_error(400, "BAD_IDEMPOTENCY_KEY");
}

static const char body[] = "{\"userName\":\"zoe\",\"password\":\"long enough\"}";

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
        cmocka_unit_test(test_preflight_is_answered_for_known_origins),
        cmocka_unit_test(test_answers_carry_the_origin_also_when_they_are_errors),
        cmocka_unit_test(test_other_content_types_are_refused),
        cmocka_unit_test(test_client_that_takes_no_json_is_refused),
        cmocka_unit_test(test_missing_token_is_unauthenticated),
        cmocka_unit_test(test_bad_tokens_are_unauthenticated),
        cmocka_unit_test(test_wrong_role_is_refused),
        cmocka_unit_test(test_stale_token_does_not_fail_a_public_method),
        cmocka_unit_test(test_services_receive_the_clients_address),
        cmocka_unit_test(test_request_id_is_kept_or_made),
        cmocka_unit_test(test_trusted_proxy_names_the_clients_address),
        cmocka_unit_test(test_idempotency_key_is_passed_on_or_refused),
        cmocka_unit_test(test_second_fields_are_refused),
        cmocka_unit_test(test_no_coding_may_be_said_twice),
        cmocka_unit_test(test_of_two_request_ids_or_origins_neither_is_believed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
