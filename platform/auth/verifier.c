/* Verifying tokens: form, key, signature, then what the claims may say.
 *
 * Traps of libjwt that this file is written around: without a key it accepts
 * anything; it takes the algorithm from the token, so that an HMAC made with the
 * public key's text would pass; it decodes expired tokens; it parses the key's
 * PEM at each call, which is what the cache is for. */
#include "platform/auth/token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <sodium.h>

#include "platform/auth/key_watch.h"
#include "platform/auth/revocations.h"
#include "platform/auth/token_cache.h"
#include "platform/base/clock.h"

enum {
    AUDIENCE_SIZE = 64,
    HEADER_MAX = 512,
    DEFAULT_SKEW_S = 5,
    MS_PER_S = 1000,
};

static const int64_t last_second = 253402300799; /* of the year 9999 */

struct ql_verifier {
    char audience[AUDIENCE_SIZE];
    int64_t skew_s;
    struct qli_key_watch *keys;
    struct qli_token_cache *cache;
    struct qli_revocations *revocations;
    _Atomic bool is_blind; /* the revocations of the last minutes are not known yet */
};

struct claims {
    const char *issuer, *subject, *audience, *role; /* NULL: absent or no text */
    const char *event_grant, *session_id;           /* likewise */
    int64_t issued_s, not_before_s, expires_s, generation;
};

static void free_jwt(jwt_t **jwt)
{
    jwt_free(*jwt);
}

static void free_json(json_t **json)
{
    json_decref(*json);
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
    /* A token's skew at its verifier, and a clock that is that much behind ours. */
    int64_t forget_ms = ql_unix_ms() + (QL_USER_TOKEN_LIFE_S + 2 * verifier->skew_s) * MS_PER_S;

    qli_revocations_put(verifier->revocations, id, generation, forget_ms);
}

void ql_verifier_set_knows_revocations(struct ql_verifier *verifier, bool knows)
{
    verifier->is_blind = !knows;
}

static enum ql_code malformed(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MALFORMED", "the token is no JWT");
}

static enum ql_code not_trusted(struct ql_call *call, const char *why)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_NOT_TRUSTED", "the token %s", why);
}

/* Three parts of base64url, the first and the last not empty. libjwt's decoder
 * would pass over other characters. */
static bool is_compact_jwt(const char *token)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = token;

    for (int part = 0; part < 3; part++) {
        size_t length = strspn(at, alphabet);

        if (length == 0 || at[length] != (part < 2 ? '.' : '\0'))
            return false;
        at += length + 1;
    }
    return true;
}

/* Which key the token wants, read before anything in it is believed. */
static enum ql_code read_header(struct ql_call *call, const char *token, char ret_kid[QL_KID_MAX])
{
    QL_CLEANUP(free_json) json_t *header = NULL;
    unsigned char bytes[HEADER_MAX];
    const char *alg, *kid;
    size_t length;

    if (sodium_base642bin(bytes, sizeof(bytes), token, strcspn(token, "."), NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return malformed(call);
    header = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(header))
        return malformed(call);
    alg = json_string_value(json_object_get(header, "alg"));
    kid = json_string_value(json_object_get(header, "kid"));
    if (alg == NULL || strcmp(alg, "ES256") != 0)
        return not_trusted(call, "is not signed with ES256");
    if (json_object_get(header, "crit") != NULL)
        return not_trusted(call, "demands what is not understood (crit)");
    if (kid == NULL || strlen(kid) >= QL_KID_MAX)
        return not_trusted(call, "names no key");
    snprintf(ret_kid, QL_KID_MAX, "%s", kid);
    return QL_OK;
}

/* A number that is not negative, such as a second; false when it is there and is
 * none. Absent gives fallback. */
static bool read_second(jwt_t *jwt, const char *name, int64_t fallback, int64_t *ret_second)
{
    errno = 0;
    *ret_second = jwt_get_grant_int(jwt, name);
    if (errno == ENOENT) {
        *ret_second = fallback;
        return true;
    }
    return errno == 0 && *ret_second >= 0 && *ret_second <= last_second;
}

static enum ql_code read_claims(struct ql_call *call, jwt_t *jwt, struct claims *ret_claims)
{
    struct claims *claims = ret_claims;

