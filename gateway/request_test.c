/* Tests of single requests against one running gateway with a fake service. */
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

static int set_up(void **state)
{
    (void)state;
    test_stack_init(&stack);
    stack.gateway.settings.request_timeout_ms = REQUEST_TIMEOUT_MS;
    snprintf(stack.trusted_proxies, sizeof(stack.trusted_proxies), "127.0.0.1,10.0.0.0/8");
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

static const char *authorization(enum ql_role role)
{
    return test_stack_authorization(&stack, role);
}

static void assert_says(const char *text)
{
    if (strstr(response.body, text) == NULL)
        fail_msg("%s is not in %s", text, response.body);
}

/* Every error has the AIP-193 shape, with the request id of its field. */
static void assert_error(int status, const char *reason)
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

static void sign_in(const char *body)
{
    http_ask(stack.port, "POST", "/v1/sessions", JSON, body, &response);
}

static void test_sign_in_answers_with_json(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"zoe\",\"password\":\"pw\"}");
    assert_int_equal(response.status, 200);
    assert_string_equal(
        response.body,
        "{\"accessToken\":\"access\",\"refreshToken\":\"refresh\","
        "\"expiresIn\":600,\"user\":{\"userId\":\"id-1\",\"userName\":\"zoe\","
        "\"gold\":7,\"diamond\":0,\"status\":\"ACTIVE\","
        "\"role\":\"USER_ROLE_UNSPECIFIED\",\"timeZone\":\"\"},\"eventId\":\"event\"}");
    assert_true(http_has_field(&response, "content-type: application/json"));
    assert_true(http_has_field(&response, "cache-control: no-store"));
    assert_true(http_has_field(&response, "x-content-type-options: nosniff"));
    assert_null(strcasestr(response.head, "\r\nserver:"));
}

static void test_path_variable_and_response_body_are_applied(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users/" USER, authorization(QL_ROLE_USER), NULL, &response);
    assert_int_equal(response.status, 200);
    assert_true(strncmp(response.body, "{\"userId\":\"" USER "\"",
                        strlen("{\"userId\":\"" USER "\"")) == 0);
}

static void test_head_is_get_without_body(void **state)
{
    struct http_client *client = malloc(sizeof(*client));
    size_t length;

    (void)state;
    http_ask(stack.port, "GET", "/livez", "", NULL, &response);
    length = response.body_length;
    http_client_open(client, stack.port);
    http_client_print(client, "HEAD /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read_head(client, &response);
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body_length, length);
    http_client_print(client, "HEAD /nothing HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read_head(client, &response);
    assert_int_equal(response.status, 404);
    http_client_print(client, "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read(client, &response);
    assert_string_equal(response.body, "ok\n");
    http_client_close(client);
    free(client);
}

static void test_unknown_path_is_not_found(void **state)
{
    static const char *const paths[] = {"/",
                                        "/v1",
                                        "/v1/userses",
                                        "/v1/users/a/b/c",
                                        "/v1/sessions/",
                                        "/questline.rpc.v1.HealthService"};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++) {
        http_ask(stack.port, "GET", paths[i], "", NULL, &response);
        assert_error(404, "ROUTE_NOT_FOUND");
    }
}

static void test_wrong_verb_names_the_right_ones(void **state)
{
    (void)state;
    http_ask(stack.port, "DELETE", "/v1/sessions", "", NULL, &response);
    assert_error(405, "METHOD_NOT_ALLOWED");
    assert_true(http_has_field(&response, "allow: POST"));
    http_ask(stack.port, "POST", "/livez", "", "", &response);
    assert_error(405, "METHOD_NOT_ALLOWED");
    assert_true(http_has_field(&response, "allow: GET, HEAD"));
}

static void test_body_over_the_limit_is_refused(void **state)
{
    static char body[10002];

    (void)state;
    memset(body, ' ', sizeof(body) - 1);
    sign_in(body); /* one byte more than the application's limit, below the library's */
    assert_error(413, "BODY_TOO_LARGE");
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Content-Length: 20000000\r\n", NULL,
             &response);
    assert_error(413, "BODY_TOO_LARGE");
}

