/* The lock, the lease, and what a put, a relist and an eviction do to the entries. */
#include "platform/readside/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/readside/entries.h"

enum {
    GONE_MAX = 1024,   /* archived resources whose ids are remembered */
    COMMIT_MS = 60000, /* between a revision's time and its commit; with clocks that differ */
};

struct ql_cache {
    struct ql_cache_options options;
    pthread_rwlock_t lock; /* guards all below */
    struct qli_cache_entries entries;
    bool is_whole, had_space;
    size_t n_refused, n_removed; /* since the last relist: had no space, and made some */
    int64_t evict_ms;            /* when the next archived resource is to be removed; 0: none */
    int64_t relist_ms;           /* when the last relist began */
    unsigned char gone[GONE_MAX][QL_UUID_BYTES]; /* removed because archived, the last ones */
    size_t n_gone;                               /* ever */
    _Atomic int64_t synced_as_of_ms;             /* 0: never */
};

struct ql_cache *ql_cache_new(const struct ql_cache_options *options)
{
    struct ql_cache *cache = calloc(1, sizeof(*cache));
    pthread_rwlockattr_t attributes;

    if (cache == NULL)
        return NULL;
    cache->options = *options;
    cache->entries = (struct qli_cache_entries){.max_entries = options->max_entries,
                                                .max_bytes = options->max_bytes,
                                                .publish_delay_ms = options->publish_delay_ms};
    pthread_rwlockattr_init(&attributes);
    /* The filling thread would starve behind readers that overlap. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&cache->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return cache;
}

void ql_cache_free(struct ql_cache *cache)
{
    if (cache == NULL)
        return;
    qli_cache_entries_done(&cache->entries);
    pthread_rwlock_destroy(&cache->lock);
    free(cache);
}

struct ql_cache_now ql_cache_now(void)
{
    return (struct ql_cache_now){ql_monotonic_ms(), ql_unix_ms()};
}

static bool item_is_published(const struct ql_cache *cache, const struct ql_resource_item *item,
                              int64_t unix_ms)
{
    return qli_version_is_published(item->revision, item->revised_ms,
                                    cache->options.publish_delay_ms, unix_ms);
}

static void remember_gone(struct ql_cache *cache, const unsigned char id[QL_UUID_BYTES])
{
    memcpy(cache->gone[cache->n_gone++ % GONE_MAX], id, QL_UUID_BYTES);
}

/* Whether a change of a resource that is not here brings it: the first revision, neither
 * of what was archived since nor of what the last relist passed over or comes to. */
static bool is_first_change(const struct ql_cache *cache, const unsigned char id[QL_UUID_BYTES],
                            const struct ql_resource_item *item)
{
    size_t n_gone = cache->n_gone < GONE_MAX ? cache->n_gone : GONE_MAX;

    if (item->revision > 1 || item->revised_ms < cache->relist_ms - COMMIT_MS)
        return false;
    for (size_t i = 0; i < n_gone; i++)
        if (memcmp(cache->gone[i], id, QL_UUID_BYTES) == 0)
            return false;
    return true;
}

static void evict_at(struct ql_cache *cache, int64_t due_ms)
{
    if (cache->evict_ms == 0 || due_ms < cache->evict_ms)
        cache->evict_ms = due_ms;
}

/* Under the lock. Archived resources stay only while their last visible revision is
 * published, or while it is not known what is. */
static void put_item(struct ql_cache *cache, const struct ql_resource_item *item, int64_t unix_ms,
                     bool is_change)
{
    unsigned char id[QL_UUID_BYTES];
    bool is_there;
    size_t index;

    if (!ql_uuid_to_bytes(item->id, id))
        return;
    index = qli_cache_entries_find(&cache->entries, id, &is_there);
    if (is_there && item->revision <= cache->entries.all[index].newest->revision)
        return;
    if (item->is_archived && item_is_published(cache, item, unix_ms)) {
        if (is_there)
            qli_cache_entries_remove(&cache->entries, index);
        if (is_there || is_change) {
            remember_gone(cache, id);
            cache->n_removed++;
        }
        return;
    }
    if (!is_there && is_change && !cache->options.is_of_snapshots &&
        !is_first_change(cache, id, item))
        return;
    if (!qli_cache_entries_put(&cache->entries, index, is_there, id, item, unix_ms)) {
        cache->had_space = cache->is_whole = false;
        cache->n_refused++;
        cache->n_removed += item->is_archived; /* it needs no space soon */
        if (is_there)
            qli_cache_entries_remove(&cache->entries, index);
        return;
    }
    if (item->is_archived)
        evict_at(cache, item->revised_ms + cache->options.publish_delay_ms);
}

static void put_locked(struct ql_cache *cache, const struct ql_resource_item *item, int64_t unix_ms,
                       bool is_change)
{
    pthread_rwlock_wrlock(&cache->lock);
    put_item(cache, item, unix_ms, is_change);
    pthread_rwlock_unlock(&cache->lock);
}

void ql_cache_put_listed(struct ql_cache *cache, const struct ql_resource_item *item,
                         int64_t unix_ms)
{
    put_locked(cache, item, unix_ms, /* is_change= */ false);
}

void ql_cache_put_changed(struct ql_cache *cache, const struct ql_resource_item *item,
                          int64_t unix_ms)
{
    put_locked(cache, item, unix_ms, /* is_change= */ true);
}

struct eviction {
    struct ql_cache *cache;
    int64_t unix_ms;
};

/* Also notes when the next eviction is due. */
static bool is_evicted(void *argument, const struct qli_cache_entry *entry)
{
    const struct eviction *eviction = argument;
    struct ql_cache *cache = eviction->cache;
    int64_t due_ms = entry->newest->revised_ms + cache->options.publish_delay_ms;

    if (!entry->newest->is_archived)
        return false;
    if (due_ms > eviction->unix_ms) {
        evict_at(cache, due_ms);
        return false;
    }
    remember_gone(cache, entry->id);
    cache->n_removed++;
    return true;
}

/* Under the lock. */
static void evict_due(struct ql_cache *cache, int64_t unix_ms)
{
    struct eviction eviction = {.cache = cache, .unix_ms = unix_ms};

    cache->evict_ms = 0;
    qli_cache_entries_remove_due(&cache->entries, is_evicted, &eviction);
}

void ql_cache_evict_archived(struct ql_cache *cache, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    if (cache->evict_ms != 0 && cache->evict_ms <= unix_ms)
        evict_due(cache, unix_ms);
    pthread_rwlock_unlock(&cache->lock);
}

bool ql_cache_may_fit(struct ql_cache *cache)
{
    bool may_fit;

    pthread_rwlock_rdlock(&cache->lock);
    may_fit = !cache->is_whole && cache->n_removed > 0 && cache->n_removed >= cache->n_refused;
    pthread_rwlock_unlock(&cache->lock);
    return may_fit;
}

void ql_cache_begin_relist(struct ql_cache *cache, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&cache->lock);
    cache->had_space = true;
    cache->n_refused = cache->n_removed = 0;
    cache->relist_ms = unix_ms;
    pthread_rwlock_unlock(&cache->lock);
}