    claims->issuer = jwt_get_grant(jwt, "iss");
    claims->subject = jwt_get_grant(jwt, "sub");
    claims->audience = jwt_get_grant(jwt, "aud");
    claims->role = jwt_get_grant(jwt, "role");
    claims->event_grant = jwt_get_grant(jwt, "evt");
    claims->session_id = jwt_get_grant(jwt, "sid");
    if (!read_second(jwt, "iat", -1, &claims->issued_s) ||
        !read_second(jwt, "nbf", 0, &claims->not_before_s) ||
        !read_second(jwt, "exp", -1, &claims->expires_s) ||
        !read_second(jwt, "gen", 0, &claims->generation) || claims->issued_s < 0 ||
        claims->expires_s < 0 || claims->subject == NULL || claims->subject[0] == '\0' ||
        strlen(claims->subject) >= sizeof(call->identity.subject))
        return malformed(call);
    if (claims->issuer == NULL || claims->audience == NULL || claims->role == NULL)
        return not_trusted(call, "has no issuer, audience or role");
    return QL_OK;
}

/* What the user service's accounts are called. */
static enum ql_code read_account_role(struct ql_call *call, const struct claims *claims,
                                      enum ql_role *ret_role)
{
    if (strcmp(claims->role, "user") == 0)
        *ret_role = QL_ROLE_USER;
    else if (strcmp(claims->role, "admin") == 0)
        *ret_role = QL_ROLE_ADMIN;
    else if (strcmp(claims->role, "publisher") == 0)
        *ret_role = QL_ROLE_PUBLISHER;
    else
        return not_trusted(call, "has an unknown role");
    if (*ret_role == QL_ROLE_PUBLISHER &&
        (claims->event_grant == NULL || strlen(claims->event_grant) >= QL_EVENT_GRANT_SIZE))
        return not_trusted(call, "is a publisher's and grants nothing");
    return QL_OK;
}

/* Who may call himself what. */
static enum ql_code check_role(struct ql_call *call, const struct ql_verifier *verifier,
                               const struct claims *claims, enum ql_role *ret_role)
{
    enum ql_code rc;

    if (strcmp(claims->role, "service") == 0) {
        if (strcmp(claims->issuer, claims->subject) != 0)
            return not_trusted(call, "names a service that did not sign it");
        if (strcmp(claims->audience, verifier->audience) != 0 ||
            strcmp(claims->audience, QL_USER_AUDIENCE) == 0)
            return not_trusted(call, "is for another audience");
        *ret_role = QL_ROLE_SERVICE;
        return QL_OK;
    }
    rc = read_account_role(call, claims, ret_role);
    if (rc != QL_OK)
        return rc;
    if (strcmp(claims->issuer, QL_USER_ISSUER) != 0)
        return not_trusted(call, "is from an issuer who has no users");
    if (strcmp(claims->audience, QL_USER_AUDIENCE) != 0)
        return not_trusted(call, "is for another audience");
    return QL_OK;
}

static enum ql_code check_time(struct ql_call *call, const struct claims *claims, int64_t skew_s)
{
    int64_t now_s = ql_unix_ms() / MS_PER_S;

    if (now_s >= claims->expires_s + skew_s)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_EXPIRED", "the token has expired");
    if (claims->issued_s > now_s + skew_s || claims->not_before_s > now_s + skew_s)
        return not_trusted(call, "is from the future");
    return QL_OK;
}

/* Everything but the cache. */
static enum ql_code verify(struct ql_call *call, struct ql_verifier *verifier, const char *token,
                           struct ql_identity *ret_identity)
{
    QL_CLEANUP(free_jwt) jwt_t *jwt = NULL;
    char kid[QL_KID_MAX], owner[QL_ISSUER_MAX], pem[QLI_PUBLIC_PEM_SIZE];
    struct ql_identity identity = {0};
    struct claims claims = {0};
    uint64_t generation;
    enum ql_code rc;
    int fault;

    if (!is_compact_jwt(token))
        return malformed(call);
    rc = read_header(call, token, kid);
    if (rc != QL_OK)
        return rc;
    if (!qli_key_watch_find(verifier->keys, kid, owner, pem, &generation))
        return not_trusted(call, "is signed with an unknown key");
    fault = jwt_decode(&jwt, token, (const unsigned char *)pem, (int)strlen(pem));
    if (fault == ENOMEM)
        return ql_fail_memory(call);
    /* The header again, as libjwt understood it: it chose the algorithm itself. */
    if (fault != 0 || jwt_get_alg(jwt) != JWT_ALG_ES256)
        return not_trusted(call, "is not signed by the key it names");
    rc = read_claims(call, jwt, &claims);
    if (rc != QL_OK)
        return rc;
    if (strcmp(claims.issuer, owner) != 0)
        return not_trusted(call, "is signed with the key of another issuer");
    rc = check_role(call, verifier, &claims, &identity.role);
    if (rc == QL_OK)
        rc = check_time(call, &claims, verifier->skew_s);
    if (rc != QL_OK)
        return rc;
    snprintf(identity.subject, sizeof(identity.subject), "%s", claims.subject);
    identity.generation = claims.generation;
    identity.issued_s = claims.issued_s;
    if (claims.session_id != NULL && ql_uuid_is_valid(claims.session_id))
        snprintf(identity.session_id, sizeof(identity.session_id), "%s", claims.session_id);
    if (identity.role == QL_ROLE_PUBLISHER)
        snprintf(identity.event_grant, sizeof(identity.event_grant), "%s", claims.event_grant);
    qli_token_cache_put(verifier->cache, token, generation,
                        (claims.expires_s + verifier->skew_s) * MS_PER_S, &identity);
    *ret_identity = identity;
    return QL_OK;
}

static bool find_cached(struct ql_verifier *verifier, const char *token,
                        struct ql_identity *ret_identity)
{
    return qli_token_cache_get(verifier->cache, token, qli_key_watch_generation(verifier->keys),
                               ret_identity);
}

/* A good token may have been revoked since it was issued. A service's own token
 * cannot: it lives for a minute and nobody else can ask for one. */
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
        return malformed(call);
    qli_key_watch_refresh(verifier->keys);
    if (!find_cached(verifier, token, &identity)) {
        rc = verify(call, verifier, token, &identity);
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
    /* Reading a changed file takes too long here: the full way does it. */
    if (!qli_key_watch_is_current(verifier->keys) || strnlen(token, QL_TOKEN_MAX) == QL_TOKEN_MAX ||
        !find_cached(verifier, token, ret_identity))
        return false;
    return ret_identity->role == QL_ROLE_SERVICE ||
           (!qli_revocations_hit(verifier->revocations, ret_identity) &&
            (ret_identity->role != QL_ROLE_ADMIN || !verifier->is_blind));
}
