/* A ring of promises. It is searched one by one: 256 of them are nothing beside
 * the call they save. */
#include "services/user/promise.h"

#include <stdlib.h>
#include <string.h>

struct promise_cache {
    struct promise entries[PROMISE_CACHE_SIZE];
    size_t n_entries;
    size_t next; /* the oldest, once the ring is full */
};

struct promise_cache *promise_cache_new(void)
{
    return calloc(1, sizeof(struct promise_cache));
}

void promise_cache_free(struct promise_cache *cache)
{
    free(cache);
}

const struct promise *promise_cache_find(const struct promise_cache *cache, const char *quest_id,
                                         int64_t revision)
{
    for (size_t i = 0; i < cache->n_entries; i++) {
        const struct promise *entry = &cache->entries[i];

        if (entry->revision == revision && strcmp(entry->quest_id, quest_id) == 0)
            return entry;
    }
    return NULL;
}

void promise_cache_put(struct promise_cache *cache, const struct promise *promise)
{
    cache->entries[cache->next] = *promise;
    cache->next = (cache->next + 1) % PROMISE_CACHE_SIZE;
    if (cache->n_entries < PROMISE_CACHE_SIZE)
        cache->n_entries++;
}
