/* FNV-1a, 64 bits: for tables whose keys clients do not choose, since colliding keys are
 * easy to construct. Keys from clients need a keyed hash (libsodium's crypto_shorthash). */
#ifndef QL_BASE_HASH_H
#define QL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static const uint64_t ql_hash_start = UINT64_C(14695981039346656037);

/* Continues a hash (ql_hash_start for a new one) with these bytes. */
static inline uint64_t ql_hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static inline uint64_t ql_hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

#endif
