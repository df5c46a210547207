/* A random nonce in front, the tag behind: of 192 bits, so that chance repeats none.
 * The key of each text is derived from the secret and the context. */
#include "platform/auth/seal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
};

static_assert((int)KEY_BYTES == (int)QL_DIGEST_KEY_BYTES, "a digest makes a key");

static void key_of(uint8_t ret_key[KEY_BYTES], const struct ql_digest_key *secret,
                   const char *context)
{
    crypto_generichash(ret_key, KEY_BYTES, (const unsigned char *)context, strlen(context),
                       secret->bytes, sizeof(secret->bytes));
}

enum ql_code ql_seal(struct ql_call *call, const struct ql_digest_key *secret, const char *context,
                     const void *bytes, size_t length, uint8_t **ret_sealed, size_t *ret_length)
{
    uint8_t *sealed = ql_arena_alloc(call->arena, NONCE_BYTES + length + TAG_BYTES);
    uint8_t key[KEY_BYTES];

    if (sealed == NULL)
        return ql_fail_memory(call);
    randombytes_buf(sealed, NONCE_BYTES);
    key_of(key, secret, context);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, bytes, length, NULL, 0,
                                               NULL, sealed, key);
    sodium_memzero(key, sizeof(key));
    *ret_sealed = sealed;
    *ret_length = NONCE_BYTES + length + TAG_BYTES;
    return QL_OK;
}

enum ql_code ql_unseal(struct ql_call *call, const struct ql_digest_key *secret,
                       const char *context, const void *sealed, size_t sealed_length,
                       uint8_t **ret_bytes, size_t *ret_length)
{
    const uint8_t *nonce = sealed;
    uint8_t key[KEY_BYTES], *bytes;
    int rv;

    if (sealed_length < NONCE_BYTES + TAG_BYTES)
        return ql_fail(call, QL_DATA_LOSS, "SEAL_BROKEN", "too short for what is sealed");
    bytes = ql_arena_alloc(call->arena, sealed_length);
    if (bytes == NULL)
        return ql_fail_memory(call);
    key_of(key, secret, context);
    rv = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes, NULL, NULL, nonce + NONCE_BYTES, sealed_length - NONCE_BYTES, NULL, 0, nonce, key);
    sodium_memzero(key, sizeof(key));
    if (rv != 0)
        return ql_fail(call, QL_DATA_LOSS, "SEAL_BROKEN", "sealed with another secret, or damaged");
    *ret_bytes = bytes;
    *ret_length = sealed_length - NONCE_BYTES - TAG_BYTES;
    return QL_OK;
}
