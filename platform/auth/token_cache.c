/* The set-associative cache of verified tokens. */
#include "platform/auth/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "platform/base/clock.h"

enum { N_SETS = 1024, N_WAYS = 4, N_STRIPES = 64 };

struct entry {
    char *token; /* NULL: free */
    size_t length;
    uint64_t hash;
    uint64_t generation;
    int64_t expires_ms; /* Unix time */
    struct ql_identity identity;
};

struct qli_token_cache {
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t stripes[N_STRIPES]; /* each guards the sets of its residue */
    struct entry sets[N_SETS][N_WAYS];
};

struct qli_token_cache *qli_token_cache_new(void)
{
    struct qli_token_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL)
        return NULL;
    crypto_shorthash_keygen(cache->hash_key);
    for (size_t i = 0; i < N_STRIPES; i++)
        pthread_mutex_init(&cache->stripes[i], NULL);
    return cache;
}

void qli_token_cache_free(struct qli_token_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t set = 0; set < N_SETS; set++)
        for (size_t way = 0; way < N_WAYS; way++)
            free(cache->sets[set][way].token);
    for (size_t i = 0; i < N_STRIPES; i++)
        pthread_mutex_destroy(&cache->stripes[i]);
    free(cache);
}

static uint64_t hash_token(const struct qli_token_cache *cache, const char *token, size_t length)
{
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash;

    _Static_assert(sizeof(bytes) == sizeof(hash), "a hash is 64 bits");
    crypto_shorthash(bytes, (const unsigned char *)token, length, cache->hash_key);
    memcpy(&hash, bytes, sizeof(hash));
    return hash;
}

static bool is_alive(const struct entry *entry, uint64_t generation, int64_t now_ms)
{
    return entry->token != NULL && entry->generation == generation && now_ms < entry->expires_ms;
}

static bool is_for(const struct entry *entry, const char *token, size_t length, uint64_t hash)
{
    return entry->token != NULL && entry->hash == hash && entry->length == length &&
           memcmp(entry->token, token, length) == 0;
}

bool qli_token_cache_get(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         struct ql_identity *ret_identity)
{
    size_t length = strlen(token);
    uint64_t hash = hash_token(cache, token, length);
    size_t set = hash % N_SETS;
    int64_t now_ms = ql_unix_ms();
    bool is_found = false;

    pthread_mutex_lock(&cache->stripes[set % N_STRIPES]);
    for (size_t way = 0; way < N_WAYS && !is_found; way++) {
        const struct entry *entry = &cache->sets[set][way];

        is_found = is_for(entry, token, length, hash) && is_alive(entry, generation, now_ms);
        if (is_found)
            *ret_identity = entry->identity;
    }
    pthread_mutex_unlock(&cache->stripes[set % N_STRIPES]);
    return is_found;
}

/* The entry for a token: its own, else a free or expired one, else the one that expires
 * first. */
static struct entry *choose_entry(struct entry ways[N_WAYS], const char *token, size_t length,
                                  uint64_t hash, uint64_t generation)
{
    int64_t now_ms = ql_unix_ms();
    struct entry *chosen = &ways[0];

    for (size_t way = 0; way < N_WAYS; way++) {
        struct entry *entry = &ways[way];

        if (is_for(entry, token, length, hash))
            return entry;
        if (!is_alive(chosen, generation, now_ms))
            continue;
        if (!is_alive(entry, generation, now_ms) || entry->expires_ms < chosen->expires_ms)
            chosen = entry;
    }
    return chosen;
}

void qli_token_cache_put(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         int64_t expires_ms, const struct ql_identity *identity)
{
    size_t length = strlen(token);
    uint64_t hash = hash_token(cache, token, length);
    size_t set = hash % N_SETS;
    char *copy = strdup(token), *old;
    struct entry *entry;

    if (copy == NULL)
        return;
    pthread_mutex_lock(&cache->stripes[set % N_STRIPES]);
    entry = choose_entry(cache->sets[set], token, length, hash, generation);
    old = entry->token;
    *entry = (struct entry){copy, length, hash, generation, expires_ms, *identity};
    pthread_mutex_unlock(&cache->stripes[set % N_STRIPES]);
    free(old);
}
