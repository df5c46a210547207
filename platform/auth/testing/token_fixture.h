/* For tests of tokens: keys of two services, a JWKS file, signers, a verifier, and forged
 * tokens. */
#ifndef QL_AUTH_TOKEN_FIXTURE_H
#define QL_AUTH_TOKEN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <jwt.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sodium.h>

#include <cmocka.h>

#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/auth/token_grant.h"
#include "platform/auth/ec_key.h"
#include "platform/auth/key.h"
#include "platform/auth/key_set.h"
#include "platform/base/arena.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

#define USER_ID "0190a1b2-0000-7000-8000-000000000001"

#define TOKEN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

enum { PATH_SIZE = 128, WAIT_MS = 20000 };

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

static inline void write_file(const char *path, const char *format, ...) QL_PRINTF(2, 3);

/* By renaming, so that readers never see an incomplete file. */
static inline void write_file(const char *path, const char *format, ...)
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

static inline void make_key(const char *issuer, const char *name, char path[PATH_SIZE],
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

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
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

static inline void add_text(jwt_t *jwt, const char *name, const char *text, const char *good)
{
    if (text == NULL)
        text = good;
    if (strcmp(text, "-") != 0)
        assert_int_equal(jwt_add_grant(jwt, name, text), 0);
}

static inline void add_claims(jwt_t *jwt, const struct forgery *forgery)
{
    long now = (long)(ql_unix_ms() / 1000);

    add_text(jwt, "iss", forgery->iss, "catalog");
    add_text(jwt, "sub", forgery->sub, "catalog");
    add_text(jwt, "aud", forgery->aud, "catalog");
    add_text(jwt, "role", forgery->role, "service");
    jwt_add_grant_int(jwt, "iat", now + forgery->iat);
    jwt_add_grant_int(jwt, "exp", now + (forgery->exp != 0 ? forgery->exp : 60));
}

static inline void forge_with(const struct forgery *forgery, jwt_alg_t alg, const char *key,
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

static inline void forge(const struct forgery *forgery, char ret_token[QL_TOKEN_MAX])
{
    const char *key_file = forgery->key_file != NULL ? forgery->key_file : world.catalog;
    char error[256] = "";
    size_t length;
    char *pem = qli_key_file_read(key_file, &length, error, sizeof(error));

    assert_non_null(pem);
    forge_with(forgery, JWT_ALG_ES256, pem, ret_token);
    free(pem);
}

static inline void assert_refused(const char *what, const char *token, const char *reason)
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

static inline void assert_accepted(const char *token, enum ql_role role, const char *subject)
{
    struct ql_identity identity = {0};

    ql_call_clear_status(&world.call);
    if (ql_verify_token(&world.call, world.verifier, token, &identity) != QL_OK)
        fail_msg("%s: %s", world.call.status.reason, world.call.status.message);
    assert_int_equal(identity.role, role);
    assert_string_equal(identity.subject, subject);
}

#endif
