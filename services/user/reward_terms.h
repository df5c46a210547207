/* The reward terms of a quest revision: which reward a completion earns, and whether it is
 * claimed at once. A revision never changes, so an answer of the catalog is cached for good. */
#ifndef QL_USER_REWARD_TERMS_H
#define QL_USER_REWARD_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/id.h"

struct reward_terms {
    char quest_id[QL_UUID_SIZE];
    int64_t revision;
    char reward_id[QL_UUID_SIZE];
    bool auto_claim;
};

enum { REWARD_TERMS_CACHE_SIZE = 256 };

struct reward_terms_cache; /* the newest 256; belongs to one thread */

struct reward_terms_cache *reward_terms_cache_new(void);
void reward_terms_cache_free(struct reward_terms_cache *cache); /* NULL is fine */

/* NULL when it is not there; valid until the next put. */
const struct reward_terms *reward_terms_cache_find(const struct reward_terms_cache *cache,
                                                   const char *quest_id, int64_t revision);
/* Forgets the oldest for it when the cache is full. */
void reward_terms_cache_put(struct reward_terms_cache *cache, const struct reward_terms *terms);

#endif
