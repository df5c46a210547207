/* Tests of tokens that were revoked before they expired. */
#include "platform/auth/key.h"
#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/arena.h"

#define USER_ID "0190a1b2-0000-7000-8000-000000000001"

static struct {
    char folder[64], key_file[96], jwks[96];
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_signer *signer;
} world;

static int set_up(void **state)
{
    char jwk[1024], error[256] = "";
    FILE *file;

    (void)state;
    snprintf(world.folder, sizeof(world.folder), "/tmp/ql-verifier-test-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    snprintf(world.key_file, sizeof(world.key_file), "%s/user.pem", world.folder);
    snprintf(world.jwks, sizeof(world.jwks), "%s/jwks.json", world.folder);
    assert_true(ql_key_make("user", world.key_file, jwk, sizeof(jwk), error, sizeof(error)));
    file = fopen(world.jwks, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "{\"keys\":[%s]}", jwk) > 0);
    assert_int_equal(fclose(file), 0);
    world.arena = ql_arena_new(1 << 20);
    ql_call_init(&world.call, world.arena, "test", 60000);
    world.signer = ql_signer_new("user", world.key_file, world.jwks, error, sizeof(error));
    assert_non_null(world.signer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_signer_free(world.signer);
    ql_arena_free(world.arena);
    unlink(world.jwks);
    unlink(world.key_file);
    return rmdir(world.folder);
}

static void sign_of_session(enum ql_role role, int64_t generation, const char *session_id,
                            char ret_token[QL_TOKEN_MAX])
{
    struct ql_identity account = {.role = role, .subject = USER_ID, .generation = generation};

    snprintf(account.session_id, sizeof(account.session_id), "%s", session_id);
    assert_int_equal(ql_sign_account_token(&world.call, world.signer, &account, NULL, ret_token),
                     QL_OK);
}

static void assert_revoked(struct ql_verifier *verifier, const char *token)
{
    struct ql_identity identity;

    assert_int_equal(ql_verify_token(&world.call, verifier, token, &identity), QL_UNAUTHENTICATED);
    assert_string_equal(world.call.status.reason, "TOKEN_REVOKED");
    assert_false(ql_verify_token_cached(verifier, token, &identity));
}

static struct ql_verifier *verifier_new(void)
{
    char error[256] = "";
    struct ql_verifier *verifier = ql_verifier_new("catalog", world.jwks, error, sizeof(error));

    assert_string_equal(error, "");
    assert_non_null(verifier);
    return verifier;
}

static void test_revoked_tokens_are_refused_and_later_ones_are_not(void **state)
{
    static const char session[] = "0190a1b2-0000-7000-8000-0000000000aa";
    struct ql_verifier *verifier = verifier_new();
    char first[QL_TOKEN_MAX], unseen[QL_TOKEN_MAX], second[QL_TOKEN_MAX], third[QL_TOKEN_MAX];
    struct ql_identity identity;

    (void)state;
    sign_of_session(QL_ROLE_ADMIN, 0, session, first);
    sign_of_session(QL_ROLE_ADMIN, 0, session, unseen);
    assert_int_equal(ql_verify_token(&world.call, verifier, first, &identity), QL_OK);
    assert_string_equal(identity.session_id, session);
    ql_verifier_revoke(verifier, USER_ID, 1);
    assert_revoked(verifier, first);  /* which the cache knows as good */
    assert_revoked(verifier, unseen); /* which it does not */
    /* In the same second. */
    sign_of_session(QL_ROLE_ADMIN, 1, session, second);
    assert_int_equal(ql_verify_token(&world.call, verifier, second, &identity), QL_OK);
    assert_int_equal(identity.generation, 1);
    ql_verifier_revoke(verifier, session, 1);
    assert_revoked(verifier, second);
    sign_of_session(QL_ROLE_ADMIN, 1, "", third);
    assert_int_equal(ql_verify_token(&world.call, verifier, third, &identity), QL_OK);
    ql_verifier_free(verifier);
    verifier = verifier_new(); /* of another process: what that one learned stays with it */
    assert_int_equal(ql_verify_token(&world.call, verifier, first, &identity), QL_OK);
    ql_verifier_free(verifier);
}

static void test_administrators_wait_until_revocations_are_known(void **state)
{
    struct ql_verifier *verifier = verifier_new();
    char admin[QL_TOKEN_MAX], user[QL_TOKEN_MAX];
    struct ql_identity identity;

    (void)state;
    sign_of_session(QL_ROLE_ADMIN, 0, "", admin);
    sign_of_session(QL_ROLE_USER, 0, "", user);
    ql_verifier_set_knows_revocations(verifier, false);
    for (int i = 0; i < 2; i++) { /* the second time from the cache */
        assert_int_equal(ql_verify_token(&world.call, verifier, user, &identity), QL_OK);
        assert_int_equal(ql_verify_token(&world.call, verifier, admin, &identity), QL_UNAVAILABLE);
        assert_string_equal(world.call.status.reason, "REVOCATIONS_UNKNOWN");
        assert_false(ql_verify_token_cached(verifier, admin, &identity));
    }
    ql_verifier_set_knows_revocations(verifier, true);
    assert_int_equal(ql_verify_token(&world.call, verifier, admin, &identity), QL_OK);
    ql_verifier_free(verifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revoked_tokens_are_refused_and_later_ones_are_not),
        cmocka_unit_test(test_administrators_wait_until_revocations_are_known),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
