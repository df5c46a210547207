/* Entries sorted by id, each with the chain of its revisions that may be published now
 * or soon, newest first and without gaps. */
#include "services/catalog/cache/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"

enum {
    CHAIN_MAX = 16,
    GROW_MIN = 64,
    GONE_MAX = 1024,   /* archived resources whose ids are remembered */
    COMMIT_MS = 60000, /* between a revision's time and its commit; with clocks that differ */
};

struct version {
    struct version *older;
    int64_t revision, revised_ms;
    bool is_archived;
    size_t etag_size, length; /* the etag with its NUL, then the bytes */
    char data[];
};

struct entry {
    unsigned char id[QL_UUID_BYTES];
    struct version *newest;
};

struct cache {
    struct cache_options options;
    pthread_rwlock_t lock; /* guards all below */
    struct entry *entries;
    size_t n_entries, n_room;
    size_t n_bytes;
    bool is_whole, had_room;
    size_t n_refused, n_removed; /* since the last relist: had no room, and made some */
    int64_t evict_ms;            /* when the next archived resource is to be removed; 0: none */
    int64_t relist_ms;           /* when the last relist began */
    unsigned char gone[GONE_MAX][QL_UUID_BYTES]; /* removed because archived, the last ones */
    size_t n_gone;                               /* ever */
    _Atomic int64_t synced_as_of_ms;             /* 0: never */
};

struct cache *cache_new(const struct cache_options *options)
{
    struct cache *cache = calloc(1, sizeof(*cache));
    pthread_rwlockattr_t attributes;

    if (cache == NULL)
        return NULL;
    cache->options = *options;
    pthread_rwlockattr_init(&attributes);
    /* The filling thread would starve behind readers that overlap. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&cache->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return cache;
}

static size_t version_size(const struct version *version)
{
    return sizeof(*version) + version->etag_size + version->length;
}

/* Frees a version and all that are older. */
static void chain_free(struct cache *cache, struct version *version)
{
    while (version != NULL) {
        struct version *older = version->older;

        cache->n_bytes -= version_size(version);
        free(version);
        version = older;
    }
}

void cache_free(struct cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->n_entries; i++)
        chain_free(cache, cache->entries[i].newest);
    free(cache->entries);
    pthread_rwlock_destroy(&cache->lock);
    free(cache);
}

struct cache_now cache_now(void)
{
    return (struct cache_now){ql_monotonic_ms(), ql_unix_ms()};
}

bool cache_is_published(int64_t revision, int64_t revised_ms, int64_t publish_delay_ms,
                        int64_t unix_ms)
{
    return revision <= 1 || revised_ms + publish_delay_ms <= unix_ms;
}

static const char *write_id(struct ql_arena *arena, const unsigned char id[QL_UUID_BYTES])
{
    char *text = ql_arena_alloc(arena, QL_UUID_SIZE);

    if (text != NULL)
        ql_uuid_from_bytes(text, id);
    return text;
}

