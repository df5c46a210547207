/* Key files and their public halves, for whoever keeps a JWKS file: every
 * service's key is made once, and the JWKS file rebuilt from all of them. */
#ifndef QL_AUTH_KEY_H
#define QL_AUTH_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    QL_ISSUER_MAX = 48, /* bytes of an issuer's name, NUL included */
    QL_KID_MAX = 72,    /* "<issuer>-<hexadecimal digits>", NUL included */
    QL_JWK_MAX = 512,   /* bytes of a public JWK, NUL included */
};

/* Lower-case letters and digits, then also "-": "user", "game-server". */
bool ql_issuer_is_valid(const char *issuer);

/* The public JWK of the private key in key_file, as ql_key_make() wrote it:
 * the same text for the same key. False with a text in error. */
bool ql_key_public_jwk(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                       char *error, size_t error_size);

#endif
