/* Verified tokens: the next call with the same token needs a hash and a comparison instead
 * of the check of a signature.
 *
 * Bounded: 4096 entries in sets of four; a full set replaces an expired entry, or else the
 * one that expires first. The set is chosen by a keyed hash, so that clients cannot cause
 * collisions; the whole token is compared. Any thread. */
#ifndef QL_AUTH_TOKEN_CACHE_H
#define QL_AUTH_TOKEN_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

struct qli_token_cache;

struct qli_token_cache *qli_token_cache_new(void); /* NULL without memory */
void qli_token_cache_free(struct qli_token_cache *cache);

/* An entry has the generation of the keys that verified it, and is found under that one
 * only. */
bool qli_token_cache_get(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         struct ql_identity *ret_identity);

/* The entry expires at expires_ms (Unix time). Without memory nothing is added. */
void qli_token_cache_put(struct qli_token_cache *cache, const char *token, uint64_t generation,
                         int64_t expires_ms, const struct ql_identity *identity);

#endif
