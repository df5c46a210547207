/* The form of a token: three parts, two JSON objects and a signature.
 *
 * libjwt, which signs, does not verify: it parses the key's PEM in each call, which takes
 * ten times as long as the check, so that unknown tokens would exhaust the CPU.
 * docs/adr/0020-signatures-checked-with-keys-made-ready.md. */
#include "platform/auth/jwt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <sodium.h>

#include "platform/auth/ec_verify.h"
#include "platform/auth/token.h"

static const int64_t last_second = 253402300799; /* of the year 9999 */

static void free_json(json_t **json)
{
    json_decref(*json);
}

enum ql_code qli_token_malformed(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MALFORMED", "the token is no JWT");
}

enum ql_code qli_token_not_trusted(struct ql_call *call, const char *why)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_NOT_TRUSTED", "the token %s", why);
}

bool qli_jwt_split(const char *token, struct qli_jwt_parts *ret_parts)
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

/* Decodes canonical base64url; false for anything else, or when it does not fit. */
static bool decode_part(const char *text, size_t length, unsigned char *ret_bytes, size_t size,
                        size_t *ret_length)
{
    return sodium_base642bin(ret_bytes, size, text, length, NULL, ret_length, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

/* The JSON object in a part; NULL when it is none. The caller releases it. */
static json_t *read_object(const char *text, size_t text_length)
{
    unsigned char bytes[QL_TOKEN_MAX];
    json_t *object;
    size_t length;

    if (!decode_part(text, text_length, bytes, sizeof(bytes), &length))
        return NULL;
    object = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

enum ql_code qli_jwt_read_header(struct ql_call *call, const char *token,
                                 const struct qli_jwt_parts *parts, char ret_kid[QL_KID_MAX])
{
    QL_CLEANUP(free_json) json_t *header = read_object(token, parts->header_length);
    const char *alg, *kid, *type;

    if (header == NULL)
        return qli_token_malformed(call);
    type = json_string_value(json_object_get(header, "typ"));
    if (json_object_get(header, "typ") != NULL && (type == NULL || strcasecmp(type, "JWT") != 0))
        return qli_token_malformed(call);
    alg = json_string_value(json_object_get(header, "alg"));
    kid = json_string_value(json_object_get(header, "kid"));
    if (alg == NULL || strcmp(alg, "ES256") != 0)
        return qli_token_not_trusted(call, "is not signed with ES256");
    if (json_object_get(header, "crit") != NULL)
        return qli_token_not_trusted(call, "demands what is not understood (crit)");
    if (kid == NULL || strlen(kid) >= QL_KID_MAX)
        return qli_token_not_trusted(call, "names no key");
    snprintf(ret_kid, QL_KID_MAX, "%s", kid);
    return QL_OK;
}

bool qli_jwt_is_signed(const char *token, const struct qli_jwt_parts *parts,
                       struct evp_pkey_st *key)
{
    unsigned char signature[QLI_SIGNATURE_BYTES];
    size_t length;

    return decode_part(parts->signature, strlen(parts->signature), signature, sizeof(signature),
                       &length) &&
           length == sizeof(signature) &&
           qli_ec_verify(key, token, parts->signed_length, signature);
}

/* Reads a number from 0 to last_second; false when the member exists and is none. Absent
 * gives fallback. */
static bool read_second(const json_t *object, const char *name, int64_t fallback,
                        int64_t *ret_second)
{
    const json_t *second = json_object_get(object, name);

    *ret_second = second == NULL ? fallback : json_integer_value(second);
    return second == NULL ||
           (json_is_integer(second) && *ret_second >= 0 && *ret_second <= last_second);
}

enum ql_code qli_jwt_read_claims(struct ql_call *call, const struct qli_jwt_parts *parts,
                                 struct qli_claims *ret_claims)
{
    json_t *object = read_object(parts->claims, parts->claims_length);
    struct qli_claims *claims = ret_claims;

    *claims = (struct qli_claims){.object = object};
    if (object == NULL)
        return qli_token_malformed(call);
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
        return qli_token_malformed(call);
    if (claims->issuer == NULL || claims->audience == NULL || claims->role == NULL)
        return qli_token_not_trusted(call, "has no issuer, audience or role");
    return QL_OK;
}

void qli_claims_done(struct qli_claims *claims)
{
    json_decref(claims->object);
    claims->object = NULL;
}
