/* A hash index from names to items, filled once and then only read: full names,
 * fields, enum values. Memory comes from an arena; any thread may look up. */
#ifndef QLI_PB_SCHEMA_NAME_INDEX_H
#define QLI_PB_SCHEMA_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/arena.h"

struct qli_name_slot;

struct qli_name_index {
    struct qli_name_slot *slots;
    size_t mask;
};

/* Reserves space for capacity names. False when the arena is full. */
bool qli_name_index_init(struct qli_name_index *index, struct ql_arena *arena, size_t capacity);

/* Adds a name, which must outlive the index; false when it is there already. */
bool qli_name_index_add(struct qli_name_index *index, const char *name, const void *item);

/* The item of a name, which need not end with a NUL; NULL when there is none. */
const void *qli_name_index_find(const struct qli_name_index *index, const char *name,
                                size_t length);

#endif
