/* SHA-256 and BLAKE2b by libsodium. */
#include "platform/base/digest.h"

#include <sodium.h>

_Static_assert((int)QL_SHA256_BYTES == (int)crypto_hash_sha256_BYTES, "a digest is whole");
_Static_assert(QL_SHA256_HEX_SIZE == 2 * QL_SHA256_BYTES + 1, "two digits a byte");
_Static_assert((int)QL_DIGEST_KEY_BYTES == (int)crypto_hash_sha256_BYTES, "a key is a digest");
_Static_assert(QL_DIGEST_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX, "BLAKE2b takes the key");
_Static_assert((int)QL_KEYED_DIGEST_BYTES >= (int)crypto_generichash_BYTES_MIN,
               "BLAKE2b makes no shorter digest");

void ql_sha256(unsigned char ret_digest[QL_SHA256_BYTES], const void *bytes, size_t length)
{
    crypto_hash_sha256(ret_digest, length == 0 ? (const unsigned char *)"" : bytes, length);
}

void ql_sha256_hex(char ret_hex[QL_SHA256_HEX_SIZE], const void *bytes, size_t length)
{
    unsigned char digest[QL_SHA256_BYTES];

    ql_sha256(digest, bytes, length);
    sodium_bin2hex(ret_hex, QL_SHA256_HEX_SIZE, digest, sizeof(digest));
}

void ql_digest_key_new(struct ql_digest_key *ret_key)
{
    randombytes_buf(ret_key->bytes, sizeof(ret_key->bytes));
}

void ql_digest_key_from(struct ql_digest_key *ret_key, const void *secret, size_t length)
{
    crypto_hash_sha256(ret_key->bytes, length == 0 ? (const unsigned char *)"" : secret, length);
}

void ql_keyed_digest(unsigned char ret_digest[QL_KEYED_DIGEST_BYTES],
                     const struct ql_digest_key *key, const void *bytes, size_t length)
{
    crypto_generichash(ret_digest, QL_KEYED_DIGEST_BYTES, bytes, length, key->bytes,
                       sizeof(key->bytes));
}
