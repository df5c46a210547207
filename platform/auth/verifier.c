/* Verifying tokens: form, key, signature, then what the claims may say.
 *
 * libjwt, which signs, does not verify: it parses the key's PEM at each call, which
 * takes ten times as long as the check, so that unknown tokens are a way to keep
 * others out. docs/adr/0020-signatures-checked-with-keys-made-ready.md. */
#include "platform/auth/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <sodium.h>

#include "platform/auth/ec_verify.h"
#include "platform/auth/key_watch.h"
#include "platform/auth/revocations.h"
#include "platform/auth/token_cache.h"
#include "platform/base/clock.h"

enum {
    AUDIENCE_SIZE = 64,
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

static void free_json(json_t **json)
{
    json_decref(*json);
}

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

/* A token's parts, still encoded, and what they say. */
struct parts {
    size_t header_length, claims_length;
    const char *claims, *signature;
    size_t signed_length; /* of header, dot and claims, which begin the token */
};

/* Three parts of base64url's characters, none empty. */
static bool split(const char *token, struct parts *ret_parts)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t header = strspn(token, alphabet), claims;

    if (header == 0 || token[header] != '.')
        return false;
    claims = strspn(token + header + 1, alphabet);
    ret_parts->header_length = header;
    ret_parts->claims = token + header + 1;
    ret_parts->claims_length = claims;
    ret_parts->signed_length = header + 1 + claims;
    if (claims == 0 || token[ret_parts->signed_length] != '.')
        return false;
    ret_parts->signature = token + ret_parts->signed_length + 1;
    return *ret_parts->signature != '\0' &&
           ret_parts->signature[strspn(ret_parts->signature, alphabet)] == '\0';
}

/* False for anything but base64url in its one form, or what does not fit. */
static bool decode(const char *text, size_t length, unsigned char *ret_bytes, size_t size,
                   size_t *ret_length)
{
    return sodium_base642bin(ret_bytes, size, text, length, NULL, ret_length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* A part that is a JSON object; NULL for any other. */
static json_t *read_object(const char *text, size_t text_length)
{
    unsigned char bytes[QL_TOKEN_MAX];
    json_t *object;
    size_t length;

    if (!decode(text, text_length, bytes, sizeof(bytes), &length))
        return NULL;
    object = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

/* Which key the token wants, read before anything in it is believed. */
static enum ql_code read_header(struct ql_call *call, const char *token, const struct parts *parts,
                                char ret_kid[QL_KID_MAX])
{
    QL_CLEANUP(free_json) json_t *header = read_object(token, parts->header_length);
    const char *alg, *kid, *type;

    if (header == NULL)
        return malformed(call);
    type = json_string_value(json_object_get(header, "typ"));
    if (json_object_get(header, "typ") != NULL && (type == NULL || strcasecmp(type, "JWT") != 0))
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

static bool is_signed(const char *token, const struct parts *parts, struct evp_pkey_st *key)
{
    unsigned char signature[QLI_SIGNATURE_BYTES];
    size_t length;

    return decode(parts->signature, strlen(parts->signature), signature, sizeof(signature),
                  &length) &&
           length == sizeof(signature) &&
           qli_ec_verify(key, token, parts->signed_length, signature);
}

/* A number that is not negative, such as a second; false when it is there and is
 * none. Absent gives fallback. */
static bool read_second(const json_t *object, const char *name, int64_t fallback,
                        int64_t *ret_second)
{
    const json_t *second = json_object_get(object, name);

    *ret_second = second == NULL ? fallback : json_integer_value(second);
    return second == NULL ||
           (json_is_integer(second) && *ret_second >= 0 && *ret_second <= last_second);
}

/* The texts are the object's. */
static enum ql_code read_claims(struct ql_call *call, const json_t *object,
                                struct claims *ret_claims)
{
    struct claims *claims = ret_claims;

    claims->issuer = json_string_value(json_object_get(object, "iss"));
    claims->subject = json_string_value(json_object_get(object, "sub"));
    claims->audience = json_string_value(json_object_get(object, "aud"));
    claims->role = json_string_value(json_object_get(object, "role"));
    claims->event_grant = json_string_value(json_object_get(object, "evt"));
    claims->session_id = json_string_value(json_object_get(object, "sid"));
    if (!read_second(object, "iat", -1, &claims->issued_s) ||
        !read_second(object, "nbf", 0, &claims->not_before_s) ||
        !read_second(object, "exp", -1, &claims->expires_s) ||
        !read_second(object, "gen", 0, &claims->generation) || claims->issued_s < 0 ||
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
    QL_CLEANUP(release_key) struct evp_pkey_st *key = NULL;
    QL_CLEANUP(free_json) json_t *object = NULL;
    char kid[QL_KID_MAX], owner[QL_ISSUER_MAX];
    struct ql_identity identity = {0};
    struct claims claims = {0};
    struct parts parts;
    uint64_t generation;
    enum ql_code rc;

    if (!split(token, &parts))
        return malformed(call);
    rc = read_header(call, token, &parts, kid);
    if (rc != QL_OK)
        return rc;
    key = qli_key_watch_find(verifier->keys, kid, owner, &generation);
    if (key == NULL)
        return not_trusted(call, "is signed with an unknown key");
    if (!is_signed(token, &parts, key))
        return not_trusted(call, "is not signed by the key it names");
    object = read_object(parts.claims, parts.claims_length);
    if (object == NULL)
        return malformed(call);
    rc = read_claims(call, object, &claims);
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
