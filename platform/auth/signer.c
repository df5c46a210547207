/* Signing by libjwt, and the signer's own tokens, which are reused. */
#include "platform/auth/signer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <sodium.h>

#include "platform/auth/ec_key.h"
#include "platform/auth/key_set.h"
#include "platform/base/clock.h"
#include "platform/base/digest.h"
#include "platform/base/id.h"
#include "questline/tokens.h"

enum { AUDIENCES_MAX = 16, AUDIENCE_SIZE = 64, MS_PER_S = 1000 };

struct service_token {
    char audience[AUDIENCE_SIZE]; /* "": free */
    char token[QL_TOKEN_MAX];
    int64_t signed_at_ms; /* Unix time, as the token's own */
};

struct ql_signer {
    char issuer[QL_ISSUER_MAX];
    char kid[QL_KID_MAX];
    struct qli_ec_key key;
    pthread_mutex_t mutex; /* of the tokens */
    struct service_token tokens[AUDIENCES_MAX];
};

/* The claims in which the tokens of one signer differ. */
struct claims {
    const char *subject, *audience, *role;
    const char *event_grant; /* NULL: none */
    const char *session_id;  /* NULL: none */
    int64_t generation;      /* 0: not written */
    int64_t now_ms;
    int life_s;
};

static void free_jwt(jwt_t **jwt)
{
    jwt_free(*jwt);
}

static void free_set(struct qli_key_set **set)
{
    qli_key_set_free(*set);
}

/* Finds the kid of the signer's key in the JWKS file; false unless it is the issuer's. */
static bool find_kid(struct ql_signer *signer, const char *key_file, const char *jwks_file,
                     char *error, size_t error_size)
{
    QL_CLEANUP(free_set)
    struct qli_key_set *set = qli_key_set_load(jwks_file, error, error_size);
    const struct qli_public_key *public_key;

    if (set == NULL)
        return false;
    public_key = qli_key_set_find_point(set, &signer->key.point);
    if (public_key == NULL) {
        snprintf(error, error_size, "%s does not hold the public key of %s", jwks_file, key_file);
        return false;
    }
    if (strcmp(public_key->issuer, signer->issuer) != 0) {
        snprintf(error, error_size, "%s is the key of %s, not of %s", key_file, public_key->issuer,
                 signer->issuer);
        return false;
    }
    snprintf(signer->kid, sizeof(signer->kid), "%s", public_key->kid);
    return true;
}

struct ql_signer *ql_signer_new(const char *issuer, const char *key_file, const char *jwks_file,
                                char *error, size_t error_size)
{
    struct ql_signer *signer;

    if (!ql_issuer_is_valid(issuer)) {
        snprintf(error, error_size, "\"%.64s\" is no name for an issuer", issuer);
        return NULL;
    }
    signer = calloc(1, sizeof(*signer));
    if (signer == NULL || sodium_init() < 0) {
        snprintf(error, error_size, "out of memory");
        free(signer);
        return NULL;
    }
    pthread_mutex_init(&signer->mutex, NULL);
    snprintf(signer->issuer, sizeof(signer->issuer), "%s", issuer);
    if (!qli_ec_key_read(key_file, &signer->key, error, error_size) ||
        !find_kid(signer, key_file, jwks_file, error, error_size)) {
        ql_signer_free(signer);
        return NULL;
    }
    return signer;
}

void ql_signer_free(struct ql_signer *signer)
{
    if (signer == NULL)
        return;
    qli_ec_key_done(&signer->key);
    pthread_mutex_destroy(&signer->mutex);
    sodium_memzero(signer, sizeof(*signer));
    free(signer);
}

void ql_signer_derive(const struct ql_signer *signer, const char *purpose,
                      struct ql_digest_key *ret_secret)
{
    struct ql_digest_key key;

    ql_digest_key_from(&key, signer->key.pem, strlen(signer->key.pem));
    crypto_generichash(ret_secret->bytes, sizeof(ret_secret->bytes), (const unsigned char *)purpose,
                       strlen(purpose), key.bytes, sizeof(key.bytes));
    sodium_memzero(&key, sizeof(key));
}

static bool fill_jwt(jwt_t *jwt, const struct ql_signer *signer, const struct claims *claims)
{
    long now_s = (long)(claims->now_ms / MS_PER_S);
    char jti[QL_UUID_SIZE];

    ql_uuid_new(jti);
    return jwt_add_header(jwt, "kid", signer->kid) == 0 &&
           jwt_add_grant(jwt, "iss", signer->issuer) == 0 &&
           jwt_add_grant(jwt, "sub", claims->subject) == 0 &&
           jwt_add_grant(jwt, "aud", claims->audience) == 0 &&
           jwt_add_grant(jwt, "role", claims->role) == 0 && jwt_add_grant(jwt, "jti", jti) == 0 &&
           (claims->event_grant == NULL || jwt_add_grant(jwt, "evt", claims->event_grant) == 0) &&
           (claims->session_id == NULL || jwt_add_grant(jwt, "sid", claims->session_id) == 0) &&
           (claims->generation == 0 ||
            jwt_add_grant_int(jwt, "gen", (long)claims->generation) == 0) &&
           jwt_add_grant_int(jwt, "iat", now_s) == 0 &&
           jwt_add_grant_int(jwt, "exp", now_s + claims->life_s) == 0 &&
           jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)signer->key.pem,
                       (int)strlen(signer->key.pem)) == 0;
}

