/* Tests of who may call what, over a real socket. */
#include "platform/rpc/server/server.h"

#include "platform/rpc/testing/exchange_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_me_becomes_the_callers_id),
        EXCHANGE_TEST(test_user_reads_nothing_of_another_user),
        EXCHANGE_TEST(test_administrator_and_service_read_any_user),
        EXCHANGE_TEST(test_service_has_no_me),
        EXCHANGE_TEST(test_call_without_a_token_is_unauthenticated),
        EXCHANGE_TEST(test_call_with_a_forged_token_is_unauthenticated),
        EXCHANGE_TEST(test_user_and_service_may_not_call_an_administrators_method),
        EXCHANGE_TEST(test_public_method_ignores_a_bad_token),
    };

    return cmocka_run_group_tests(tests, exchange_set_up, exchange_tear_down);
}
