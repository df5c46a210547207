/* Tests of the server, call by call, over a real socket and a foreign client. */
#include "platform/rpc/server/server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>

#include "platform/base/log.h"
#include "platform/rpc/testing/foreign_fixture.h"
#include "platform/rpc/telemetry.h"
#include "questline/catalog/v1/names.h"

static struct service_fixture app;
static struct foreign foreign;
static Reply *reply;
static int silence; /* where the log goes */

static int before_each(void **state)
{
    (void)state;
    memset(&foreign, 0, sizeof(foreign));
    foreign_init(&foreign);
    atomic_store(&app.n_executed, 0);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    if (reply != NULL)
        reply_free(reply);
    reply = NULL;
    return 0;
}

static const Result *exchange(uint64_t id)
{
    if (reply != NULL)
        reply_free(reply);
    reply = foreign_exchange(app.address, &foreign.request);
    assert_non_null(reply_result(reply, id));
    return reply_result(reply, id);
}

static void assert_failed(const Result *result, enum ql_code code, const char *reason)
{
    assert_non_null(result->status);
    assert_int_equal(result->status->code, code);
    assert_string_equal(result->status->reason, reason);
    assert_int_equal(result->payload.len, 0);
}

/* The user id that GetUser answered. */
static void assert_user(const Result *result, const char *user_id)
{
    GetUserResponse *out;

    assert_null(result->status);
    out = GetUserResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_non_null(out);
    assert_string_equal(out->user->user_id, user_id);
    protobuf_c_message_free_unpacked(&out->base, NULL);
}

static void test_call_is_answered_under_its_id(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, FIXTURE_USER_ID)->id = UINT64_MAX;
    assert_user(exchange(UINT64_MAX), FIXTURE_USER_ID);
}

static void test_me_becomes_the_callers_id(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    assert_user(exchange(1), FIXTURE_USER_ID);
}

static void test_user_reads_nothing_of_another_user(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.user_token, FIXTURE_OTHER_ID);
    assert_failed(exchange(1), QL_PERMISSION_DENIED, "NOT_OWNER");
    assert_int_equal(app.n_executed, 0);
}

static void test_administrator_and_service_read_any_user(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.admin_token, FIXTURE_OTHER_ID);
    foreign_add_get_user(&foreign, app.keys.service_token, FIXTURE_OTHER_ID);
    assert_user(exchange(1), FIXTURE_OTHER_ID);
    assert_user(reply_result(reply, 2), FIXTURE_OTHER_ID);
}

static void test_service_has_no_me(void **state)
{
    const Result *result;

    (void)state;
    foreign_add_get_user(&foreign, app.keys.service_token, "me");
    result = exchange(1);
    assert_failed(result, QL_INVALID_ARGUMENT, "INVALID_FIELD");
    assert_string_equal(result->status->violations[0]->field, "userId");
}

static void test_call_without_a_token_is_unauthenticated(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, "", FIXTURE_USER_ID);
    assert_failed(exchange(1), QL_UNAUTHENTICATED, "TOKEN_MISSING");
    assert_int_equal(app.n_executed, 0);
}

static void test_call_with_a_forged_token_is_unauthenticated(void **state)
{
    char forged[QL_TOKEN_MAX];
    char *signature;

    (void)state;
    snprintf(forged, sizeof(forged), "%s", app.keys.user_token);
    signature = strrchr(forged, '.') + 1;
    signature[4] = signature[4] == 'A' ? 'B' : 'A';
    foreign_add_get_user(&foreign, forged, FIXTURE_USER_ID);
    assert_failed(exchange(1), QL_UNAUTHENTICATED, "TOKEN_NOT_TRUSTED");
    assert_int_equal(app.n_executed, 0);
}