static void send_chunked_head(struct http_client *client)
{
    http_client_open(client, stack.port);
    http_client_print(client, "POST /v1/sessions HTTP/1.1\r\nHost: t\r\n" JSON
                              "Transfer-Encoding: chunked\r\n\r\n");
}

static void test_chunked_body_over_the_limit_is_refused(void **state)
{
    enum { LIBRARY_LIMIT = 4 * 10000 + 64 * 1024 };
    struct http_client *client = malloc(sizeof(*client));
    static char bytes[LIBRARY_LIMIT];

    (void)state;
    memset(bytes, ' ', sizeof(bytes));
    send_chunked_head(client);
    http_client_print(client, "%x\r\n", 10001);
    http_client_send(client, bytes, 10001);
    http_client_print(client, "\r\n0\r\n\r\n");
    http_client_read(client, &response);
    assert_error(413, "BODY_TOO_LARGE");
    http_client_close(client);

    send_chunked_head(client);
    http_client_print(client, "%x\r\n", 2 * LIBRARY_LIMIT); /* is refused half way */
    http_client_send(client, bytes, LIBRARY_LIMIT);
    http_client_read(client, &response);
    assert_error(413, "BODY_TOO_LARGE");
    assert_true(http_client_is_ended(client));
    http_client_close(client);
    free(client);
}

static void test_chunked_body_within_the_limit_is_taken(void **state)
{
    struct http_client *client = malloc(sizeof(*client));

    (void)state;
    http_client_open(client, stack.port);
    http_client_print(client, "POST /v1/sessions HTTP/1.1\r\nHost: t\r\n" JSON
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "8\r\n{\"userNa\r\n1c\r\nme\":\"zoe\",\"password\":\"pwpw\"}\r\n"
                              "0\r\n\r\n");
    http_client_read(client, &response);
    assert_int_equal(response.status, 200);
    http_client_close(client);
    free(client);
}

static void test_library_refusals_have_our_shape(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Expect: miracles\r\n", "{}", &response);
    assert_error(417, "EXPECTATION_FAILED");
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Transfer-Encoding: gzip\r\n", NULL,
             &response);
    assert_error(400, "MALFORMED_REQUEST");
}

static void ask_raw(const char *bytes)
{
    struct http_client *client = malloc(sizeof(*client));

    http_client_open(client, stack.port);
    http_client_send(client, bytes, strlen(bytes));
    http_client_read(client, &response);
    assert_true(http_client_is_ended(client));
    http_client_close(client);
    free(client);
}

/* The request behind each of them would be answered if its bytes were believed. */
static void test_requests_with_two_ends_are_refused_and_their_connection_ended(void **state)
{
    static const char next[] = "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n";
    static const char *const fields[] = {
        "Host: t\r\nContent-Length: 0\r\nContent-Length: 5\r\n",
        "Host: t\r\nContent-Length: 0\r\nContent-Length: 0\r\n",
        "Host: t\r\nContent-Length: 0\r\n Content-Length: 5\r\n",
        "Host: t\r\nContent-Length: 0\r\nFolded: a\r\n b\r\n",
        "Host: t\r\nContent-Length: 0\nLoose: a\r\n",
        "Host: t\r\nHost: u\r\n",
        "Content-Length: 0\r\n",
    };
    char bytes[512];

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        snprintf(bytes, sizeof(bytes), "GET /livez HTTP/1.1\r\n%s\r\n%s", fields[i], next);
        ask_raw(bytes);
        assert_error(400, "MALFORMED_REQUEST");
    }
    snprintf(bytes, sizeof(bytes),
             "GET /livez HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
             "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s",
             next);
    ask_raw(bytes);
    assert_error(400, "MALFORMED_REQUEST");
}

