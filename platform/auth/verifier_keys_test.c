/* Tests of the verifier's cache, and of a JWKS file that changes. */
#include "platform/auth/verifier.h"

#include "platform/auth/testing/token_fixture.h"

static void test_only_verified_tokens_are_cached(void **state)
{
    struct ql_identity identity = {0};
    char token[QL_TOKEN_MAX];

    (void)state;
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_USER, token), QL_OK);
    assert_false(ql_verify_token_cached(world.verifier, token, &identity));
    assert_accepted(token, QL_ROLE_USER, USER_ID);
    assert_true(ql_verify_token_cached(world.verifier, token, &identity));
    assert_int_equal(identity.role, QL_ROLE_USER);
    assert_string_equal(identity.subject, USER_ID);
}

static void wait_for_result(const char *token, enum ql_code code)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    struct ql_identity identity;

    while (ql_verify_token(&world.call, world.verifier, token, &identity) != code) {
        assert_true(ql_monotonic_ms() < deadline_ms);
        ql_sleep_ms(20, NULL);
    }
}

static void test_changed_jwks_brings_keys_and_takes_them_from_the_cache(void **state)
{
    const struct forgery forgery = {.key_file = world.stranger,
                                    .kid = world.stranger_kid,
                                    .iss = "user",
                                    .sub = USER_ID,
                                    .aud = "questline",
                                    .role = "user"};
    char token[QL_TOKEN_MAX];
    struct ql_identity identity;

    (void)state;
    forge(&forgery, token);
    assert_refused("not yet known", token, "TOKEN_NOT_TRUSTED");
    write_file(world.jwks, "{\"keys\":[%s,%s]}", world.stranger_jwk, world.catalog_jwk);
    wait_for_result(token, QL_OK);
    assert_true(ql_verify_token_cached(world.verifier, token, &identity));
    write_file(world.jwks, "{\"keys\":[%s]}", world.catalog_jwk);
    wait_for_result(token, QL_UNAUTHENTICATED);
    assert_false(ql_verify_token_cached(world.verifier, token, &identity));
}

static void test_broken_jwks_keeps_the_old_keys_and_warns_once(void **state)
{
    const struct forgery good = {0};
    const struct forgery foreign = {.key_file = world.stranger,
                                    .kid = world.stranger_kid,
                                    .iss = "user",
                                    .sub = USER_ID,
                                    .aud = "questline",
                                    .role = "user"};
    char token[QL_TOKEN_MAX], foreign_token[QL_TOKEN_MAX], line[4096] = "";
    int log[2];

    (void)state;
    assert_int_equal(pipe(log), 0);
    ql_log_redirect(log[1]);
    forge(&good, token);
    forge(&foreign, foreign_token);
    write_file(world.jwks, "{\"keys\":[%s", world.stranger_jwk);
    for (int64_t end = ql_monotonic_ms() + 2500; ql_monotonic_ms() < end; ql_sleep_ms(50, NULL))
        assert_accepted(token, QL_ROLE_SERVICE, "catalog"); /* two looks and more */
    ql_log_redirect(STDERR_FILENO);
    close(log[1]);
    assert_true(read(log[0], line, sizeof(line) - 1) > 0);
    close(log[0]);
    assert_non_null(strstr(line, "\"level\":\"warn\""));
    assert_non_null(strstr(line, world.jwks));
    assert_ptr_equal(strchr(line, '\n'), strrchr(line, '\n'));
    write_file(world.jwks, "{\"keys\":[%s,%s]}", world.stranger_jwk, world.catalog_jwk);
    wait_for_result(foreign_token, QL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(test_only_verified_tokens_are_cached),
        TOKEN_TEST(test_changed_jwks_brings_keys_and_takes_them_from_the_cache),
        TOKEN_TEST(test_broken_jwks_keeps_the_old_keys_and_warns_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
