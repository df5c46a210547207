/* Tests of one call: what its handler is given, what the caller gets, and what is logged
 * and counted. */
#include "platform/rpc/server/server.h"

#include <sys/mman.h>

#include "platform/rpc/telemetry.h"
#include "platform/rpc/testing/exchange_fixture.h"
#include "questline/catalog/v1/names.h"

static void test_call_is_answered_under_its_id(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, FIXTURE_USER_ID)->id = UINT64_MAX;
    assert_user(exchange(UINT64_MAX), FIXTURE_USER_ID);
}

static void test_health_names_the_service_and_its_state(void **state)
{
    CheckHealthResponse *out;
    const Result *result;

    (void)state;
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "", NULL);
    result = exchange(1);
    out = CheckHealthResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_string_equal(out->service, "user");
    assert_int_equal(out->state, SERVING_STATE_SERVING);
    protobuf_c_message_free_unpacked(&out->base, NULL);
}

static void test_unknown_method_is_unimplemented(void **state)
{
    (void)state;
    foreign_add(&foreign, "questline.user.v1.UserService/Nothing", app.keys.user_token, NULL);
    /* In the contract, but not served here. */
    foreign_add(&foreign, RewardQueryService_GetReward, "", NULL);
    foreign_add(&foreign, "", "", NULL);
    assert_failed(exchange(1), QL_UNIMPLEMENTED, "METHOD_NOT_FOUND");
    assert_failed(reply_result(reply, 2), QL_UNIMPLEMENTED, "METHOD_NOT_FOUND");
    assert_failed(reply_result(reply, 3), QL_UNIMPLEMENTED, "METHOD_NOT_FOUND");
}