static void test_chunked_request_is_the_last_of_its_connection(void **state)
{
    (void)state;
    ask_raw("GET /livez HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_int_equal(response.status, 200);
    assert_true(http_has_field(&response, "connection: close"));
}

static void ask_fields(const char *fields)
{
    struct http_client *client = malloc(sizeof(*client));

    http_client_open(client, stack.port);
    http_client_print(client, "GET /livez HTTP/1.1\r\nHost: t\r\n");
    http_client_send(client, fields, strlen(fields));
    http_client_print(client, "\r\n");
    http_client_read(client, &response);
    http_client_close(client);
    free(client);
}

static void test_large_heads_are_refused(void **state)
{
    static char fields[40000];

    (void)state;
    snprintf(fields, sizeof(fields), "Padding: %033000d\r\n", 0);
    http_ask(stack.port, "GET", "/livez", "", NULL, &response);
    assert_int_equal(response.status, 200);
    ask_fields(fields);
    assert_error(431, "HEADER_TOO_LARGE");
    snprintf(fields, sizeof(fields), "Padding: %032000d\r\n", 0);
    ask_fields(fields);
    assert_int_equal(response.status, 200);
}

static void test_more_than_100_fields_are_refused(void **state)
{
    static char fields[8000];
    size_t length = 0;

    (void)state;
    for (int i = 0; i < 99; i++) /* and Host */
        length += (size_t)snprintf(fields + length, sizeof(fields) - length, "x-%d: v\r\n", i);
    ask_fields(fields);
    assert_int_equal(response.status, 200);
    for (int i = 99; i < 400; i++)
        length += (size_t)snprintf(fields + length, sizeof(fields) - length, "x-%d: v\r\n", i);
    snprintf(fields + length, sizeof(fields) - length, "Content-Length: 5\r\n");
    ask_fields(fields);
    assert_error(431, "HEADER_TOO_LARGE");
}

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
             "{\"userName\":\"zoe\"}", &response);
    assert_int_equal(response.status, 200);
}

static void test_malformed_json_names_the_field(void **state)
{
    (void)state;
    sign_in("{\"userName\":7}");
    assert_error(400, "INVALID_FIELD");
    assert_says("\"fieldViolations\":[{\"field\":\"userName\",");
    sign_in("{\"userName\":\"zoe\",\"nickname\":\"z\"}");
    assert_error(400, "INVALID_FIELD");
    assert_says("\"field\":\"nickname\"");
    sign_in("{\"userName\":");
    assert_error(400, "MALFORMED_JSON");
}

static void test_unknown_query_parameter_names_itself(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users?size=2", authorization(QL_ROLE_ADMIN), NULL, &response);
    assert_error(400, "INVALID_FIELD");
    assert_says("\"field\":\"size\"");
}

static void test_failures_of_the_service_are_passed_on(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"banned\"}");
    assert_error(403, "USER_BANNED");
    assert_says("\"message\":\"this user may not sign in\"");
    sign_in("{\"userName\":\"picky\"}");
    assert_error(400, "INVALID_FIELD");
    assert_says("\"fieldViolations\":[{\"field\":\"userName\",\"description\":\"is taken\"},"
                "{\"field\":\"password\",\"description\":\"is short\"}]");
    sign_in("{\"userName\":\"flooded\"}");
    assert_error(429, "TOO_MANY_PASSWORD_CHECKS");
    assert_says("\"retryDelay\":\"1.500s\"");
    assert_true(http_has_field(&response, "retry-after: 2"));
}

static void test_services_receive_the_clients_address(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"far\"}");
    assert_error(403, "TOO_FAR");
    assert_says("\"you are at 127.0.0.1\"");
}

static void test_internal_errors_show_no_detail(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"broken\"}");
    assert_error(500, "INTERNAL");
    assert_says("\"message\":\"internal error\"");
    assert_null(strstr(response.body, "db-7"));
    assert_null(strstr(response.body, "DATABASE_BROKEN"));
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

