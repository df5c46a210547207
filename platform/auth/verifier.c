/* Verifying tokens: form, key, signature, then issuer, role, audience and times. */
#include "platform/auth/verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "platform/auth/ec_verify.h"
#include "platform/auth/jwt.h"
#include "platform/auth/key_watch.h"
#include "platform/auth/revocations.h"
#include "platform/auth/token_cache.h"
#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "questline/tokens.h"

enum {
    AUDIENCE_SIZE = 64,
    DEFAULT_SKEW_S = 5,
    MS_PER_S = 1000,
};

struct ql_verifier {
    char audience[AUDIENCE_SIZE];
    int64_t skew_s;
    struct qli_key_watch *keys;
    struct qli_token_cache *cache;
    struct qli_revocations *revocations;
    _Atomic bool is_blind; /* the revocations of the last minutes are not known yet */
};

static void release_key(struct evp_pkey_st **key)
{
    qli_ec_public_release(*key);
}

struct ql_verifier *ql_verifier_new(const char *audience, const char *jwks_file, char *error,
                                    size_t error_size)
{
    struct ql_verifier *verifier;

    if (audience[0] == '\0' || strlen(audience) >= AUDIENCE_SIZE) {
        snprintf(error, error_size, "\"%.64s\" is no audience", audience);
        return NULL;
    }
    verifier = calloc(1, sizeof(*verifier));
    if (verifier == NULL || sodium_init() < 0) {
        snprintf(error, error_size, "out of memory");
        free(verifier);
        return NULL;
    }
    verifier->skew_s = DEFAULT_SKEW_S;
    snprintf(verifier->audience, sizeof(verifier->audience), "%s", audience);
    verifier->keys = qli_key_watch_new(jwks_file, error, error_size);
    if (verifier->keys == NULL) {
        ql_verifier_free(verifier);
        return NULL;
    }
    verifier->cache = qli_token_cache_new();
    verifier->revocations = qli_revocations_new();
    if (verifier->cache == NULL || verifier->revocations == NULL) {
        snprintf(error, error_size, "out of memory");
        ql_verifier_free(verifier);
        return NULL;
    }
    return verifier;
}

void ql_verifier_free(struct ql_verifier *verifier)
{
    if (verifier == NULL)
        return;
    qli_token_cache_free(verifier->cache);
    qli_revocations_free(verifier->revocations);
    qli_key_watch_free(verifier->keys);
    free(verifier);
}

void ql_verifier_set_clock_skew(struct ql_verifier *verifier, int64_t skew_ms)
{
    verifier->skew_s = (skew_ms + MS_PER_S - 1) / MS_PER_S;
}

void ql_verifier_revoke(struct ql_verifier *verifier, const char *id, int64_t generation)
{
    /* Twice the skew: the verifier's own, and that of the clock which revoked. */
    int64_t forget_ms = ql_unix_ms() + (QL_ACCOUNT_TOKEN_LIFE_S + 2 * verifier->skew_s) * MS_PER_S;

    qli_revocations_put(verifier->revocations, id, generation, forget_ms);
}

void ql_verifier_set_knows_revocations(struct ql_verifier *verifier, bool knows)
{
    verifier->is_blind = !knows;
}

/* The roles of accounts. */
static enum ql_code read_account_role(struct ql_call *call, const struct qli_claims *claims,
                                      enum ql_role *ret_role)
{
    if (strcmp(claims->role, "user") == 0)
        *ret_role = QL_ROLE_USER;
    else if (strcmp(claims->role, "admin") == 0)
        *ret_role = QL_ROLE_ADMIN;
    else if (strcmp(claims->role, "publisher") == 0)
        *ret_role = QL_ROLE_PUBLISHER;
    else
        return qli_token_not_trusted(call, "has an unknown role");
    if (*ret_role == QL_ROLE_PUBLISHER &&
        (claims->event_grant == NULL || strlen(claims->event_grant) >= QL_EVENT_GRANT_SIZE))
        return qli_token_not_trusted(call, "is a publisher's and grants nothing");
    return QL_OK;
}

/* Checks that issuer, subject and audience are those of the role. */
static enum ql_code check_role(struct ql_call *call, const struct ql_verifier *verifier,
                               const struct qli_claims *claims, enum ql_role *ret_role)
{
    enum ql_code rc;

    if (strcmp(claims->role, "service") == 0) {
        if (strcmp(claims->issuer, claims->subject) != 0)
            return qli_token_not_trusted(call, "names a service that did not sign it");
        if (strcmp(claims->audience, verifier->audience) != 0 ||
            strcmp(claims->audience, QL_ACCOUNT_AUDIENCE) == 0)
            return qli_token_not_trusted(call, "is for another audience");
        *ret_role = QL_ROLE_SERVICE;
        return QL_OK;
    }
    rc = read_account_role(call, claims, ret_role);
    if (rc != QL_OK)
        return rc;
    if (strcmp(claims->issuer, ACCOUNT_TOKEN_ISSUER) != 0)
        return qli_token_not_trusted(call, "is from an issuer who has no users");
    if (strcmp(claims->audience, QL_ACCOUNT_AUDIENCE) != 0)
        return qli_token_not_trusted(call, "is for another audience");
    return QL_OK;
}