static void test_expired_call_is_never_executed(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, "me")->deadline_unix_ms = ql_unix_ms() - 1;
    foreign_add_get_user(&foreign, app.keys.user_token, "me")->deadline_unix_ms = -1;
    foreign_add_get_user(&foreign, app.keys.user_token, "me")->deadline_unix_ms = INT64_MIN;
    assert_failed(exchange(1), QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
    assert_failed(reply_result(reply, 2), QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
    assert_failed(reply_result(reply, 3), QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED");
    assert_int_equal(app.n_executed, 0);
}

static int64_t remaining_for(int64_t deadline_unix_ms)
{
    exchange_begin(NULL);
    foreign_add_get_user(&foreign, app.keys.user_token, "me")->deadline_unix_ms = deadline_unix_ms;
    assert_null(exchange(1)->status);
    return app.seen_remaining_ms;
}

static void test_handler_has_less_time_than_the_caller_and_never_too_much(void **state)
{
    (void)state;
    assert_in_range(remaining_for(ql_unix_ms() + 5000), 2000, 4850);
    assert_in_range(remaining_for(0), 7000, QL_RPC_DEFAULT_TIMEOUT_MS);
    assert_in_range(remaining_for(ql_unix_ms() + 3600000), 50000, QL_RPC_MAX_TIMEOUT_MS);
    assert_in_range(remaining_for(INT64_MAX), 50000, QL_RPC_MAX_TIMEOUT_MS);
}

static void test_handler_sees_who_called_and_the_callers_trace(void **state)
{
    Call *call = foreign_add_get_user(&foreign, app.keys.user_token, "me");

    (void)state;
    call->request_id = (char *)(uintptr_t) "gw-1.a_B";
    call->traceparent =
        (char *)(uintptr_t) "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_null(exchange(1)->status);
    assert_int_equal(app.seen.identity.role, QL_ROLE_USER);
    assert_string_equal(app.seen.identity.subject, FIXTURE_USER_ID);
    assert_string_equal(app.seen.request_id, "gw-1.a_B");
    assert_string_equal(app.seen.method, METHOD_GET_USER);
    assert_string_equal(app.seen.trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_string_not_equal(app.seen.trace.span_id, "b7ad6b7169203331");
}

static void test_key_that_the_method_does_not_take_is_refused_by_name(void **state)
{
    CreateSessionRequest in = service_sign_in();
    const Result *result;
    Call *call = foreign_add_get_user(&foreign, app.keys.user_token, "me");

    (void)state;
    call->idempotency_key = (char *)(uintptr_t) "again";
    result = exchange(1);
    assert_failed(result, QL_INVALID_ARGUMENT, "IDEMPOTENCY_KEY_NOT_TAKEN");
    assert_string_equal(result->status->violations[0]->field, "Idempotency-Key");
    assert_int_equal(app.n_executed, 0);
    foreign.request.n_calls = 0;
    call = foreign_add(&foreign, METHOD_CREATE_SESSION, "", &in);
    atomic_store(&app.is_gate_open, true);
    call->idempotency_key = (char *)(uintptr_t) "again";
    assert_null(exchange(1)->status);
}

static void test_bad_request_id_is_replaced(void **state)
{
    char long_id[QL_REQUEST_ID_SIZE + 1] = {0};

    (void)state;
    memset(long_id, 'a', sizeof(long_id) - 1);
    foreign_add_get_user(&foreign, app.keys.user_token, "me")->request_id = long_id;
    assert_null(exchange(1)->status);
    assert_true(ql_uuid_is_valid(app.seen.request_id));
    foreign.calls[0].request_id = (char *)(uintptr_t) "a\"b";
    assert_null(exchange(1)->status);
    assert_true(ql_uuid_is_valid(app.seen.request_id));
    assert_null(app.seen.idempotency_key);
}

static void test_malformed_payload_is_an_invalid_argument(void **state)
{
    static const uint8_t truncated[] = {0x0a, 0x05, 'a'}, not_utf8[] = {0x0a, 0x02, 0xff, 0xfe};
    Call *call = foreign_add_get_user(&foreign, app.keys.user_token, "me");

    (void)state;
    call->payload = (ProtobufCBinaryData){sizeof(truncated), (uint8_t *)(uintptr_t)truncated};
    assert_int_equal(exchange(1)->status->code, QL_INVALID_ARGUMENT);
    call->payload = (ProtobufCBinaryData){sizeof(not_utf8), (uint8_t *)(uintptr_t)not_utf8};
    assert_int_equal(exchange(1)->status->code, QL_INVALID_ARGUMENT);
    assert_int_equal(app.n_executed, 0);
}

static void test_violations_reach_the_caller(void **state)
{
    ListUsersRequest in;
    const Result *result;

    (void)state;
    ListUsersRequest_init(&in);
    in.page_size = -1;
    foreign_add(&foreign, METHOD_LIST_USERS, app.keys.admin_token, &in);
    result = exchange(1);
    assert_failed(result, QL_INVALID_ARGUMENT, "INVALID_FIELD");
    assert_int_equal(result->status->n_violations, 1);
    assert_string_equal(result->status->violations[0]->field, "pageSize");
    assert_string_equal(result->status->violations[0]->description, "must be at least 0");
    assert_string_equal(result->status->violations[0]->reason, "TOO_SMALL");
    assert_int_equal(app.n_executed, 0);
}

static void test_internal_error_shows_only_the_request_id(void **state)
{
    Call *call = foreign_add_get_user(&foreign, app.keys.admin_token, ID_INTERNAL);
    const Result *result;

    (void)state;
    call->request_id = (char *)(uintptr_t) "find-me";
    result = exchange(1);
    assert_failed(result, QL_INTERNAL, "BROKEN");
    assert_string_equal(result->status->message, "internal error, request id find-me");
}

static void test_handlers_callee_that_drains_is_not_taken_for_this_service(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.admin_token, ID_DRAINING);
    assert_failed(exchange(1), QL_UNAVAILABLE, "CALLEE_UNAVAILABLE");
}

static void test_each_call_is_one_log_line_with_its_outcome(void **state)
{
    char lines[8192] = "";
    int log = memfd_create("log", 0);
    Call *call = foreign_add_get_user(&foreign, app.keys.user_token, FIXTURE_OTHER_ID);

    (void)state;
    call->request_id = (char *)(uintptr_t) "log-me";
    call->traceparent =
        (char *)(uintptr_t) "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    ql_log_redirect(log);
    (void)exchange(1);
    ql_log_redirect(silence);
    assert_true(pread(log, lines, sizeof(lines) - 1, 0) > 0);
    close(log);
    assert_ptr_equal(strchr(lines, '\n') + 1, lines + strlen(lines));
    assert_non_null(strstr(lines, "\"event\":\"call\""));
    assert_non_null(strstr(lines, "\"method\":\"" METHOD_GET_USER "\""));
    assert_non_null(strstr(lines, "\"code\":\"PERMISSION_DENIED\""));
    assert_non_null(strstr(lines, "\"reason\":\"NOT_OWNER\""));
    assert_non_null(strstr(lines, "\"user\":\"" FIXTURE_USER_ID "\""));
    assert_non_null(strstr(lines, "\"requestId\":\"log-me\""));
    assert_non_null(strstr(lines, "0af7651916cd43dd8448eb211c80319c"));
    assert_null(strstr(lines, app.keys.user_token));
}

static void test_calls_are_counted_by_code_and_timed_by_method(void **state)
{
    int64_t n_denied = ql_metric_value(&qli_rpc_metrics[QLI_CALLS], "PERMISSION_DENIED");
    int64_t n_timed = ql_metric_value(&qli_rpc_metrics[QLI_CALL_MS], METHOD_GET_USER);
    int64_t n_unknown = ql_metric_value(&qli_rpc_metrics[QLI_CALL_MS], "unknown");

    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, FIXTURE_OTHER_ID);
    foreign_add(&foreign, "a.stranger/Made", "", NULL);
    (void)exchange(1);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_CALLS], "PERMISSION_DENIED"),
                     n_denied + 1);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_CALL_MS], METHOD_GET_USER), n_timed + 1);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_CALL_MS], "unknown"), n_unknown + 1);
    assert_int_equal(ql_metric_value(&qli_rpc_metrics[QLI_CALL_MS], "a.stranger/Made"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_call_is_answered_under_its_id),
        EXCHANGE_TEST(test_health_names_the_service_and_its_state),
        EXCHANGE_TEST(test_unknown_method_is_unimplemented),
        EXCHANGE_TEST(test_expired_call_is_never_executed),
        EXCHANGE_TEST(test_handler_has_less_time_than_the_caller_and_never_too_much),
        EXCHANGE_TEST(test_handler_sees_who_called_and_the_callers_trace),
        EXCHANGE_TEST(test_key_that_the_method_does_not_take_is_refused_by_name),
        EXCHANGE_TEST(test_bad_request_id_is_replaced),
        EXCHANGE_TEST(test_malformed_payload_is_an_invalid_argument),
        EXCHANGE_TEST(test_violations_reach_the_caller),
        EXCHANGE_TEST(test_internal_error_shows_only_the_request_id),
        EXCHANGE_TEST(test_handlers_callee_that_drains_is_not_taken_for_this_service),
        EXCHANGE_TEST(test_each_call_is_one_log_line_with_its_outcome),
        EXCHANGE_TEST(test_calls_are_counted_by_code_and_timed_by_method),
    };

    return cmocka_run_group_tests(tests, exchange_set_up, exchange_tear_down);
}
