/* Two keys, the newest first, generated when they are needed. */
#include "gateway/tickets.h"

#include <pthread.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "platform/base/clock.h"

/* Results of the library's callback (SSL_CTX_set_tlsext_ticket_key_evp_cb). */
enum { TICKET_FAILED = -1, TICKET_UNKNOWN = 0, TICKET_TAKEN = 1, TICKET_TO_RENEW = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards keys */
static struct ticket_key keys[2];

static void drop_key(struct ticket_key *key)
{
    OPENSSL_cleanse(key, sizeof(*key));
}

static bool fill_key(int64_t now_ms, struct ticket_key *key)
{
    if (RAND_bytes(key->name, sizeof(key->name)) != 1 ||
        RAND_priv_bytes(key->cipher, sizeof(key->cipher)) != 1 ||
        RAND_priv_bytes(key->digest, sizeof(key->digest)) != 1)
        return false;
    key->made_ms = now_ms;
    return true;
}

/* With the lock held. False: no randomness; the existing keys still decrypt tickets. */
static bool rotate_keys(int64_t now_ms)
{
    struct ticket_key fresh;

    if (keys[1].made_ms != 0 && now_ms - keys[1].made_ms >= 2 * (int64_t)TICKET_LIFE_MS)
        drop_key(&keys[1]);
    if (keys[0].made_ms != 0 && now_ms - keys[0].made_ms < TICKET_LIFE_MS)
        return true;
    if (!fill_key(now_ms, &fresh))
        return false;
    drop_key(&keys[1]);
    if (keys[0].made_ms != 0 && now_ms - keys[0].made_ms < 2 * (int64_t)TICKET_LIFE_MS)
        keys[1] = keys[0];
    keys[0] = fresh;
    drop_key(&fresh);
    return true;
}

bool ticket_key_newest(int64_t now_ms, struct ticket_key *ret_key)
{
    bool has_key;

    pthread_mutex_lock(&lock);
    has_key = rotate_keys(now_ms);
    if (has_key)
        *ret_key = keys[0];
    pthread_mutex_unlock(&lock);
    return has_key;
}

bool ticket_key_find(int64_t now_ms, const unsigned char name[TICKET_NAME_BYTES],
                     struct ticket_key *ret_key, bool *ret_is_old)
{
    bool is_there = false;

    pthread_mutex_lock(&lock);
    (void)rotate_keys(now_ms);
    for (size_t i = 0; i < 2 && !is_there; i++) {
        if (keys[i].made_ms == 0 || CRYPTO_memcmp(keys[i].name, name, TICKET_NAME_BYTES) != 0)
            continue;
        is_there = true;
        *ret_is_old = i > 0;
        *ret_key = keys[i];
    }
    pthread_mutex_unlock(&lock);
    return is_there;
}

static bool set_key(const struct ticket_key *key, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                    EVP_MAC_CTX *digest, bool seals)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key->digest,
                                          sizeof(key->digest)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seals) == 1 &&
           EVP_MAC_CTX_set_params(digest, parameters) == 1;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *digest, int seals)
{
    int64_t now_ms = ql_monotonic_ms();
    bool is_old = false, is_set;
    struct ticket_key key;

    (void)ssl;
    if (!seals && !ticket_key_find(now_ms, name, &key, &is_old))
        return TICKET_UNKNOWN;
    if (seals && (!ticket_key_newest(now_ms, &key) || RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1))
        return TICKET_FAILED;
    if (seals)
        memcpy(name, key.name, sizeof(key.name));
    is_set = set_key(&key, iv, cipher, digest, seals != 0);
    drop_key(&key);
    if (!is_set)
        return TICKET_FAILED;
    return is_old ? TICKET_TO_RENEW : TICKET_TAKEN;
}

void tickets_install(SSL_CTX *context)
{
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
    SSL_CTX_set_timeout(context, TICKET_LIFE_MS / 1000);
}
