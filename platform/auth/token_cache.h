/* Tokens that were verified already, so that a caller's next call costs a hash
 * and a compare instead of a signature.
 *
 * Bounded: 4096 places in sets of four; a full set gives up what is dead, or
 * else what dies first. Found by a keyed hash, so that nobody can aim at a set,
 * and then by comparing the whole token. Any thread. */
#ifndef QL_AUTH_TOKEN_CACHE_H
#define QL_AUTH_TOKEN_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

struct qli_token_cache;

struct qli_token_cache *qli_token_cache_new(void); /* NULL without memory */
void qli_token_cache_free(struct qli_token_cache *cache);

/* Every entry carries the generation of the keys that verified it, and is found
 * under that one only. */
bool qli_token_cache_get(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         struct ql_identity *ret_identity);

/* The entry dies at dies_at_ms (Unix time). Without memory nothing is kept. */
void qli_token_cache_put(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         int64_t dies_at_ms, const struct ql_identity *identity);

#endif
