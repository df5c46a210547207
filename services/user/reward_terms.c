/* A ring of reward terms, searched one by one: 256 comparisons cost little beside the call
 * that a hit saves. */
#include "services/user/reward_terms.h"

#include <stdlib.h>
#include <string.h>

struct reward_terms_cache {
    struct reward_terms entries[REWARD_TERMS_CACHE_SIZE];
    size_t n_entries;
    size_t next; /* the oldest, once the ring is full */
};

struct reward_terms_cache *reward_terms_cache_new(void)
{
    return calloc(1, sizeof(struct reward_terms_cache));
}

void reward_terms_cache_free(struct reward_terms_cache *cache)
{
    free(cache);
}

const struct reward_terms *reward_terms_cache_find(const struct reward_terms_cache *cache,
                                                   const char *quest_id, int64_t revision)
{
    for (size_t i = 0; i < cache->n_entries; i++) {
        const struct reward_terms *entry = &cache->entries[i];

        if (entry->revision == revision && strcmp(entry->quest_id, quest_id) == 0)
            return entry;
    }
    return NULL;
}

void reward_terms_cache_put(struct reward_terms_cache *cache, const struct reward_terms *terms)
{
    cache->entries[cache->next] = *terms;
    cache->next = (cache->next + 1) % REWARD_TERMS_CACHE_SIZE;
    if (cache->n_entries < REWARD_TERMS_CACHE_SIZE)
        cache->n_entries++;
}
