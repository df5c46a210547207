/* The form of a token (RFC 7519, JWS compact serialisation): its header, claims and
 * signature, before issuer, audience, role and times are checked. Module-internal. Any thread. */
#ifndef QL_AUTH_JWT_H
#define QL_AUTH_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/key.h"
#include "platform/base/call.h"

struct evp_pkey_st;
struct json_t;

/* The parts of a token, which point into it. */
struct qli_jwt_parts {
    size_t header_length, claims_length;
    const char *claims, *signature;
    size_t signed_length; /* of header, dot and claims, with which the token begins */
};

/* The claims; their texts belong to the object. */
struct qli_claims {
    struct json_t *object;
    const char *issuer, *subject, *audience, *role; /* NULL: absent or no text */
    const char *event_grant, *session_id;           /* likewise */
    int64_t issued_s, not_before_s, expires_s, generation;
};

void qli_claims_done(struct qli_claims *claims); /* usable for QL_CLEANUP */

/* Splits a token into three parts of base64url's characters, none empty. False for any
 * other text. */
bool qli_jwt_split(const char *token, struct qli_jwt_parts *ret_parts) QL_MUST_CHECK;

/* Reads from the header which key signed the token. UNAUTHENTICATED: TOKEN_MALFORMED;
 * TOKEN_NOT_TRUSTED for another algorithm than ES256. */
enum ql_code qli_jwt_read_header(struct ql_call *call, const char *token,
                                 const struct qli_jwt_parts *parts,
                                 char ret_kid[QL_KID_MAX]) QL_MUST_CHECK;

/* True when the key signed the token. */
bool qli_jwt_is_signed(const char *token, const struct qli_jwt_parts *parts,
                       struct evp_pkey_st *key) QL_MUST_CHECK;

/* Reads the claims; call it once the signature is checked. UNAUTHENTICATED:
 * TOKEN_MALFORMED, or TOKEN_NOT_TRUSTED without issuer, audience or role. The caller calls
 * qli_claims_done, also after a failure. */
enum ql_code qli_jwt_read_claims(struct ql_call *call, const struct qli_jwt_parts *parts,
                                 struct qli_claims *ret_claims) QL_MUST_CHECK;

/* Fail with UNAUTHENTICATED: TOKEN_MALFORMED; TOKEN_NOT_TRUSTED, "the token <why>". */
enum ql_code qli_token_malformed(struct ql_call *call);
enum ql_code qli_token_not_trusted(struct ql_call *call, const char *why);

#endif
