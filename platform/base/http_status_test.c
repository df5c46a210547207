/* Tests of the mapping to HTTP and of error bodies. */
#include "platform/base/http_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void test_every_code_has_the_http_status_of_google_rpc(void **state)
{
    static const int expected[] = {
        [QL_OK] = 200,
        [QL_CANCELLED] = 499,
        [QL_UNKNOWN] = 500,
        [QL_INVALID_ARGUMENT] = 400,
        [QL_DEADLINE_EXCEEDED] = 504,
        [QL_NOT_FOUND] = 404,
        [QL_ALREADY_EXISTS] = 409,
        [QL_PERMISSION_DENIED] = 403,
        [QL_RESOURCE_EXHAUSTED] = 429,
        [QL_FAILED_PRECONDITION] = 400,
        [QL_ABORTED] = 409,
        [QL_OUT_OF_RANGE] = 400,
        [QL_UNIMPLEMENTED] = 501,
        [QL_INTERNAL] = 500,
        [QL_UNAVAILABLE] = 503,
        [QL_DATA_LOSS] = 500,
        [QL_UNAUTHENTICATED] = 401,
    };

    (void)state;
    for (size_t code = 0; code < QL_ARRAY_LENGTH(expected); code++) {
        assert_int_equal(ql_http_status_from_code((enum ql_code)code), expected[code]);
        assert_string_not_equal(ql_http_status_phrase(expected[code]), "Unknown");
    }
    assert_int_equal(ql_http_status_from_code((enum ql_code)4711), 500);
}

static void assert_body(int http_status, const struct ql_status *status, const char *expected)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer out = {0};

    ql_buffer_init(&out, 4096);
    ql_http_status_write_error(&out, http_status, status, "req-1");
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
}

#define INFO(reason)                                                                               \
    "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"" reason                 \
    "\",\"domain\":\"questline\",\"metadata\":{\"requestId\":\"req-1\"}}"

static void test_body_has_code_status_message_and_reason(void **state)
{
    const struct ql_status status = {
        .code = QL_NOT_FOUND, .reason = "QUEST_NOT_FOUND", .message = "quest \"7\" is not there"};

    (void)state;
    assert_body(
        404, &status,
        "{\"error\":{\"code\":404,\"status\":\"NOT_FOUND\",\"message\":\"quest \\\"7\\\" is "
        "not there\",\"details\":[" INFO("QUEST_NOT_FOUND") "]}}");
}

static void test_status_without_reason_uses_its_code_as_reason(void **state)
{
    const struct ql_status status = {.code = QL_ABORTED, .message = "try again"};

    (void)state;
    assert_body(409, &status,
                "{\"error\":{\"code\":409,\"status\":\"ABORTED\",\"message\":\"try again\","
                "\"details\":[" INFO("ABORTED") "]}}");
}

static void test_body_lists_every_violation(void **state)
{
    struct ql_status status = {
        .code = QL_INVALID_ARGUMENT, .reason = "INVALID_FIELD", .message = "userName: is taken"};

    (void)state;
    status.violations[0] = (struct ql_violation){"userName", "is taken", ""};
    status.violations[1] = (struct ql_violation){"tags[2]", "is empty", ""};
    status.n_violations = 2;
    assert_body(
        400, &status,
        "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"userName: "
        "is taken\",\"details\":[" INFO(
            "INVALID_FIELD") ","
                             "{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":["
                             "{\"field\":\"userName\",\"description\":\"is taken\"},"
                             "{\"field\":\"tags[2]\",\"description\":\"is empty\"}]}]}}");
}

static void test_retry_delay_is_a_duration(void **state)
{
    struct ql_status status = {.code = QL_UNAVAILABLE, .reason = "BUSY", .message = "busy"};
    static const struct {
        int64_t delay_ms;
        const char *text;
    } cases[] = {{1000, "1s"}, {1500, "1.500s"}, {20, "0.020s"}};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        char expected[512];

        status.retry_delay_ms = cases[i].delay_ms;
        snprintf(
            expected, sizeof(expected),
            "{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\",\"message\":\"busy\","
            "\"details\":[" INFO(
                "BUSY") ",{\"@type\":"
                        "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"%s\"}]}}",
            cases[i].text);
        assert_body(503, &status, expected);
    }
}

static void test_faults_of_ours_show_nothing_but_the_request_id(void **state)
{
    static const enum ql_code hidden[] = {QL_INTERNAL, QL_UNKNOWN, QL_DATA_LOSS};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(hidden); i++) {
        struct ql_status status = {
            .code = hidden[i], .reason = "DB_BROKEN", .message = "host db-7 is gone"};
        char expected[512];

        status.violations[0] = (struct ql_violation){"secret", "detail", ""};
        status.n_violations = 1;
        snprintf(expected, sizeof(expected),
                 "{\"error\":{\"code\":500,\"status\":\"%s\",\"message\":\"internal error\","
                 "\"details\":[" INFO("INTERNAL") "]}}",
                 ql_code_name(hidden[i]));
        assert_body(500, &status, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_the_http_status_of_google_rpc),
        cmocka_unit_test(test_body_has_code_status_message_and_reason),
        cmocka_unit_test(test_status_without_reason_uses_its_code_as_reason),
        cmocka_unit_test(test_body_lists_every_violation),
        cmocka_unit_test(test_retry_delay_is_a_duration),
        cmocka_unit_test(test_faults_of_ours_show_nothing_but_the_request_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
