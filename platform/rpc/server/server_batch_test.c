/* Tests of requests of several calls, and of handlers that are run where they arrive. */
#include "platform/rpc/server/server.h"

#include "platform/rpc/testing/exchange_fixture.h"

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

/* GetQuest returned the quest of that id. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_request_of_64_calls_gets_64_results),
        EXCHANGE_TEST(test_request_of_65_calls_or_none_is_refused_as_a_whole),
        EXCHANGE_TEST(test_too_large_response_is_an_internal_error_and_spares_the_others),
        EXCHANGE_TEST(test_answers_that_exceed_a_reply_together_are_the_callers_to_mend),
        EXCHANGE_TEST(test_coalesced_calls_whose_answers_exceed_a_reply_are_made_again_alone),
        EXCHANGE_TEST(test_coalesced_call_that_may_block_is_not_started),
        EXCHANGE_TEST(test_fast_handler_answers_in_bytes),
        EXCHANGE_TEST(test_declined_call_is_answered_by_the_handler),
        EXCHANGE_TEST(test_declined_calls_of_one_request_are_all_answered),
        EXCHANGE_TEST(test_declined_coalesced_call_is_not_started_and_spares_its_siblings),
        EXCHANGE_TEST(test_fast_handler_comes_after_the_checks),
    };

    return cmocka_run_group_tests(tests, exchange_set_up, exchange_tear_down);
}
