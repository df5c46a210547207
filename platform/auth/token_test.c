/* Signing and verifying tokens; every token that must be refused is forged here
 * with libjwt itself. */
#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/auth/token_grant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "platform/auth/ec_key.h"
#include "platform/auth/key.h"
#include "platform/auth/key_set.h"
#include "platform/base/arena.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

enum { PATH_SIZE = 128, WAIT_MS = 20000 };

#define USER_ID "0190a1b2-0000-7000-8000-000000000001"

static struct {
    char dir[64];
    char jwks[PATH_SIZE];
    char user[PATH_SIZE], catalog[PATH_SIZE], stranger[PATH_SIZE]; /* key files */
    char user_jwk[QL_JWK_MAX], catalog_jwk[QL_JWK_MAX], stranger_jwk[QL_JWK_MAX];
    char user_kid[QL_KID_MAX], catalog_kid[QL_KID_MAX], stranger_kid[QL_KID_MAX];
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_signer *user_signer, *catalog_signer;
    struct ql_verifier *verifier; /* of catalog */
} world;

static void write_file(const char *path, const char *format, ...) QL_PRINTF(2, 3);

/* By renaming, as a keeper of keys would. */
static void write_file(const char *path, const char *format, ...)
{
    char fresh[PATH_SIZE + 8];
    va_list arguments;
    FILE *file;

    snprintf(fresh, sizeof(fresh), "%s.new", path);
    file = fopen(fresh, "w");
    assert_non_null(file);
    va_start(arguments, format);
    assert_true(vfprintf(file, format, arguments) >= 0);
    va_end(arguments);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static void make_key(const char *issuer, const char *name, char path[PATH_SIZE],
                     char jwk[QL_JWK_MAX], char kid[QL_KID_MAX])
{
    char error[256] = "";
    json_t *json;

    snprintf(path, PATH_SIZE, "%s/%s.pem", world.dir, name);
    if (!ql_key_make(issuer, path, jwk, QL_JWK_MAX, error, sizeof(error)))
        fail_msg("%s", error);
    json = json_loads(jwk, 0, NULL);
    assert_non_null(json);
    snprintf(kid, QL_KID_MAX, "%s", json_string_value(json_object_get(json, "kid")));
    json_decref(json);
}

static int set_up(void **state)
{
    char error[256] = "";

    (void)state;
    snprintf(world.dir, sizeof(world.dir), "/tmp/ql-token-test-XXXXXX");
    assert_non_null(mkdtemp(world.dir));
    snprintf(world.jwks, sizeof(world.jwks), "%s/jwks.json", world.dir);
    make_key("user", "user", world.user, world.user_jwk, world.user_kid);
    make_key("catalog", "catalog", world.catalog, world.catalog_jwk, world.catalog_kid);
    make_key("user", "stranger", world.stranger, world.stranger_jwk, world.stranger_kid);
    write_file(world.jwks, "{\"keys\":[%s,%s]}", world.user_jwk, world.catalog_jwk);
    world.arena = ql_arena_new(65536);
    ql_call_init(&world.call, world.arena, "test", 60000);
    world.user_signer = ql_signer_new("user", world.user, world.jwks, error, sizeof(error));
    world.catalog_signer =
        ql_signer_new("catalog", world.catalog, world.jwks, error, sizeof(error));
    world.verifier = ql_verifier_new("catalog", world.jwks, error, sizeof(error));
    assert_string_equal(error, "");
    assert_non_null(world.user_signer);
    assert_non_null(world.catalog_signer);
    assert_non_null(world.verifier);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ql_verifier_free(world.verifier);
    ql_signer_free(world.catalog_signer);
    ql_signer_free(world.user_signer);
    ql_arena_free(world.arena);
    unlink(world.jwks);
    unlink(world.user);
    unlink(world.catalog);
    unlink(world.stranger);
    return rmdir(world.dir);
}

/* The claims of a forged token; a NULL or 0 leaves the good value in place, and
 * "-" leaves the claim out. */
struct forgery {
    const char *what;
    const char *key_file, *kid; /* NULL: catalog's */
    const char *iss, *sub, *aud, *role;
    long iat, exp; /* seconds from now */
    const char *reason;
};

static void add_text(jwt_t *jwt, const char *name, const char *text, const char *good)
{
    if (text == NULL)
        text = good;
    if (strcmp(text, "-") != 0)
        assert_int_equal(jwt_add_grant(jwt, name, text), 0);
}

static void add_claims(jwt_t *jwt, const struct forgery *forgery)
{
    long now = (long)(ql_unix_ms() / 1000);

    add_text(jwt, "iss", forgery->iss, "catalog");
    add_text(jwt, "sub", forgery->sub, "catalog");
    add_text(jwt, "aud", forgery->aud, "catalog");
    add_text(jwt, "role", forgery->role, "service");
    jwt_add_grant_int(jwt, "iat", now + forgery->iat);
    jwt_add_grant_int(jwt, "exp", now + (forgery->exp != 0 ? forgery->exp : 60));
}

static void forge_with(const struct forgery *forgery, jwt_alg_t alg, const char *key,
                       char ret_token[QL_TOKEN_MAX])
{
    jwt_t *jwt = NULL;
    char *text;

    assert_int_equal(jwt_new(&jwt), 0);
    if (forgery->kid == NULL || strcmp(forgery->kid, "-") != 0)
        jwt_add_header(jwt, "kid", forgery->kid != NULL ? forgery->kid : world.catalog_kid);
    add_claims(jwt, forgery);
    assert_int_equal(
        jwt_set_alg(jwt, alg, (const unsigned char *)key, key != NULL ? (int)strlen(key) : 0), 0);
    text = jwt_encode_str(jwt);
    assert_non_null(text);
    snprintf(ret_token, QL_TOKEN_MAX, "%s", text);
    free(text);
    jwt_free(jwt);
}

static void forge(const struct forgery *forgery, char ret_token[QL_TOKEN_MAX])
{
    const char *key_file = forgery->key_file != NULL ? forgery->key_file : world.catalog;
    char error[256] = "";
    size_t length;
    char *pem = qli_key_file_read(key_file, &length, error, sizeof(error));

    assert_non_null(pem);
    forge_with(forgery, JWT_ALG_ES256, pem, ret_token);
    free(pem);
}

static void assert_refused(const char *what, const char *token, const char *reason)
{
    struct ql_identity identity = {0};

    ql_call_clear_status(&world.call);
    if (ql_verify_token(&world.call, world.verifier, token, &identity) != QL_UNAUTHENTICATED ||
        strcmp(world.call.status.reason, reason) != 0)
        fail_msg("%s: %d %s instead of %s", what, (int)world.call.status.code,
                 world.call.status.reason, reason);
    assert_int_equal(identity.role, QL_ROLE_NONE);
    assert_false(ql_verify_token_cached(world.verifier, token, &identity));
    if (strlen(token) > 20)
        assert_null(strstr(world.call.status.message, token));
}

static void assert_accepted(const char *token, enum ql_role role, const char *subject)
{
    struct ql_identity identity = {0};

    ql_call_clear_status(&world.call);
    if (ql_verify_token(&world.call, world.verifier, token, &identity) != QL_OK)
        fail_msg("%s: %s", world.call.status.reason, world.call.status.message);
    assert_int_equal(identity.role, role);
    assert_string_equal(identity.subject, subject);
}

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
    assert_int_equal(ql_sign_service_token(&world.call, world.user_signer, QL_USER_AUDIENCE, token),
                     QL_INTERNAL);
}

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

