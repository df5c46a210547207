/* Key files and their public keys, for programs that maintain a JWKS file: each service's
 * key is made once, and the JWKS file is written anew from all of them. */
#ifndef QL_AUTH_KEY_H
#define QL_AUTH_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    QL_ISSUER_MAX = 48, /* bytes of an issuer's name, NUL included */
    QL_KID_MAX = 72,    /* "<issuer>-<hexadecimal digits>", NUL included */
    QL_JWK_MAX = 512,   /* bytes of a public JWK, NUL included */
};

/* True for lower-case letters, digits and, except at the ends, "-": "game-server". */
bool ql_issuer_is_valid(const char *issuer);

/* The public JWK of the private key in key_file: the text that ql_key_make() returned for
 * the key. False with a text in error. */
bool ql_key_public_jwk(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                       char *error, size_t error_size);

/* Makes a key pair for issuer: a PEM file of mode 0600 at key_file, and its
 * public JWK (one JSON object, use "sig", alg "ES256") into ret_jwk. */
bool ql_key_make(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                 char *error, size_t error_size);

#endif
