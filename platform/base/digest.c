/* SHA-256 by libsodium. */
#include "platform/base/digest.h"

#include <sodium.h>

_Static_assert(QL_SHA256_HEX_SIZE == 2 * crypto_hash_sha256_BYTES + 1, "two digits a byte");

void ql_sha256_hex(char ret_hex[QL_SHA256_HEX_SIZE], const void *bytes, size_t length)
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, length == 0 ? (const unsigned char *)"" : bytes, length);
    sodium_bin2hex(ret_hex, QL_SHA256_HEX_SIZE, digest, sizeof(digest));
}
