/* Where in a message we are, kept on the C stack for nothing and spelled out
 * only when a violation needs it: "quest.eventTypes[2]". */
#ifndef QLI_PB_SCHEMA_PATH_H
#define QLI_PB_SCHEMA_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "platform/base/arena.h"

struct qli_path {
    const struct qli_path *parent; /* NULL: the message itself */
    const char *name;              /* a field or a key; NULL: the element number index */
    size_t length;
    size_t index;
    bool is_key; /* spelled ["name"] */
};

static inline struct qli_path qli_path_field(const struct qli_path *parent, const char *name,
                                             size_t length)
{
    return (struct qli_path){.parent = parent, .name = name, .length = length};
}

static inline struct qli_path qli_path_key(const struct qli_path *parent, const char *key)
{
    return (struct qli_path){.parent = parent, .name = key, .length = strlen(key), .is_key = true};
}

static inline struct qli_path qli_path_element(const struct qli_path *parent, size_t index)
{
    return (struct qli_path){.parent = parent, .index = index};
}

/* The path as text, prefix in front; long names are cut. "" when the arena is
 * full: a violation without a path beats none. */
const char *qli_path_text(struct ql_arena *arena, const char *prefix, const struct qli_path *path);

#endif
