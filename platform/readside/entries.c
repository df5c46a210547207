/* A sorted array that grows, and the chains. */
#include "platform/readside/entries.h"

#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 16, GROW_MIN = 64 };

static size_t version_size(const struct qli_cache_version *version)
{
    return sizeof(*version) + version->etag_size + version->length;
}

/* Frees a version and all that are older. */
static void chain_free(struct qli_cache_entries *entries, struct qli_cache_version *version)
{
    while (version != NULL) {
        struct qli_cache_version *older = version->older;

        entries->n_bytes -= version_size(version);
        free(version);
        version = older;
    }
}

void qli_cache_entries_done(struct qli_cache_entries *entries)
{
    for (size_t i = 0; i < entries->n; i++)
        chain_free(entries, entries->all[i].newest);
    free(entries->all);
}

size_t qli_cache_entries_find(const struct qli_cache_entries *entries,
                              const unsigned char id[QL_UUID_BYTES], bool *ret_is_there)
{
    size_t low = 0, high = entries->n;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(id, entries->all[middle].id, QL_UUID_BYTES);

        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool make_space(struct qli_cache_entries *entries)
{
    size_t capacity = entries->capacity * 2 > GROW_MIN ? entries->capacity * 2 : GROW_MIN;
    struct qli_cache_entry *larger;

    if (entries->n >= entries->max_entries)
        return false;
    if (entries->n < entries->capacity)
        return true;
    larger = realloc(entries->all, capacity * sizeof(*larger));
    if (larger == NULL)
        return false;
    entries->all = larger;
    entries->capacity = capacity;
    return true;
}

static struct qli_cache_version *version_new(const struct ql_resource_item *item)
{
    size_t etag_size = strlen(item->etag) + 1;
    struct qli_cache_version *version = malloc(sizeof(*version) + etag_size + item->length);

    if (version == NULL)
        return NULL;
    *version = (struct qli_cache_version){.revision = item->revision,
                                          .revised_ms = item->revised_ms,
                                          .is_archived = item->is_archived,
                                          .etag_size = etag_size,
                                          .length = item->length};
    memcpy(version->data, item->etag, etag_size);
    if (item->length > 0)
        memcpy(version->data + etag_size, item->bytes, item->length);
    return version;
}

void qli_cache_entries_remove(struct qli_cache_entries *entries, size_t index)
{
    chain_free(entries, entries->all[index].newest);
    entries->n--;
    memmove(&entries->all[index], &entries->all[index + 1],
            (entries->n - index) * sizeof(*entries->all));
}

void qli_cache_entries_remove_due(struct qli_cache_entries *entries,
                                  qli_cache_entries_is_due *is_due, void *argument)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < entries->n; i++) {
        if (is_due(argument, &entries->all[i]))
            chain_free(entries, entries->all[i].newest);
        else
            entries->all[n_kept++] = entries->all[i];
    }
    entries->n = n_kept;
}

bool qli_version_is_published(int64_t revision, int64_t revised_ms, int64_t publish_delay_ms,
                              int64_t unix_ms)
{
    return revision <= 1 || revised_ms + publish_delay_ms <= unix_ms;
}

/* Drops what is older than the newest published version, or too much. */
static void chain_trim(struct qli_cache_entries *entries, struct qli_cache_version *newest,
                       int64_t unix_ms)
{
    struct qli_cache_version *version = newest;

    for (int i = 1; i < CHAIN_MAX && version->older != NULL; i++) {
        if (qli_version_is_published(version->revision, version->revised_ms,
                                     entries->publish_delay_ms, unix_ms))
            break;
        version = version->older;
    }
    chain_free(entries, version->older);
    version->older = NULL;
}

bool qli_cache_entries_put(struct qli_cache_entries *entries, size_t index, bool is_there,
                           const unsigned char id[QL_UUID_BYTES],
                           const struct ql_resource_item *item, int64_t unix_ms)
{
    struct qli_cache_version *version = version_new(item);
    struct qli_cache_entry *entry;

    if (version == NULL || entries->n_bytes + version_size(version) > entries->max_bytes ||
        (!is_there && !make_space(entries))) {
        free(version);
        return false;
    }
    entry = &entries->all[index];
    if (!is_there) {
        memmove(entry + 1, entry, (entries->n - index) * sizeof(*entry));
        memcpy(entry->id, id, QL_UUID_BYTES);
        entry->newest = NULL;
        entries->n++;
    }
    /* Behind a gap it is not known what is published meanwhile. */
    if (entry->newest != NULL && entry->newest->revision + 1 != item->revision) {
        chain_free(entries, entry->newest);
        entry->newest = NULL;
    }
    version->older = entry->newest;
    entry->newest = version;
    entries->n_bytes += version_size(version);
    chain_trim(entries, version, unix_ms);
    return true;
}

const struct qli_cache_version *qli_cache_entry_version(const struct qli_cache_entry *entry,
                                                        int64_t revision, int64_t publish_delay_ms,
                                                        int64_t unix_ms)
{
    const struct qli_cache_version *version = entry->newest;

    while (version != NULL &&
           !(revision == 0 ? qli_version_is_published(version->revision, version->revised_ms,
                                                      publish_delay_ms, unix_ms)
                           : version->revision == revision))
        version = version->older;
    return version;
}

static const char *write_id(struct ql_arena *arena, const unsigned char id[QL_UUID_BYTES])
{
    char *text = ql_arena_alloc(arena, QL_UUID_SIZE);

    if (text != NULL)
        ql_uuid_from_bytes(text, id);
    return text;
}

bool qli_cache_entry_copy(struct ql_arena *arena, const struct qli_cache_entry *entry,
                          const struct qli_cache_version *version,
                          struct ql_resource_item *ret_item)
{
    char *data = ql_arena_memdup(arena, version->data, version->etag_size + version->length);

    *ret_item = (struct ql_resource_item){.id = write_id(arena, entry->id),
                                          .revision = version->revision,
                                          .revised_ms = version->revised_ms,
                                          .is_archived = version->is_archived,
                                          .etag = data,
                                          .length = version->length};
    if (data == NULL || ret_item->id == NULL)
        return false;
    ret_item->bytes = data + version->etag_size;
    return true;
}
