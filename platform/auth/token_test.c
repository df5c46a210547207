/* Tests of forged and malformed tokens, which the verifier refuses. */
#include "platform/auth/token.h"

#include "platform/auth/testing/token_fixture.h"

static void test_claims_that_lie_are_refused(void **state)
{
    const struct forgery cases[] = {
        {"catalog's key, user's name", NULL, NULL, "user", "user", NULL, NULL, 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"a publisher who is granted nothing", world.user, world.user_kid, "user", USER_ID,
         "questline", "publisher", 0, 0, "TOKEN_NOT_TRUSTED"},
        {"catalog's key, user's token", NULL, NULL, "user", USER_ID, "questline", "admin", 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"catalog has no users", NULL, NULL, NULL, USER_ID, "questline", "admin", 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"a service calls itself another", NULL, NULL, NULL, "user", NULL, NULL, 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"another audience", NULL, NULL, NULL, NULL, "user", NULL, 0, 0, "TOKEN_NOT_TRUSTED"},
        {"service with the users' audience", NULL, NULL, NULL, NULL, "questline", NULL, 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"user with a service's audience", world.user, world.user_kid, "user", USER_ID, NULL,
         "user", 0, 0, "TOKEN_NOT_TRUSTED"},
        {"a user as service", world.user, world.user_kid, "user", USER_ID, NULL, NULL, 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"unknown role", NULL, NULL, NULL, NULL, NULL, "root", 0, 0, "TOKEN_NOT_TRUSTED"},
        {"no role", NULL, NULL, NULL, NULL, NULL, "-", 0, 0, "TOKEN_NOT_TRUSTED"},
        {"no issuer", NULL, NULL, "-", NULL, NULL, NULL, 0, 0, "TOKEN_NOT_TRUSTED"},
        {"no audience", NULL, NULL, NULL, NULL, "-", NULL, 0, 0, "TOKEN_NOT_TRUSTED"},
        {"no subject", NULL, NULL, NULL, "-", NULL, NULL, 0, 0, "TOKEN_MALFORMED"},
        {"from the future", NULL, NULL, NULL, NULL, NULL, NULL, 60, 120, "TOKEN_NOT_TRUSTED"},
        {"expired", NULL, NULL, NULL, NULL, NULL, NULL, -60, -6, "TOKEN_EXPIRED"},
        {"kid of another key", NULL, world.user_kid, NULL, NULL, NULL, NULL, 0, 0,
         "TOKEN_NOT_TRUSTED"},
        {"unknown kid", NULL, "catalog-00ff", NULL, NULL, NULL, NULL, 0, 0, "TOKEN_NOT_TRUSTED"},
        {"no kid", NULL, "-", NULL, NULL, NULL, NULL, 0, 0, "TOKEN_NOT_TRUSTED"},
        {"foreign key", world.stranger, world.stranger_kid, "user", USER_ID, "questline", "user", 0,
         0, "TOKEN_NOT_TRUSTED"},
        {"foreign key, known kid", world.stranger, world.user_kid, "user", USER_ID, "questline",
         "user", 0, 0, "TOKEN_NOT_TRUSTED"},
    };
    const struct forgery good = {0};
    char token[QL_TOKEN_MAX];

    (void)state;
    forge(&good, token);
    assert_accepted(token, QL_ROLE_SERVICE, "catalog"); /* so the cases fail for their one lie */
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        forge(&cases[i], token);
        assert_refused(cases[i].what, token, cases[i].reason);
    }
}

static void test_token_within_the_clock_skew_is_accepted(void **state)
{
    const struct forgery late = {.iat = -60, .exp = -2}, early = {.iat = 3};
    char token[QL_TOKEN_MAX];

    (void)state;
    forge(&late, token);
    assert_accepted(token, QL_ROLE_SERVICE, "catalog");
    forge(&early, token);
    assert_accepted(token, QL_ROLE_SERVICE, "catalog");
}

static void test_clock_skew_is_what_it_is_set_to(void **state)
{
    const struct forgery late = {.iat = -60, .exp = -20}, early = {.iat = 20, .exp = 60};
    const struct forgery ended = {.iat = -60, .exp = -1};
    char token[QL_TOKEN_MAX];

    (void)state;
    ql_verifier_set_clock_skew(world.verifier, 0);
    forge(&ended, token);
    assert_refused("just ended", token, "TOKEN_EXPIRED");
    forge(&late, token);
    assert_refused("late", token, "TOKEN_EXPIRED");
    forge(&early, token);
    assert_refused("early", token, "TOKEN_NOT_TRUSTED");
    ql_verifier_set_clock_skew(world.verifier, 59001);
    assert_accepted(token, QL_ROLE_SERVICE, "catalog");
    forge(&late, token);
    assert_accepted(token, QL_ROLE_SERVICE, "catalog");
}

