/* Making and hashing refresh tokens; SHA-256 is libsodium's. */
#include "platform/auth/refresh_token.h"

#include <string.h>

#include <sodium.h>

#include "platform/base/id.h"

enum {
    FAMILY_DIGITS = (QL_REFRESH_TOKEN_SIZE - 1) / 2,
    OWN_BYTES = (QL_REFRESH_TOKEN_SIZE - 1 - FAMILY_DIGITS) / 2,
};

_Static_assert(QL_REFRESH_HASH_BYTES == crypto_hash_sha256_BYTES, "a hash is a SHA-256");
_Static_assert(QL_REFRESH_SALT_BYTES == crypto_auth_hmacsha256_KEYBYTES, "a salt is a key");
_Static_assert(OWN_BYTES <= crypto_auth_hmacsha256_BYTES, "a half fits into a MAC");

void ql_refresh_token_new(char ret_token[QL_REFRESH_TOKEN_SIZE])
{
    ql_random_hex(ret_token, (QL_REFRESH_TOKEN_SIZE - 1) / 2);
}

void ql_refresh_token_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const unsigned char *)token, strlen(token));
}

void ql_refresh_family_hash(const char *token, unsigned char ret_hash[QL_REFRESH_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const unsigned char *)token, strnlen(token, FAMILY_DIGITS));
}

void ql_refresh_salt_new(unsigned char ret_salt[QL_REFRESH_SALT_BYTES])
{
    randombytes_buf(ret_salt, QL_REFRESH_SALT_BYTES);
}

void ql_refresh_token_next(const char *token, const unsigned char salt[QL_REFRESH_SALT_BYTES],
                           char ret_token[QL_REFRESH_TOKEN_SIZE])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256(mac, (const unsigned char *)token, strlen(token), salt);
    memmove(ret_token, token, FAMILY_DIGITS);
    sodium_bin2hex(ret_token + FAMILY_DIGITS, QL_REFRESH_TOKEN_SIZE - FAMILY_DIGITS, mac,
                   OWN_BYTES);
}
