/* What a quest revision promises whoever completes it. A revision never changes,
 * so what was asked once is kept. */
#ifndef QL_USER_PROMISE_H
#define QL_USER_PROMISE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/id.h"

struct promise {
    char quest_id[QL_UUID_SIZE];
    int64_t revision;
    char reward_id[QL_UUID_SIZE];
    bool auto_claim;
};

enum { PROMISE_CACHE_SIZE = 256 };

struct promise_cache; /* the newest 256; belongs to one thread */

struct promise_cache *promise_cache_new(void);
void promise_cache_free(struct promise_cache *cache); /* NULL is fine */

/* NULL when it is not there; valid until the next put. */
const struct promise *promise_cache_find(const struct promise_cache *cache, const char *quest_id,
                                         int64_t revision);
/* Forgets the oldest for it when the cache is full. */
void promise_cache_put(struct promise_cache *cache, const struct promise *promise);

#endif
