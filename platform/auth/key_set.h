/* The public keys of a JWKS file (RFC 7517), each bound to the issuer that its
 * kid names. Immutable once loaded. */
#ifndef QL_AUTH_KEY_SET_H
#define QL_AUTH_KEY_SET_H

#include <stddef.h>

#include "platform/auth/ec_key.h"
#include "platform/auth/ec_verify.h"
#include "platform/auth/key.h"

struct qli_public_key {
    char kid[QL_KID_MAX];
    char issuer[QL_ISSUER_MAX];
    struct qli_point point;
    struct evp_pkey_st *key; /* parsed once: ec_verify.h */
};

struct qli_key_set {
    size_t n_keys;
    struct qli_public_key keys[];
};

/* NULL with a text in error when the file, or a P-256 key in it, is invalid; keys of other
 * types are ignored. */
struct qli_key_set *qli_key_set_load(const char *jwks_file, char *error, size_t error_size);
void qli_key_set_free(struct qli_key_set *set); /* NULL is fine */

/* NULL when the set has none. */
const struct qli_public_key *qli_key_set_find(const struct qli_key_set *set, const char *kid);
const struct qli_public_key *qli_key_set_find_point(const struct qli_key_set *set,
                                                    const struct qli_point *point);

#endif