void ql_cache_end_relist(struct ql_cache *cache)
{
    pthread_rwlock_wrlock(&cache->lock);
    cache->is_whole = cache->had_space;
    pthread_rwlock_unlock(&cache->lock);
}

void ql_cache_set_synced(struct ql_cache *cache, int64_t as_of_ms)
{
    if (as_of_ms > atomic_load(&cache->synced_as_of_ms))
        atomic_store(&cache->synced_as_of_ms, as_of_ms);
}

int64_t ql_cache_age_ms(const struct ql_cache *cache, int64_t monotonic_ms)
{
    int64_t synced_as_of_ms = atomic_load(&cache->synced_as_of_ms);

    return synced_as_of_ms == 0 ? -1 : monotonic_ms - synced_as_of_ms;
}

bool ql_cache_has_lease(const struct ql_cache *cache, int64_t monotonic_ms)
{
    int64_t synced_as_of_ms = atomic_load(&cache->synced_as_of_ms);

    return synced_as_of_ms != 0 && monotonic_ms - synced_as_of_ms < cache->options.lease_ms;
}

size_t ql_cache_count(struct ql_cache *cache)
{
    size_t n;

    pthread_rwlock_rdlock(&cache->lock);
    n = cache->entries.n;
    pthread_rwlock_unlock(&cache->lock);
    return n;
}

size_t ql_cache_bytes(struct ql_cache *cache)
{
    size_t n;

    pthread_rwlock_rdlock(&cache->lock);
    n = cache->entries.n_bytes;
    pthread_rwlock_unlock(&cache->lock);
    return n;
}