#define TOKEN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(test_signed_user_and_admin_tokens_are_accepted),
        TOKEN_TEST(test_only_publisher_tokens_carry_what_they_may_publish),
        TOKEN_TEST(test_service_token_is_accepted_by_its_audience),
        TOKEN_TEST(test_service_token_is_signed_once_per_audience),
        TOKEN_TEST(test_only_user_signs_user_tokens_and_only_for_users),
        TOKEN_TEST(test_claims_that_lie_are_refused),
        TOKEN_TEST(test_token_within_the_clock_skew_is_accepted),
        TOKEN_TEST(test_clock_skew_is_what_it_is_set_to),
        TOKEN_TEST(test_hmac_with_the_public_key_is_refused),
        TOKEN_TEST(test_unsigned_token_is_refused),
        TOKEN_TEST(test_es384_and_a_lying_header_are_refused),
        TOKEN_TEST(test_every_changed_character_is_refused),
        TOKEN_TEST(test_what_is_no_jwt_is_malformed),
        TOKEN_TEST(test_only_verified_tokens_are_cached),
        TOKEN_TEST(test_changed_jwks_brings_keys_and_takes_them_from_the_cache),
        TOKEN_TEST(test_broken_jwks_keeps_the_old_keys_and_warns_once),
        TOKEN_TEST(test_signer_wants_its_own_key_in_the_jwks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