/* The place of the id, or where it would be. */
static size_t place_of(const struct cache *cache, const unsigned char id[QL_UUID_BYTES],
                       bool *ret_is_there)
{
    size_t low = 0, high = cache->n_entries;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(id, cache->entries[middle].id, QL_UUID_BYTES);

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

static bool make_room(struct cache *cache)
{
    size_t n_room = cache->n_room * 2 > GROW_MIN ? cache->n_room * 2 : GROW_MIN;
    struct entry *larger;

    if (cache->n_entries >= cache->options.max_entries)
        return false;
    if (cache->n_entries < cache->n_room)
        return true;
    larger = realloc(cache->entries, n_room * sizeof(*larger));
    if (larger == NULL)
        return false;
    cache->entries = larger;
    cache->n_room = n_room;
    return true;
}

static struct version *version_new(const struct resource_item *item)
{
    size_t etag_size = strlen(item->etag) + 1;
    struct version *version = malloc(sizeof(*version) + etag_size + item->length);

    if (version == NULL)
        return NULL;
    *version = (struct version){.revision = item->revision,
                                .revised_ms = item->revised_ms,
                                .is_archived = item->is_archived,
                                .etag_size = etag_size,
                                .length = item->length};
    memcpy(version->data, item->etag, etag_size);
    if (item->length > 0)
        memcpy(version->data + etag_size, item->bytes, item->length);
    return version;
}

static void entry_remove(struct cache *cache, size_t place)
{
    chain_free(cache, cache->entries[place].newest);
    cache->n_entries--;
    memmove(&cache->entries[place], &cache->entries[place + 1],
            (cache->n_entries - place) * sizeof(*cache->entries));
}

/* Drops what is older than the newest published version, or too much. */
static void chain_trim(struct cache *cache, struct version *newest, int64_t unix_ms)
{
    struct version *version = newest;

    for (int i = 1; i < CHAIN_MAX && version->older != NULL; i++) {
        if (cache_is_published(version->revision, version->revised_ms,
                               cache->options.publish_delay_ms, unix_ms))
            break;
        version = version->older;
    }
    chain_free(cache, version->older);
    version->older = NULL;
}

static bool entry_put(struct cache *cache, size_t place, bool is_there,
                      const unsigned char id[QL_UUID_BYTES], const struct resource_item *item,
                      int64_t unix_ms)
{
    struct version *version = version_new(item);
    struct entry *entry;

    if (version == NULL || cache->n_bytes + version_size(version) > cache->options.max_bytes ||
        (!is_there && !make_room(cache))) {
        free(version);
        return false;
    }
    entry = &cache->entries[place];
    if (!is_there) {
        memmove(entry + 1, entry, (cache->n_entries - place) * sizeof(*entry));
        memcpy(entry->id, id, QL_UUID_BYTES);
        entry->newest = NULL;
        cache->n_entries++;
    }
    /* Behind a gap it is not known what is published meanwhile. */
    if (entry->newest != NULL && entry->newest->revision + 1 != item->revision) {
        chain_free(cache, entry->newest);
        entry->newest = NULL;
    }
    version->older = entry->newest;
    entry->newest = version;
    cache->n_bytes += version_size(version);
    chain_trim(cache, version, unix_ms);
    return true;
}

static bool item_is_published(const struct cache *cache, const struct resource_item *item,
                              int64_t unix_ms)
{
    return cache_is_published(item->revision, item->revised_ms, cache->options.publish_delay_ms,
                              unix_ms);
}

static void remember_gone(struct cache *cache, const unsigned char id[QL_UUID_BYTES])
{
    memcpy(cache->gone[cache->n_gone++ % GONE_MAX], id, QL_UUID_BYTES);
}

/* Whether a change of a resource that is not here brings it: the first revision, neither
 * of what was archived since nor of what the last relist passed over or comes to. */
static bool is_first_change(const struct cache *cache, const unsigned char id[QL_UUID_BYTES],
                            const struct resource_item *item)
{
    size_t n_gone = cache->n_gone < GONE_MAX ? cache->n_gone : GONE_MAX;

    if (item->revision > 1 || item->revised_ms < cache->relist_ms - COMMIT_MS)
        return false;
    for (size_t i = 0; i < n_gone; i++)
        if (memcmp(cache->gone[i], id, QL_UUID_BYTES) == 0)
            return false;
    return true;
}

/* Under the lock. Archived resources stay only while their last visible revision is
 * published, or while it is not known what is. */
static void put_item(struct cache *cache, const struct resource_item *item, int64_t unix_ms,
                     bool is_change)
{
    unsigned char id[QL_UUID_BYTES];
    bool is_there;
    size_t place;

    if (!ql_uuid_to_bytes(item->id, id))
        return;
    place = place_of(cache, id, &is_there);
    if (is_there && item->revision <= cache->entries[place].newest->revision)
        return;
    if (item->is_archived && item_is_published(cache, item, unix_ms)) {
        if (is_there)
            entry_remove(cache, place);
        if (is_there || is_change) {
            remember_gone(cache, id);
            cache->n_removed++;
        }
        return;
    }
    if (!is_there && is_change && !is_first_change(cache, id, item))
        return;
    if (!entry_put(cache, place, is_there, id, item, unix_ms)) {
        cache->had_room = cache->is_whole = false;
        cache->n_refused++;
        cache->n_removed += item->is_archived; /* it needs no room soon */
        if (is_there)
            entry_remove(cache, place);
        return;
    }
    if (item->is_archived) {
        int64_t due_ms = item->revised_ms + cache->options.publish_delay_ms;

        if (cache->evict_ms == 0 || due_ms < cache->evict_ms)
            cache->evict_ms = due_ms;
    }
}

void cache_put_listed(struct cache *cache, const struct resource_item *item, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    put_item(cache, item, unix_ms, /* is_change= */ false);
    pthread_rwlock_unlock(&cache->lock);
}

void cache_put_changed(struct cache *cache, const struct resource_item *item, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    put_item(cache, item, unix_ms, /* is_change= */ true);
    pthread_rwlock_unlock(&cache->lock);
}

/* Under the lock: moves what stays together, in one pass. */
static void evict_due(struct cache *cache, int64_t unix_ms)
{
    size_t n_kept = 0;

    cache->evict_ms = 0;
    for (size_t i = 0; i < cache->n_entries; i++) {
        struct version *newest = cache->entries[i].newest;
        int64_t due_ms = newest->revised_ms + cache->options.publish_delay_ms;

        if (newest->is_archived && due_ms <= unix_ms) {
            chain_free(cache, newest);
            remember_gone(cache, cache->entries[i].id);
            cache->n_removed++;
            continue;
        }
        if (newest->is_archived && (cache->evict_ms == 0 || due_ms < cache->evict_ms))
            cache->evict_ms = due_ms;
        cache->entries[n_kept++] = cache->entries[i];
    }
    cache->n_entries = n_kept;
}

void cache_evict_archived(struct cache *cache, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    if (cache->evict_ms != 0 && cache->evict_ms <= unix_ms)
        evict_due(cache, unix_ms);
    pthread_rwlock_unlock(&cache->lock);
}

bool cache_may_fit(struct cache *cache)
{
    bool may_fit;

    pthread_rwlock_rdlock(&cache->lock);
    may_fit = !cache->is_whole && cache->n_removed > 0 && cache->n_removed >= cache->n_refused;
    pthread_rwlock_unlock(&cache->lock);
    return may_fit;
}

void cache_begin_relist(struct cache *cache, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    cache->had_room = true;
    cache->n_refused = cache->n_removed = 0;
    cache->relist_ms = unix_ms;
    pthread_rwlock_unlock(&cache->lock);
}

void cache_end_relist(struct cache *cache)
{
    pthread_rwlock_wrlock(&cache->lock);
    cache->is_whole = cache->had_room;
    pthread_rwlock_unlock(&cache->lock);
}

void cache_set_synced(struct cache *cache, int64_t as_of_ms)
{
    if (as_of_ms > atomic_load(&cache->synced_as_of_ms))
        atomic_store(&cache->synced_as_of_ms, as_of_ms);
}

int64_t cache_age_ms(const struct cache *cache, int64_t monotonic_ms)
{
    int64_t synced_as_of_ms = atomic_load(&cache->synced_as_of_ms);

    return synced_as_of_ms == 0 ? -1 : monotonic_ms - synced_as_of_ms;
}

bool cache_has_lease(const struct cache *cache, int64_t monotonic_ms)
{
    int64_t synced_as_of_ms = atomic_load(&cache->synced_as_of_ms);

    return synced_as_of_ms != 0 && monotonic_ms - synced_as_of_ms < cache->options.lease_ms;
}

size_t cache_count(struct cache *cache)
{
    size_t n;

    pthread_rwlock_rdlock(&cache->lock);
    n = cache->n_entries;
    pthread_rwlock_unlock(&cache->lock);
    return n;
}

size_t cache_bytes(struct cache *cache)
{
    size_t n;

    pthread_rwlock_rdlock(&cache->lock);
    n = cache->n_bytes;
    pthread_rwlock_unlock(&cache->lock);
    return n;
}

/* The version to return; NULL: it is not here. */
static const struct version *version_published(const struct cache *cache, const struct entry *entry,
                                               int64_t revision, int64_t unix_ms)
{
    const struct version *version = entry->newest;

    while (version != NULL &&
           !(revision == 0 ? cache_is_published(version->revision, version->revised_ms,
                                                cache->options.publish_delay_ms, unix_ms)
                           : version->revision == revision))
        version = version->older;
    return version;
}

static bool item_take(struct ql_arena *arena, const struct entry *entry,
                      const struct version *version, struct resource_item *ret_item)
{
    char *data = ql_arena_memdup(arena, version->data, version->etag_size + version->length);

    *ret_item = (struct resource_item){.id = write_id(arena, entry->id),
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

bool cache_get(struct cache *cache, struct ql_arena *arena, const char *id_text, int64_t revision,
               struct cache_now now, struct resource_item *ret_item)
{
    const struct version *version = NULL;
    unsigned char id[QL_UUID_BYTES];
    bool is_there;
    size_t place;

    if (!ql_uuid_to_bytes(id_text, id) ||
        (revision == 0 && !cache_has_lease(cache, now.monotonic_ms)))
        return false;
    pthread_rwlock_rdlock(&cache->lock);
    place = place_of(cache, id, &is_there);
    if (is_there)
        version = version_published(cache, &cache->entries[place], revision, now.unix_ms);
    is_there = version != NULL && item_take(arena, &cache->entries[place], version, ret_item);
    pthread_rwlock_unlock(&cache->lock);
    return is_there;
}

/* Under the lock. False: a published revision is not here, or no memory. */
static bool page_fill(const struct cache *cache, struct ql_arena *arena, size_t place, size_t limit,
                      size_t max_bytes, int64_t unix_ms, struct cache_page *page)
{
    size_t n_bytes = 0;

    for (; place < cache->n_entries; place++) {
        const struct entry *entry = &cache->entries[place];
        const struct version *version = version_published(cache, entry, 0, unix_ms);

        if (version == NULL)
            return false;
        if (version->is_archived)
            continue;
        if (page->n_items == limit || n_bytes >= max_bytes) {
            page->has_more = true;
            return true;
        }
        if (!item_take(arena, entry, version, &page->items[page->n_items]))
            return false;
        page->n_items++;
        n_bytes += version->length;
    }
    return true;
}

bool cache_list(struct cache *cache, struct ql_arena *arena, const char *after, size_t limit,
                size_t max_bytes, struct cache_now now, struct cache_page *ret_page)
{
    unsigned char id[QL_UUID_BYTES];
    bool is_there, is_filled;
    size_t place;

    *ret_page =
        (struct cache_page){.items = ql_arena_calloc(arena, limit + 1, sizeof(*ret_page->items))};
    if (ret_page->items == NULL || !ql_uuid_to_bytes(after, id) ||
        !cache_has_lease(cache, now.monotonic_ms))
        return false;
    pthread_rwlock_rdlock(&cache->lock);
    place = place_of(cache, id, &is_there);
    is_filled = cache->is_whole && page_fill(cache, arena, is_there ? place + 1 : place, limit,
                                             max_bytes, now.unix_ms, ret_page);
    pthread_rwlock_unlock(&cache->lock);
    return is_filled;
}