static void test_user_and_service_may_not_call_an_administrators_method(void **state)
{
    ListUsersRequest in;

    (void)state;
    ListUsersRequest_init(&in);
    foreign_add(&foreign, METHOD_LIST_USERS, app.keys.user_token, &in);
    foreign_add(&foreign, METHOD_LIST_USERS, app.keys.service_token, &in);
    foreign_add(&foreign, METHOD_LIST_USERS, app.keys.admin_token, &in);
    assert_failed(exchange(1), QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED");
    assert_failed(reply_result(reply, 2), QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED");
    assert_null(reply_result(reply, 3)->status);
    assert_int_equal(app.n_executed, 1);
}

static void test_public_method_ignores_a_bad_token(void **state)
{
    (void)state;
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "garbage", NULL);
    assert_null(exchange(1)->status);
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
    before_each(NULL);
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

static void test_too_large_response_is_an_internal_error_and_spares_the_others(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.admin_token, FIXTURE_OTHER_ID);
    foreign_add_get_user(&foreign, app.keys.admin_token, ID_LARGE);
    foreign_add_get_user(&foreign, app.keys.admin_token, FIXTURE_USER_ID);
    assert_user(exchange(1), FIXTURE_OTHER_ID);
    assert_failed(reply_result(reply, 2), QL_INTERNAL, "RESPONSE_TOO_LARGE");
    assert_user(reply_result(reply, 3), FIXTURE_USER_ID);
}

static void test_answers_that_exceed_a_reply_together_are_the_callers_to_mend(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.admin_token, ID_HALF);
    foreign_add_get_user(&foreign, app.keys.admin_token, ID_HALF);
    foreign_add_get_user(&foreign, app.keys.admin_token, FIXTURE_USER_ID);
    assert_user(exchange(1), ID_HALF);
    assert_failed(reply_result(reply, 2), QL_RESOURCE_EXHAUSTED, "REPLY_FULL");
    assert_user(reply_result(reply, 3), FIXTURE_USER_ID);
    assert_int_equal(app.n_executed, 3);
}

static void test_coalesced_calls_whose_answers_exceed_a_reply_are_made_again_alone(void **state)
{
    GetQuestRequest in;

    (void)state;
    GetQuestRequest_init(&in);
    in.quest_id = (char *)(uintptr_t)ID_HALF_MEMORY;
    foreign.request.coalesced = 1;
    foreign_add(&foreign, METHOD_GET_QUEST, app.keys.user_token, &in);
    foreign_add(&foreign, METHOD_GET_QUEST, app.keys.user_token, &in);
    assert_int_equal(exchange(1)->payload.len, FIXTURE_HALF);
    assert_true(reply_result(reply, 2)->not_started);
    assert_null(reply_result(reply, 2)->status);
}

static void test_handlers_callee_that_drains_is_not_taken_for_this_service(void **state)
{
    (void)state;
    foreign_add_get_user(&foreign, app.keys.admin_token, ID_DRAINING);
    assert_failed(exchange(1), QL_UNAVAILABLE, "CALLEE_UNAVAILABLE");
}

static void test_coalesced_call_that_may_block_is_not_started(void **state)
{
    (void)state;
    foreign.request.coalesced = 1;
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    foreign_add(&foreign, METHOD_CHECK_HEALTH, "", NULL);
    assert_true(exchange(1)->not_started);
    assert_null(reply_result(reply, 1)->status);
    assert_false(reply_result(reply, 2)->not_started);
    assert_null(reply_result(reply, 2)->status);
    assert_int_equal(app.n_executed, 0);
}

/* The quest id that GetQuest answered. */
static void assert_quest(const Result *result, const char *quest_id, const char *etag)
{
    GetQuestResponse *out;

    assert_null(result->status);
    assert_false(result->not_started);
    assert_string_equal(result->etag, etag);
    out = GetQuestResponse_unpack(NULL, result->payload.len, result->payload.data);
    assert_non_null(out);
    assert_string_equal(out->quest->quest_id, quest_id);
    protobuf_c_message_free_unpacked(&out->base, NULL);
}

static void test_fast_handler_answers_in_bytes(void **state)
{
    (void)state;
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_MEMORY);
    assert_quest(exchange(1), ID_MEMORY, "of memory");
    assert_quest(exchange(1), ID_MEMORY, "of memory"); /* now with a token that is known */
    assert_int_equal(app.n_executed, 0);
}

static void test_declined_call_is_answered_by_the_handler(void **state)
{
    (void)state;
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_ELSEWHERE);
    assert_quest(exchange(1), ID_ELSEWHERE, "");
    assert_quest(exchange(1), ID_ELSEWHERE, "");
    assert_int_equal(app.n_executed, 2);
}

static void test_declined_calls_of_one_request_are_all_answered(void **state)
{
    (void)state;
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_ELSEWHERE);
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_MEMORY);
    foreign_add_get_user(&foreign, app.keys.user_token, "me");
    assert_quest(exchange(1), ID_ELSEWHERE, "");
    assert_quest(reply_result(reply, 2), ID_MEMORY, "of memory");
    assert_user(reply_result(reply, 3), FIXTURE_USER_ID);
    assert_int_equal(app.n_executed, 2);
}