static enum ql_code check_time(struct ql_call *call, const struct qli_claims *claims,
                               int64_t skew_s)
{
    int64_t now_s = ql_unix_ms() / MS_PER_S;

    if (now_s >= claims->expires_s + skew_s)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_EXPIRED", "the token has expired");
    if (claims->issued_s > now_s + skew_s || claims->not_before_s > now_s + skew_s)
        return qli_token_not_trusted(call, "is from the future");
    return QL_OK;
}

static void fill_identity(const struct qli_claims *claims, enum ql_role role,
                          struct ql_identity *ret_identity)
{
    *ret_identity = (struct ql_identity){
        .role = role, .generation = claims->generation, .issued_s = claims->issued_s};
    snprintf(ret_identity->subject, sizeof(ret_identity->subject), "%s", claims->subject);
    if (claims->session_id != NULL && ql_uuid_is_valid(claims->session_id))
        snprintf(ret_identity->session_id, sizeof(ret_identity->session_id), "%s",
                 claims->session_id);
}

/* Verifies a token that is not in the cache, and adds it. */
static enum ql_code verify_new(struct ql_call *call, struct ql_verifier *verifier,
                               const char *token, struct ql_identity *ret_identity)
{
    QL_CLEANUP(release_key) struct evp_pkey_st *key = NULL;
    QL_CLEANUP(qli_claims_done) struct qli_claims claims = {0};
    char kid[QL_KID_MAX], owner[QL_ISSUER_MAX];
    struct qli_jwt_parts parts;
    enum ql_role role = QL_ROLE_NONE;
    uint64_t generation;
    enum ql_code rc;

    if (!qli_jwt_split(token, &parts))
        return qli_token_malformed(call);
    rc = qli_jwt_read_header(call, token, &parts, kid);
    if (rc != QL_OK)
        return rc;
    key = qli_key_watch_find(verifier->keys, kid, owner, &generation);
    if (key == NULL)
        return qli_token_not_trusted(call, "is signed with an unknown key");
    if (!qli_jwt_is_signed(token, &parts, key))
        return qli_token_not_trusted(call, "is not signed by the key it names");
    rc = qli_jwt_read_claims(call, &parts, &claims);
    if (rc != QL_OK)
        return rc;
    if (strcmp(claims.issuer, owner) != 0)
        return qli_token_not_trusted(call, "is signed with the key of another issuer");
    rc = check_role(call, verifier, &claims, &role);
    if (rc != QL_OK)
        return rc;
    rc = check_time(call, &claims, verifier->skew_s);
    if (rc != QL_OK)
        return rc;
    fill_identity(&claims, role, ret_identity);
    qli_token_cache_put(verifier->cache, token, generation,
                        (claims.expires_s + verifier->skew_s) * MS_PER_S, ret_identity);
    return QL_OK;
}

static bool find_cached(struct ql_verifier *verifier, const char *token,
                        struct ql_identity *ret_identity)
{
    return qli_token_cache_get(verifier->cache, token, qli_key_watch_generation(verifier->keys),
                               ret_identity);
}

/* A valid token may have been revoked since it was issued. A service's own token is not
 * checked: it lives for a minute, and only the service can sign one. */
static enum ql_code check_revocations(struct ql_call *call, const struct ql_verifier *verifier,
                                      const struct ql_identity *identity)
{
    if (identity->role == QL_ROLE_SERVICE)
        return QL_OK;
    if (qli_revocations_hit(verifier->revocations, identity))
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_REVOKED",
                       "the token was revoked: refresh the session or sign in again");
    if (identity->role == QL_ROLE_ADMIN && verifier->is_blind)
        return ql_fail(call, QL_UNAVAILABLE, "REVOCATIONS_UNKNOWN",
                       "the service does not know yet which tokens were revoked");
    return QL_OK;
}

enum ql_code ql_verify_token(struct ql_call *call, struct ql_verifier *verifier, const char *token,
                             struct ql_identity *ret_identity)
{
    struct ql_identity identity;
    enum ql_code rc;

    if (strnlen(token, QL_TOKEN_MAX) == QL_TOKEN_MAX)
        return qli_token_malformed(call);
    qli_key_watch_refresh(verifier->keys);
    if (!find_cached(verifier, token, &identity)) {
        rc = verify_new(call, verifier, token, &identity);
        if (rc != QL_OK)
            return rc;
    }
    rc = check_revocations(call, verifier, &identity);
    if (rc == QL_OK)
        *ret_identity = identity;
    return rc;
}

void ql_verifier_write_jwks(struct ql_verifier *verifier, struct ql_buffer *out)
{
    qli_key_watch_refresh(verifier->keys);
    qli_key_watch_write(verifier->keys, out);
}

uint64_t ql_verifier_generation(struct ql_verifier *verifier)
{
    qli_key_watch_refresh(verifier->keys);
    return qli_key_watch_generation(verifier->keys);
}

bool ql_verify_token_cached(struct ql_verifier *verifier, const char *token,
                            struct ql_identity *ret_identity)
{
    /* Reading a changed file takes too long for an event loop: ql_verify_token does it. */
    if (!qli_key_watch_is_current(verifier->keys) || strnlen(token, QL_TOKEN_MAX) == QL_TOKEN_MAX ||
        !find_cached(verifier, token, ret_identity))
        return false;
    return ret_identity->role == QL_ROLE_SERVICE ||
           (!qli_revocations_hit(verifier->revocations, ret_identity) &&
            (ret_identity->role != QL_ROLE_ADMIN || !verifier->is_blind));
}
