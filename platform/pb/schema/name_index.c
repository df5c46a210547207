/* Open addressing with linear probing; at most half of the slots are taken, so
 * a probe always meets a free one. */
#include "platform/pb/schema/name_index.h"

#include <string.h>

#include "platform/base/hash.h"

struct qli_name_slot {
    const char *name;
    size_t length;
    const void *item;
    uint64_t hash;
};

bool qli_name_index_init(struct qli_name_index *index, struct ql_arena *arena, size_t capacity)
{
    size_t n_slots = 2;

    while (n_slots < 2 * capacity)
        n_slots *= 2;
    index->slots = ql_arena_calloc(arena, n_slots, sizeof(*index->slots));
    index->mask = n_slots - 1;
    return index->slots != NULL;
}

static struct qli_name_slot *slot_of(const struct qli_name_index *index, const char *name,
                                     size_t length, uint64_t hash)
{
    size_t i = hash & index->mask;

    for (;; i = (i + 1) & index->mask) {
        struct qli_name_slot *slot = &index->slots[i];

        if (slot->name == NULL ||
            (slot->hash == hash && slot->length == length && memcmp(slot->name, name, length) == 0))
            return slot;
    }
}

bool qli_name_index_add(struct qli_name_index *index, const char *name, const void *item)
{
    size_t length = strlen(name);
    uint64_t hash = ql_hash_bytes(ql_hash_start, name, length);
    struct qli_name_slot *slot = slot_of(index, name, length, hash);

    if (slot->name != NULL)
        return false;
    *slot = (struct qli_name_slot){.name = name, .length = length, .item = item, .hash = hash};
    return true;
}

const void *qli_name_index_find(const struct qli_name_index *index, const char *name, size_t length)
{
    return slot_of(index, name, length, ql_hash_bytes(ql_hash_start, name, length))->item;
}
