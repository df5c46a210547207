/* Making and hashing refresh tokens; SHA-256 is libsodium's. */
#include "platform/auth/refresh_token.h"

#include <string.h>

#include <sodium.h>

#include "platform/base/id.h"

_Static_assert(QL_REFRESH_HASH_BYTES == crypto_hash_sha256_BYTES, "a hash is a SHA-256");

void ql_refresh_token_new(char ret_token[QL_REFRESH_TOKEN_SIZE])
{
    ql_random_hex(ret_token, (QL_REFRESH_TOKEN_SIZE - 1) / 2);
}

void ql_refresh_token_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const unsigned char *)token, strlen(token));
}
