/* Sealed bytes are nonce, cipher text and tag. The key is derived from the secret and the
 * context. The nonce of bytes is random: 192 bits, so that repetition is improbable. The
 * nonce of a text is a keyed digest of the text, so that different texts have different
 * nonces. */
#include "platform/auth/seal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
};

enum {
    SEALED_TEXT_BYTES = NONCE_BYTES + QL_SEAL_TEXT_SIZE - 1 + TAG_BYTES,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

static_assert((int)QL_SEALED_TEXT_SIZE ==
                  sodium_base64_ENCODED_LEN((int)SEALED_TEXT_BYTES, (int)BASE64),
              "the longest text fits");
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

/* The key of the cipher, and the key of the nonce's digest. */
struct text_keys {
    uint8_t cipher[KEY_BYTES];
    uint8_t nonce[KEY_BYTES];
};

static void text_keys_of(struct text_keys *ret_keys, const struct ql_digest_key *secret,
                         const char *context)
{
    uint8_t both[2 * KEY_BYTES];

    crypto_generichash(both, sizeof(both), (const unsigned char *)context, strlen(context),
                       secret->bytes, sizeof(secret->bytes));
    memcpy(ret_keys->cipher, both, KEY_BYTES);
    memcpy(ret_keys->nonce, both + KEY_BYTES, KEY_BYTES);
    sodium_memzero(both, sizeof(both));
}

void ql_seal_text(const struct ql_digest_key *secret, const char *context, const char *text,
                  char ret_sealed[QL_SEALED_TEXT_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)text;
    uint8_t sealed[SEALED_TEXT_BYTES];
    size_t length = strnlen(text, QL_SEAL_TEXT_SIZE - 1);
    struct text_keys keys;

    assert(text[length] == '\0');
    text_keys_of(&keys, secret, context);
    crypto_generichash(sealed, NONCE_BYTES, bytes, length, keys.nonce, sizeof(keys.nonce));
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, bytes, length, NULL, 0,
                                               NULL, sealed, keys.cipher);
    sodium_memzero(&keys, sizeof(keys));
    sodium_bin2base64(ret_sealed, QL_SEALED_TEXT_SIZE, sealed, NONCE_BYTES + length + TAG_BYTES,
                      BASE64);
}

bool ql_unseal_text(const struct ql_digest_key *secret, const char *context, const char *sealed,
                    char ret_text[QL_SEAL_TEXT_SIZE])
{
    size_t sealed_length = strnlen(sealed, QL_SEALED_TEXT_SIZE), length;
    uint8_t bytes[SEALED_TEXT_BYTES];
    struct text_keys keys;
    int rv;

    if (sodium_base642bin(bytes, sizeof(bytes), sealed, sealed_length, NULL, &length, NULL,
                          BASE64) != 0 ||
        length < NONCE_BYTES + TAG_BYTES)
        return false;
    text_keys_of(&keys, secret, context);
    rv = crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)ret_text, NULL, NULL,
                                                    bytes + NONCE_BYTES, length - NONCE_BYTES, NULL,
                                                    0, bytes, keys.cipher);
    sodium_memzero(&keys, sizeof(keys));
    if (rv != 0)
        return false;
    ret_text[length - NONCE_BYTES - TAG_BYTES] = '\0';
    return true;
}
