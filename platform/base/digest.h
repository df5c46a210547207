/* Digests: SHA-256, which shows whether two inputs are equal without storing them, and a
 * keyed digest that cannot be computed without the key. Not for passwords
 * (platform/auth). Any thread. */
#ifndef QL_BASE_DIGEST_H
#define QL_BASE_DIGEST_H

#include <stddef.h>

enum {
    QL_SHA256_BYTES = 32,
    QL_SHA256_HEX_SIZE = 65, /* 64 lower-case hexadecimal digits and the NUL */
    QL_DIGEST_KEY_BYTES = 32,
    QL_KEYED_DIGEST_BYTES = 16,
};

struct ql_digest_key {
    unsigned char bytes[QL_DIGEST_KEY_BYTES];
};

void ql_sha256(unsigned char ret_digest[QL_SHA256_BYTES], const void *bytes, size_t length);
void ql_sha256_hex(char ret_hex[QL_SHA256_HEX_SIZE], const void *bytes, size_t length);

/* A random key, for hash tables in which clients must not be able to cause collisions. */
void ql_digest_key_new(struct ql_digest_key *ret_key);
/* The key derived from a secret text of any length. */
void ql_digest_key_from(struct ql_digest_key *ret_key, const void *secret, size_t length);
/* Keyed BLAKE2b, 128 bits. */
void ql_keyed_digest(unsigned char ret_digest[QL_KEYED_DIGEST_BYTES],
                     const struct ql_digest_key *key, const void *bytes, size_t length);

#endif
