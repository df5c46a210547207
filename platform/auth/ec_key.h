/* P-256 keys in their forms: a PEM file, a PEM text, and the public point. */
#ifndef QL_AUTH_EC_KEY_H
#define QL_AUTH_EC_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    QLI_COORDINATE_BYTES = 32,
    QLI_KEY_FILE_MAX = 65536, /* of a PEM or JWKS file */
};

/* The public key: x and y of a JWK. */
struct qli_point {
    unsigned char x[QLI_COORDINATE_BYTES];
    unsigned char y[QLI_COORDINATE_BYTES];
};

/* A private key; pem is wiped and freed by done. */
struct qli_ec_key {
    char *pem; /* PKCS #8, NUL-terminated */
    struct qli_point point;
};

void qli_ec_key_done(struct qli_ec_key *key); /* usable for QL_CLEANUP */

bool qli_ec_key_generate(struct qli_ec_key *ret_key);

/* From a PEM file without a passphrase. False with a text in error. */
bool qli_ec_key_read(const char *key_file, struct qli_ec_key *ret_key, char *error,
                     size_t error_size);

/* The public key as a JWK (RFC 7517, RFC 7518 section 6.2): one JSON object. kid
 * needs no escapes. Returns its length, as snprintf does. */
int qli_ec_public_jwk(const char *kid, const struct qli_point *point, char *ret_jwk,
                      size_t jwk_size);

/* A whole file as text of at most QLI_KEY_FILE_MAX bytes, for the caller to
 * free(3). NULL with a text in error. */
char *qli_key_file_read(const char *path, size_t *ret_length, char *error, size_t error_size);

#endif