static void test_declined_coalesced_call_is_not_started_and_spares_its_siblings(void **state)
{
    (void)state;
    foreign.request.coalesced = 1;
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_ELSEWHERE);
    foreign_add_get_quest(&foreign, app.keys.user_token, ID_MEMORY);
    for (int i = 0; i < 2; i++) {
        assert_true(exchange(1)->not_started);
        assert_null(reply_result(reply, 1)->status);
        assert_quest(reply_result(reply, 2), ID_MEMORY, "of memory");
    }
    assert_int_equal(app.n_executed, 0);
}

static void test_fast_handler_comes_after_the_checks(void **state)
{
    (void)state;
    foreign_add_get_quest(&foreign, "", ID_MEMORY);
    assert_failed(exchange(1), QL_UNAUTHENTICATED, "TOKEN_MISSING");
}

static void test_request_of_64_calls_gets_64_results(void **state)
{
    (void)state;
    for (int i = 0; i < QL_RPC_MAX_CALLS; i++)
        foreign_add_get_user(&foreign, app.keys.user_token, i % 2 == 0 ? "me" : FIXTURE_OTHER_ID);
    (void)exchange(1);
    assert_int_equal(reply->n_results, QL_RPC_MAX_CALLS);
    for (uint64_t id = 1; id <= QL_RPC_MAX_CALLS; id++) {
        if (id % 2 == 1)
            assert_user(reply_result(reply, id), FIXTURE_USER_ID);
        else
            assert_failed(reply_result(reply, id), QL_PERMISSION_DENIED, "NOT_OWNER");
    }
}

static void test_request_of_65_calls_or_none_is_refused_as_a_whole(void **state)
{
    (void)state;
    for (int i = 0; i <= QL_RPC_MAX_CALLS; i++)
        foreign_add_get_user(&foreign, app.keys.user_token, "me");
    assert_failed(exchange(0), QL_INVALID_ARGUMENT, "TOO_MANY_CALLS");
    foreign.request.n_calls = 0;
    assert_failed(exchange(0), QL_INVALID_ARGUMENT, "MALFORMED_ENVELOPE");
    assert_int_equal(app.n_executed, 0);
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

static int set_up(void **state)
{
    (void)state;
    silence = open("/dev/null", O_WRONLY);
    ql_log_redirect(silence);
    keys_set_up(&app.keys);
    service_start(&app, 4, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    service_stop(&app);
    keys_tear_down(&app.keys);
    return 0;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_call_is_answered_under_its_id),
        CLAIM(test_me_becomes_the_callers_id),
        CLAIM(test_user_reads_nothing_of_another_user),
        CLAIM(test_administrator_and_service_read_any_user),
        CLAIM(test_service_has_no_me),
        CLAIM(test_call_without_a_token_is_unauthenticated),
        CLAIM(test_call_with_a_forged_token_is_unauthenticated),
        CLAIM(test_user_and_service_may_not_call_an_administrators_method),
        CLAIM(test_public_method_ignores_a_bad_token),
        CLAIM(test_health_names_the_service_and_its_state),
        CLAIM(test_unknown_method_is_unimplemented),
        CLAIM(test_expired_call_is_never_executed),
        CLAIM(test_handler_has_less_time_than_the_caller_and_never_too_much),
        CLAIM(test_handler_sees_who_called_and_the_callers_trace),
        CLAIM(test_key_that_the_method_does_not_take_is_refused_by_name),
        CLAIM(test_bad_request_id_is_replaced),
        CLAIM(test_malformed_payload_is_an_invalid_argument),
        CLAIM(test_violations_reach_the_caller),
        CLAIM(test_internal_error_shows_only_the_request_id),
        CLAIM(test_too_large_response_is_an_internal_error_and_spares_the_others),
        CLAIM(test_answers_that_exceed_a_reply_together_are_the_callers_to_mend),
        CLAIM(test_coalesced_calls_whose_answers_exceed_a_reply_are_made_again_alone),
        CLAIM(test_handlers_callee_that_drains_is_not_taken_for_this_service),
        CLAIM(test_coalesced_call_that_may_block_is_not_started),
        CLAIM(test_fast_handler_answers_in_bytes),
        CLAIM(test_declined_call_is_answered_by_the_handler),
        CLAIM(test_declined_calls_of_one_request_are_all_answered),
        CLAIM(test_declined_coalesced_call_is_not_started_and_spares_its_siblings),
        CLAIM(test_fast_handler_comes_after_the_checks),
        CLAIM(test_request_of_64_calls_gets_64_results),
        CLAIM(test_request_of_65_calls_or_none_is_refused_as_a_whole),
        CLAIM(test_each_call_is_one_log_line_with_its_outcome),
        CLAIM(test_calls_are_counted_by_code_and_timed_by_method),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