/* A public key as the text that an attacker would use as a secret. */
static void write_pem(struct evp_pkey_st *key, char *ret_pem, int size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int length;

    assert_non_null(bio);
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    length = BIO_read(bio, ret_pem, size - 1);
    assert_in_range(length, 1, size - 1);
    ret_pem[length] = '\0';
    BIO_free(bio);
}

static void test_hmac_with_the_public_key_is_refused(void **state)
{
    const struct forgery forgery = {0};
    char error[256] = "", token[QL_TOKEN_MAX], pem[512];
    struct qli_key_set *set = qli_key_set_load(world.jwks, error, sizeof(error));
    const struct qli_public_key *key = qli_key_set_find(set, world.catalog_kid);

    (void)state;
    assert_non_null(key);
    write_pem(key->key, pem, sizeof(pem));
    forge_with(&forgery, JWT_ALG_HS256, pem, token);
    assert_refused("HS256 with the public PEM", token, "TOKEN_NOT_TRUSTED");
    qli_key_set_free(set);
}

static void test_unsigned_token_is_refused(void **state)
{
    const struct forgery forgery = {0};
    char token[QL_TOKEN_MAX];

    (void)state;
    forge_with(&forgery, JWT_ALG_NONE, NULL, token);
    assert_refused("none, empty signature", token, "TOKEN_MALFORMED");
    snprintf(token + strlen(token), sizeof(token) - strlen(token), "AAAA");
    assert_refused("none, some signature", token, "TOKEN_NOT_TRUSTED");
}

static void test_es384_and_a_lying_header_are_refused(void **state)
{
    const struct forgery forgery = {0};
    char token[QL_TOKEN_MAX], changed[QL_TOKEN_MAX + 256], text[256], header[512];

    (void)state;
    forge(&forgery, token);
    snprintf(text, sizeof(text), "{\"alg\":\"ES384\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
             world.catalog_kid);
    sodium_bin2base64(header, sizeof(header), (unsigned char *)text, strlen(text),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(changed, sizeof(changed), "%s%s", header, strchr(token, '.'));
    assert_refused("ES384", changed, "TOKEN_NOT_TRUSTED");
    snprintf(text, sizeof(text), "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"%s\"}",
             world.catalog_kid);
    sodium_bin2base64(header, sizeof(header), (unsigned char *)text, strlen(text),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(changed, sizeof(changed), "%s%s", header, strchr(token, '.'));
    assert_refused("alg twice", changed, "TOKEN_MALFORMED");
}

static void test_every_changed_character_is_refused(void **state)
{
    char token[QL_TOKEN_MAX];
    size_t last;

    (void)state;
    assert_int_equal(
        ql_sign_user_token(&world.call, world.user_signer, USER_ID, QL_ROLE_USER, token), QL_OK);
    last = strlen(token) - 1; /* of its six bits two mean nothing: left out */
    for (size_t i = 0; i < last; i += 7) {
        char changed[QL_TOKEN_MAX];
        struct ql_identity identity;

        memcpy(changed, token, sizeof(token));
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_int_equal(ql_verify_token(&world.call, world.verifier, changed, &identity),
                         QL_UNAUTHENTICATED);
    }
    assert_accepted(token, QL_ROLE_USER, USER_ID);
}

static void test_what_is_no_jwt_is_malformed(void **state)
{
    char huge[QL_TOKEN_MAX + 64];
    const char *cases[] = {
        "",           ".",       "..",    "...",  "a.b",          "a.b.c.d",      "a..c",
        "a.b.c",      "a.b.c\n", "é.b.c", "a.b.", "Bearer a.b.c", "e30.e30.AA==", "bnVsbA.e30.AA",
        "W10.e30.AA", huge};

    (void)state;
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    huge[10] = huge[20] = '.';
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        assert_refused(cases[i], cases[i], "TOKEN_MALFORMED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(test_claims_that_lie_are_refused),
        TOKEN_TEST(test_token_within_the_clock_skew_is_accepted),
        TOKEN_TEST(test_clock_skew_is_what_it_is_set_to),
        TOKEN_TEST(test_hmac_with_the_public_key_is_refused),
        TOKEN_TEST(test_unsigned_token_is_refused),
        TOKEN_TEST(test_es384_and_a_lying_header_are_refused),
        TOKEN_TEST(test_every_changed_character_is_refused),
        TOKEN_TEST(test_what_is_no_jwt_is_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
