/* The entries of a cache: sorted by id, each with the chain of its revisions that may be
 * published now or soon, newest first and without gaps. For cache.c, which holds a lock. */
#ifndef QL_READSIDE_ENTRIES_H
#define QL_READSIDE_ENTRIES_H

#include "platform/base/id.h"
#include "platform/resource/item.h"

struct qli_cache_version {
    struct qli_cache_version *older;
    int64_t revision, revised_ms;
    bool is_archived;
    size_t etag_size, length; /* the etag with its NUL, then the bytes */
    char data[];
};

struct qli_cache_entry {
    unsigned char id[QL_UUID_BYTES];
    struct qli_cache_version *newest;
};

struct qli_cache_entries {
    size_t max_entries, max_bytes; /* of all that is kept, about */
    int64_t publish_delay_ms;
    struct qli_cache_entry *all;
    size_t n, capacity, n_bytes;
};

void qli_cache_entries_done(struct qli_cache_entries *entries);

/* The index of the id, or where it would be. */
size_t qli_cache_entries_find(const struct qli_cache_entries *entries,
                              const unsigned char id[QL_UUID_BYTES], bool *ret_is_there);

/* Puts a newer revision of the entry at the index, or of one that begins there. False: it
 * does not fit. */
bool qli_cache_entries_put(struct qli_cache_entries *entries, size_t index, bool is_there,
                           const unsigned char id[QL_UUID_BYTES],
                           const struct ql_resource_item *item, int64_t unix_ms);
void qli_cache_entries_remove(struct qli_cache_entries *entries, size_t index);

/* Removes every entry that is due, in one pass: `is_due` says so, and may count. */
typedef bool qli_cache_entries_is_due(void *argument, const struct qli_cache_entry *entry);
void qli_cache_entries_remove_due(struct qli_cache_entries *entries,
                                  qli_cache_entries_is_due *is_due, void *argument);

/* The version to return, 0 for the newest that is published; NULL: it is not here. */
const struct qli_cache_version *qli_cache_entry_version(const struct qli_cache_entry *entry,
                                                        int64_t revision, int64_t publish_delay_ms,
                                                        int64_t unix_ms);
/* Copies it into the arena; false when that is full. */
bool qli_cache_entry_copy(struct ql_arena *arena, const struct qli_cache_entry *entry,
                          const struct qli_cache_version *version,
                          struct ql_resource_item *ret_item);

/* Whether a revision may be shown (cache.h). */
bool qli_version_is_published(int64_t revision, int64_t revised_ms, int64_t publish_delay_ms,
                              int64_t unix_ms);

#endif
