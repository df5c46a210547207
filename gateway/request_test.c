/* Tests of routes and answers, against a running gateway with a fake service. */
#include "gateway/testing/request_fixture.h"

static void test_sign_in_answers_with_json(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"zoe\",\"password\":\"long enough\"}");
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
    sign_in("{\"userName\":\"banned\",\"password\":\"pw\"}");
    assert_error(403, "USER_BANNED");
    assert_says("\"message\":\"this user may not sign in\"");
    sign_in("{\"userName\":\"picky\",\"password\":\"pw\"}");
    assert_error(400, "INVALID_FIELD");
    assert_says("\"fieldViolations\":[{\"field\":\"userName\",\"description\":\"is taken\"},"
                "{\"field\":\"password\",\"description\":\"is short\"}]");
    sign_in("{\"userName\":\"flooded\",\"password\":\"pw\"}");
    assert_error(429, "TOO_MANY_PASSWORD_CHECKS");
    assert_says("\"retryDelay\":\"1.500s\"");
    assert_true(http_has_field(&response, "retry-after: 2"));
}

static void test_internal_errors_show_no_detail(void **state)
{
    (void)state;
    sign_in("{\"userName\":\"broken\",\"password\":\"pw\"}");
    assert_error(500, "INTERNAL");
    assert_says("\"message\":\"internal error\"");
    assert_null(strstr(response.body, "db-7"));
    assert_null(strstr(response.body, "DATABASE_BROKEN"));
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
    sign_in("{\"userName\":\"slow\",\"password\":\"pw\"}");
    assert_error(504, "DEADLINE_EXCEEDED");
    fake_gate_open();
}

static void test_large_answer_arrives_whole(void **state)
{
    (void)state;
    http_ask(stack.port, "GET", "/v1/users?pageSize=180", authorization(QL_ROLE_ADMIN), NULL,
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
        cmocka_unit_test(test_malformed_json_names_the_field),
        cmocka_unit_test(test_unknown_query_parameter_names_itself),
        cmocka_unit_test(test_failures_of_the_service_are_passed_on),
        cmocka_unit_test(test_internal_errors_show_no_detail),
        cmocka_unit_test(test_service_that_is_down_is_unavailable),
        cmocka_unit_test(test_service_that_is_slow_runs_into_the_deadline),
        cmocka_unit_test(test_large_answer_arrives_whole),
        cmocka_unit_test(test_probes_answer_on_the_http_port),
        cmocka_unit_test(test_metrics_count_requests_by_status),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