static enum ql_code sign_claims(struct ql_call *call, const struct ql_signer *signer,
                                const struct claims *claims, char ret_token[QL_TOKEN_MAX])
{
    QL_CLEANUP(free_jwt) jwt_t *jwt = NULL;
    char *token = NULL;
    int length = QL_TOKEN_MAX;

    if (jwt_new(&jwt) == 0 && fill_jwt(jwt, signer, claims))
        token = jwt_encode_str(jwt);
    if (token != NULL)
        length = snprintf(ret_token, QL_TOKEN_MAX, "%s", token);
    free(token);
    if (length >= QL_TOKEN_MAX)
        return ql_fail(call, QL_INTERNAL, "TOKEN_NOT_SIGNED", "a token could not be signed");
    return QL_OK;
}

static const char *account_role_name(enum ql_role role)
{
    switch (role) {
    case QL_ROLE_USER:
        return "user";
    case QL_ROLE_ADMIN:
        return "admin";
    case QL_ROLE_PUBLISHER:
        return "publisher";
    case QL_ROLE_NONE:
    case QL_ROLE_SERVICE:
        break;
    }
    return NULL;
}

/* True for a grant that verifiers accept. */
static bool is_grant(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) < QL_EVENT_GRANT_SIZE;
}

enum ql_code ql_sign_account_token(struct ql_call *call, struct ql_signer *signer,
                                   const struct ql_identity *account, const char *event_grant,
                                   char ret_token[QL_TOKEN_MAX])
{
    bool is_publisher = account->role == QL_ROLE_PUBLISHER;
    struct claims claims = {
        .subject = account->subject,
        .audience = QL_ACCOUNT_AUDIENCE,
        .role = account_role_name(account->role),
        .event_grant = is_publisher ? event_grant : NULL,
        .session_id = account->session_id[0] != '\0' ? account->session_id : NULL,
        .generation = account->generation,
        .now_ms = ql_unix_ms(),
        .life_s = QL_ACCOUNT_TOKEN_LIFE_S,
    };

    /* No verifier would accept such a token. */
    if (strcmp(signer->issuer, ACCOUNT_TOKEN_ISSUER) != 0 || claims.role == NULL)
        return ql_fail(call, QL_INTERNAL, "TOKEN_NOT_SIGNED",
                       "%s cannot sign an account's token with role %d", signer->issuer,
                       (int)account->role);
    if (account->subject[0] == '\0' || (is_publisher && !is_grant(event_grant)) ||
        account->generation < 0)
        return ql_fail(call, QL_INTERNAL, "TOKEN_NOT_SIGNED",
                       "the account has no subject, no grant or a negative generation");
    return sign_claims(call, signer, &claims, ret_token);
}

/* A text that does not fit is not cut but becomes "", which is never signed. */
static void copy_whole(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", strlen(text) < size ? text : "");
}

enum ql_code ql_sign_user_token(struct ql_call *call, struct ql_signer *signer, const char *user_id,
                                enum ql_role role, char ret_token[QL_TOKEN_MAX])
{
    struct ql_identity account = {.role = role};

    copy_whole(account.subject, sizeof(account.subject), user_id);
    return ql_sign_account_token(call, signer, &account, NULL, ret_token);
}

enum ql_code ql_sign_publisher_token(struct ql_call *call, struct ql_signer *signer,
                                     const char *account_id, const char *event_grant,
                                     char ret_token[QL_TOKEN_MAX])
{
    struct ql_identity account = {.role = QL_ROLE_PUBLISHER};

    copy_whole(account.subject, sizeof(account.subject), account_id);
    return ql_sign_account_token(call, signer, &account, event_grant, ret_token);
}

/* By the clock of the token: after the clock is set back, the kept token's time of issue
 * would lie in the future, and it would be refused. */
static bool is_fresh(const struct service_token *kept, int64_t now_ms)
{
    int64_t age_ms = now_ms - kept->signed_at_ms;

    return age_ms >= 0 && age_ms < (int64_t)QL_SERVICE_TOKEN_LIFE_S * MS_PER_S / 2;
}

/* The audience's entry, else a free one, else the oldest. */
static struct service_token *choose_entry(struct ql_signer *signer, const char *audience)
{
    struct service_token *entry = &signer->tokens[0];

    for (size_t i = 0; i < AUDIENCES_MAX; i++) {
        struct service_token *kept = &signer->tokens[i];

        if (strcmp(kept->audience, audience) == 0)
            return kept;
        if (kept->signed_at_ms < entry->signed_at_ms)
            entry = kept;
    }
    return entry;
}

enum ql_code ql_sign_service_token(struct ql_call *call, struct ql_signer *signer,
                                   const char *audience, char ret_token[QL_TOKEN_MAX])
{
    struct claims claims = {.subject = signer->issuer,
                            .audience = audience,
                            .role = "service",
                            .now_ms = ql_unix_ms(),
                            .life_s = QL_SERVICE_TOKEN_LIFE_S};
    struct service_token *entry;
    enum ql_code rc = QL_OK;

    if (audience[0] == '\0' || strlen(audience) >= AUDIENCE_SIZE ||
        strcmp(audience, QL_ACCOUNT_AUDIENCE) == 0)
        return ql_fail(call, QL_INTERNAL, "TOKEN_NOT_SIGNED",
                       "\"%.64s\" is no service to sign a token for", audience);
    pthread_mutex_lock(&signer->mutex);
    entry = choose_entry(signer, audience);
    if (strcmp(entry->audience, audience) == 0 && is_fresh(entry, claims.now_ms)) {
        memcpy(ret_token, entry->token, sizeof(entry->token));
    } else {
        rc = sign_claims(call, signer, &claims, ret_token);
        if (rc == QL_OK) {
            snprintf(entry->audience, sizeof(entry->audience), "%s", audience);
            snprintf(entry->token, sizeof(entry->token), "%s", ret_token);
            entry->signed_at_ms = claims.now_ms;
        }
    }
    pthread_mutex_unlock(&signer->mutex);
    return rc;
}