static void test_trusted_proxy_says_where_the_client_is(void **state)
{
    static const char body[] = "{\"userName\":\"far\"}";

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
    static const char body[] = "{\"userName\":\"zoe\",\"password\":\"pw\"}";
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

static void test_service_that_is_down_is_unavailable(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/quests", authorization(QL_ROLE_USER), NULL, &response);
    assert_error(503, "CHANNEL_DISCONNECTED");
}

static void test_service_that_is_slow_runs_into_the_deadline(void **state)
{
    (void)state;
    fake_gate_shut();
    sign_in("{\"userName\":\"slow\"}");
    assert_error(504, "DEADLINE_EXCEEDED");
    fake_gate_open();
}

static void test_large_answer_arrives_whole(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users?pageSize=900", authorization(QL_ROLE_ADMIN), NULL,
             &response);
    assert_int_equal(response.status, 200);
    assert_true(response.body_length > 64 * 1024);
    assert_string_equal(response.body + response.body_length - strlen("],\"nextPageToken\":\"\"}"),
                        "],\"nextPageToken\":\"\"}");
}

static void test_probes_answer_on_the_http_port(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/livez", "", NULL, &response);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body, "ok\n");
    http_ask(stack.port, "GET", "/readyz", "", NULL, &response);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.body, "ready\n");
}

static void test_metrics_count_requests_by_status(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/nothing", "", NULL, &response);
    http_ask(stack.ops_port, "GET", "/metrics", "Connection: close\r\n", NULL, &response);
    assert_int_equal(response.status, 200);
    assert_says("ql_http_requests_total{status=\"404\"}");
    assert_says("ql_http_request_ms_bucket{method=\"none\"");
    assert_says("ql_http_in_flight 0\n");
    assert_says("ql_http_log_dropped_total");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sign_in_answers_with_json),
        cmocka_unit_test(test_path_variable_and_response_body_are_applied),
        cmocka_unit_test(test_head_is_get_without_body),
        cmocka_unit_test(test_unknown_path_is_not_found),
        cmocka_unit_test(test_wrong_verb_names_the_right_ones),
        cmocka_unit_test(test_body_over_the_limit_is_refused),
        cmocka_unit_test(test_chunked_body_over_the_limit_is_refused),
        cmocka_unit_test(test_chunked_body_within_the_limit_is_taken),
        cmocka_unit_test(test_library_refusals_have_our_shape),
        cmocka_unit_test(test_requests_with_two_ends_are_refused_and_their_connection_ended),
        cmocka_unit_test(test_chunked_request_is_the_last_of_its_connection),
        cmocka_unit_test(test_large_heads_are_refused),
        cmocka_unit_test(test_more_than_100_fields_are_refused),
        cmocka_unit_test(test_more_than_100_fields_are_refused),
        cmocka_unit_test(test_preflight_is_answered_for_known_origins),
        cmocka_unit_test(test_answers_carry_the_origin_also_when_they_are_errors),
        cmocka_unit_test(test_other_content_types_are_refused),
        cmocka_unit_test(test_client_that_takes_no_json_is_refused),
        cmocka_unit_test(test_missing_token_is_unauthenticated),
        cmocka_unit_test(test_bad_tokens_are_unauthenticated),
        cmocka_unit_test(test_wrong_role_is_refused),
        cmocka_unit_test(test_stale_token_does_not_fail_a_public_method),
        cmocka_unit_test(test_malformed_json_names_the_field),
        cmocka_unit_test(test_unknown_query_parameter_names_itself),
        cmocka_unit_test(test_failures_of_the_service_are_passed_on),
        cmocka_unit_test(test_services_receive_the_clients_address),
        cmocka_unit_test(test_internal_errors_show_no_detail),
        cmocka_unit_test(test_request_id_is_kept_or_made),
        cmocka_unit_test(test_trusted_proxy_says_where_the_client_is),
        cmocka_unit_test(test_idempotency_key_is_passed_on_or_refused),
        cmocka_unit_test(test_service_that_is_down_is_unavailable),
        cmocka_unit_test(test_service_that_is_slow_runs_into_the_deadline),
        cmocka_unit_test(test_large_answer_arrives_whole),
        cmocka_unit_test(test_probes_answer_on_the_http_port),
        cmocka_unit_test(test_metrics_count_requests_by_status),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