bool ql_cache_get(struct ql_cache *cache, struct ql_arena *arena, const char *id_text,
                  int64_t revision, struct ql_cache_now now, struct ql_resource_item *ret_item)
{
    const struct qli_cache_version *version = NULL;
    unsigned char id[QL_UUID_BYTES];
    bool is_there;
    size_t index;

    if (!ql_uuid_to_bytes(id_text, id) ||
        (revision == 0 && !ql_cache_has_lease(cache, now.monotonic_ms)))
        return false;
    pthread_rwlock_rdlock(&cache->lock);
    index = qli_cache_entries_find(&cache->entries, id, &is_there);
    if (is_there)
        version = qli_cache_entry_version(&cache->entries.all[index], revision,
                                          cache->options.publish_delay_ms, now.unix_ms);
    is_there = version != NULL &&
               qli_cache_entry_copy(arena, &cache->entries.all[index], version, ret_item);
    pthread_rwlock_unlock(&cache->lock);
    return is_there;
}

bool ql_cache_lacks(struct ql_cache *cache, const char *id_text, struct ql_cache_now now)
{
    unsigned char id[QL_UUID_BYTES];
    bool is_there, is_whole;

    if (!ql_uuid_to_bytes(id_text, id) || !ql_cache_has_lease(cache, now.monotonic_ms))
        return false;
    pthread_rwlock_rdlock(&cache->lock);
    is_whole = cache->is_whole;
    (void)qli_cache_entries_find(&cache->entries, id, &is_there);
    pthread_rwlock_unlock(&cache->lock);
    return is_whole && !is_there;
}

/* A page in the making. */
struct filling {
    struct ql_arena *arena;
    const struct ql_cache_filter *filter; /* NULL: none */
    size_t limit, max_bytes, n_bytes;
    int64_t unix_ms;
    struct ql_cache_page *page;
};

static bool is_kept(const struct ql_cache_filter *filter, const struct qli_cache_version *version)
{
    return filter == NULL ||
           filter->keep(filter->argument, version->data + version->etag_size, version->length);
}

/* Under the lock. False: a published revision is not here, no memory, or too much to look at. */
static bool fill_page(const struct ql_cache *cache, size_t index, struct filling *filling)
{
    struct ql_cache_page *page = filling->page;
    size_t end = cache->entries.n;

    if (filling->filter != NULL && end - index > QL_CACHE_LOOKS_MAX)
        end = index + QL_CACHE_LOOKS_MAX;
    for (; index < end; index++) {
        const struct qli_cache_entry *entry = &cache->entries.all[index];
        const struct qli_cache_version *version =
            qli_cache_entry_version(entry, 0, cache->options.publish_delay_ms, filling->unix_ms);

        if (version == NULL)
            return false;
        if (version->is_archived || !is_kept(filling->filter, version))
            continue;
        if (page->n_items == filling->limit || filling->n_bytes >= filling->max_bytes) {
            page->has_more = true;
            return true;
        }
        if (!qli_cache_entry_copy(filling->arena, entry, version, &page->items[page->n_items]))
            return false;
        page->n_items++;
        filling->n_bytes += version->length;
    }
    return end == cache->entries.n;
}

bool ql_cache_list(struct ql_cache *cache, struct ql_arena *arena, const char *after, size_t limit,
                   size_t max_bytes, const struct ql_cache_filter *filter, struct ql_cache_now now,
                   struct ql_cache_page *ret_page)
{
    struct filling filling = {.arena = arena,
                              .filter = filter,
                              .limit = limit,
                              .max_bytes = max_bytes,
                              .unix_ms = now.unix_ms,
                              .page = ret_page};
    unsigned char id[QL_UUID_BYTES];
    bool is_there, is_filled;
    size_t index;

    *ret_page = (struct ql_cache_page){
        .items = ql_arena_calloc(arena, limit + 1, sizeof(*ret_page->items))};
    if (ret_page->items == NULL || !ql_uuid_to_bytes(after, id) ||
        !ql_cache_has_lease(cache, now.monotonic_ms))
        return false;
    pthread_rwlock_rdlock(&cache->lock);
    index = qli_cache_entries_find(&cache->entries, id, &is_there);
    is_filled = cache->is_whole && fill_page(cache, is_there ? index + 1 : index, &filling);
    pthread_rwlock_unlock(&cache->lock);
    return is_filled;
}
