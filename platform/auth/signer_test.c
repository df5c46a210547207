/* Tests of signing: what verifiers accept, and what is not signed. */
#include "platform/auth/signer.h"

#include "platform/auth/testing/token_fixture.h"

static void test_signed_user_and_admin_tokens_are_accepted(void **state)
{
    char token[QL_TOKEN_MAX];

    (void)state;
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_USER, token), QL_OK);
    assert_accepted(token, QL_ROLE_USER, USER_ID);
    assert_accepted(token, QL_ROLE_USER, USER_ID); /* and from the cache */
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_ADMIN, token), QL_OK);
    assert_accepted(token, QL_ROLE_ADMIN, USER_ID);
}

static void test_only_publisher_tokens_carry_what_they_may_publish(void **state)
{
    struct ql_identity identity;
    char token[QL_TOKEN_MAX], long_grant[QL_EVENT_GRANT_SIZE + 1];
    const char *grant;

    (void)state;
    assert_int_equal(ql_sign_publisher_token(&world.call, world.user_signer, USER_ID,
                                             "monster.killed arena.*", token),
                     QL_OK);
    for (int i = 0; i < 2; i++) { /* the second time from the cache */
        assert_int_equal(ql_verify_token(&world.call, world.verifier, token, &identity), QL_OK);
        assert_int_equal(identity.role, QL_ROLE_PUBLISHER);
        assert_string_equal(identity.subject, USER_ID);
    }
    assert_int_equal(ql_token_event_grant(&world.call, token, &grant), QL_OK);
    assert_string_equal(grant, "monster.killed arena.*");
    memset(long_grant, 'a', sizeof(long_grant) - 1);
    long_grant[sizeof(long_grant) - 1] = '\0';
    assert_int_equal(
        ql_sign_publisher_token(&world.call, world.user_signer, USER_ID, long_grant, token),
        QL_INTERNAL);
    assert_int_equal(ql_sign_publisher_token(&world.call, world.user_signer, USER_ID, "", token),
                     QL_INTERNAL);
    assert_int_equal(
        ql_sign_publisher_token(&world.call, world.catalog_signer, USER_ID, "a.b", token),
        QL_INTERNAL);
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_USER, token), QL_OK);
    assert_int_equal(ql_token_event_grant(&world.call, token, &grant), QL_UNAUTHENTICATED);
}

static void test_service_token_is_accepted_by_its_audience(void **state)
{
    char token[QL_TOKEN_MAX];

    (void)state;
    assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, "catalog", token),
                     QL_OK);
    assert_accepted(token, QL_ROLE_SERVICE, "user");
    assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, "processing", token),
                     QL_OK);
    assert_refused("another audience", token, "TOKEN_NOT_TRUSTED");
}

static void test_service_token_is_signed_once_per_audience(void **state)
{
    char first[QL_TOKEN_MAX], again[QL_TOKEN_MAX], audience[16];

    (void)state;
    assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, "catalog", first),
                     QL_OK);
    assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, "catalog", again),
                     QL_OK);
    assert_string_equal(first, again);
    for (int i = 0; i < 40; i++) { /* more audiences than are kept */
        snprintf(audience, sizeof(audience), "other%d", i);
        assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, audience, again),
                         QL_OK);
        assert_string_not_equal(first, again);
    }
}

static void test_only_user_signs_user_tokens_and_only_for_users(void **state)
{
    char token[QL_TOKEN_MAX];

    (void)state;
    assert_int_equal(
        ql_sign_user_token(&world.call, world.catalog_signer, USER_ID, QL_ROLE_USER, token),
        QL_INTERNAL);
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_SERVICE, token),
        QL_INTERNAL);
    assert_int_equal(
        ql_sign_service_token(&world.call, world.user_signer, QL_ACCOUNT_AUDIENCE, token),
        QL_INTERNAL);
}

static void test_signer_wants_its_own_key_in_the_jwks(void **state)
{
    char error[256] = "";

    (void)state;
    assert_null(ql_signer_new("user", world.stranger, world.jwks, error, sizeof(error)));
    assert_non_null(strstr(error, "does not hold the public key"));
    assert_null(ql_signer_new("user", world.catalog, world.jwks, error, sizeof(error)));
    assert_non_null(strstr(error, "is the key of catalog, not of user"));
    assert_null(ql_signer_new("user", "/nowhere.pem", world.jwks, error, sizeof(error)));
    assert_non_null(strstr(error, "/nowhere.pem"));
    assert_null(ql_signer_new("user", world.jwks, world.jwks, error, sizeof(error)));
    assert_non_null(strstr(error, "no P-256 private key"));
    assert_null(ql_verifier_new("catalog", "/nowhere.json", error, sizeof(error)));
    assert_non_null(strstr(error, "/nowhere.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(test_signed_user_and_admin_tokens_are_accepted),
        TOKEN_TEST(test_only_publisher_tokens_carry_what_they_may_publish),
        TOKEN_TEST(test_service_token_is_accepted_by_its_audience),
        TOKEN_TEST(test_service_token_is_signed_once_per_audience),
        TOKEN_TEST(test_only_user_signs_user_tokens_and_only_for_users),
        TOKEN_TEST(test_signer_wants_its_own_key_in_the_jwks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
