/* Argon2id by libsodium, with the parameters in one place. */
#include "platform/auth/password.h"

#include <string.h>

#include <sodium.h>

enum { PASSES = 2, MEMORY_BYTES = 19456 * 1024 };

_Static_assert(QL_PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium fills the whole hash");

enum ql_code ql_password_hash(struct ql_call *call, const char *password,
                              char ret_hash[QL_PASSWORD_HASH_SIZE])
{
    if (sodium_init() < 0)
        return ql_fail(call, QL_INTERNAL, "CRYPTO_UNAVAILABLE", "libsodium does not start");
    if (crypto_pwhash_str_alg(ret_hash, password, strlen(password), PASSES, MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "PASSWORD_MEMORY",
                       "there is no memory to hash a password");
    return QL_OK;
}

bool ql_password_matches(const char *hash, const char *password)
{
    char whole[crypto_pwhash_STRBYTES]; /* libsodium may read all of these bytes */

    if (strlen(hash) >= sizeof(whole) || sodium_init() < 0)
        return false;
    memset(whole, 0, sizeof(whole));
    memcpy(whole, hash, strlen(hash));
    return crypto_pwhash_str_verify(whole, password, strlen(password)) == 0;
}

void ql_password_decoy(const char *password)
{
    /* The hash of 32 random bytes, which were not kept, with the parameters above. */
    static const char hash[] = "$argon2id$v=19$m=19456,t=2,p=1$uoW2/R5PK53MRuvQAE/7LQ$"
                               "wImFIwd/ICQVSwxf9LX2fJh+NVHg3HYwxZjwlztrUKE";

    (void)ql_password_matches(hash, password);
}
