/* Entries sorted by id, each with the chain of its revisions that may be shown now
 * or soon, newest first and without gaps. */
#include "platform/copy/copy.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"

enum {
    ID_BYTES = 16,
    CHAIN_MAX = 16,
    GROW_MIN = 64,
    GONE_MAX = 1024,   /* hidden things whose ids are remembered */
    COMMIT_MS = 60000, /* between a revision's time and its commit; with clocks that differ */
};

struct version {
    struct version *older;
    int64_t revision, revised_ms;
    bool is_hidden;
    size_t etag_size, length; /* the etag with its NUL, then the bytes */
    char data[];
};

struct entry {
    unsigned char id[ID_BYTES];
    struct version *newest;
};

struct ql_copy {
    struct ql_copy_options options;
    pthread_rwlock_t lock; /* guards all below */
    struct entry *entries;
    size_t n_entries, n_room;
    size_t n_bytes;
    bool is_whole, had_room;
    size_t n_refused, n_removed; /* since the last load: had no room, and made some */
    int64_t sweep_ms;            /* when the next hidden thing is to be removed; 0: none */
    int64_t load_ms;             /* when the last load began */
    unsigned char gone[GONE_MAX][ID_BYTES]; /* removed because hidden, the last ones */
    size_t n_gone;                          /* ever */
    _Atomic int64_t proven_ms;              /* 0: never */
};

struct ql_copy *ql_copy_new(const struct ql_copy_options *options)
{
    struct ql_copy *copy = calloc(1, sizeof(*copy));
    pthread_rwlockattr_t attributes;

    if (copy == NULL)
        return NULL;
    copy->options = *options;
    pthread_rwlockattr_init(&attributes);
    /* The feeder would starve behind readers that overlap. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&copy->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return copy;
}

static size_t version_size(const struct version *version)
{
    return sizeof(*version) + version->etag_size + version->length;
}

/* Frees a version and all that are older. */
static void chain_free(struct ql_copy *copy, struct version *version)
{
    while (version != NULL) {
        struct version *older = version->older;

        copy->n_bytes -= version_size(version);
        free(version);
        version = older;
    }
}

void ql_copy_free(struct ql_copy *copy)
{
    if (copy == NULL)
        return;
    for (size_t i = 0; i < copy->n_entries; i++)
        chain_free(copy, copy->entries[i].newest);
    free(copy->entries);
    pthread_rwlock_destroy(&copy->lock);
    free(copy);
}

struct ql_copy_now ql_copy_now(void)
{
    return (struct ql_copy_now){ql_monotonic_ms(), ql_unix_ms()};
}

bool ql_copy_is_shown(int64_t revision, int64_t revised_ms, int64_t shown_after_ms, int64_t unix_ms)
{
    return revision <= 1 || revised_ms + shown_after_ms <= unix_ms;
}

static const char *write_id(struct ql_arena *arena, const unsigned char id[QL_UUID_BYTES])
{
    char *text = ql_arena_alloc(arena, QL_UUID_SIZE);

    if (text != NULL)
        ql_uuid_from_bytes(text, id);
    return text;
}

/* The place of the id, or where it would be. */
static size_t place_of(const struct ql_copy *copy, const unsigned char id[ID_BYTES],
                       bool *ret_is_there)
{
    size_t low = 0, high = copy->n_entries;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(id, copy->entries[middle].id, ID_BYTES);

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

static bool make_room(struct ql_copy *copy)
{
    size_t n_room = copy->n_room * 2 > GROW_MIN ? copy->n_room * 2 : GROW_MIN;
    struct entry *larger;

    if (copy->n_entries >= copy->options.max_entries)
        return false;
    if (copy->n_entries < copy->n_room)
        return true;
    larger = realloc(copy->entries, n_room * sizeof(*larger));
    if (larger == NULL)
        return false;
    copy->entries = larger;
    copy->n_room = n_room;
    return true;
}

static struct version *version_new(const struct ql_copy_item *item)
{
    size_t etag_size = strlen(item->etag) + 1;
    struct version *version = malloc(sizeof(*version) + etag_size + item->length);

    if (version == NULL)
        return NULL;
    *version = (struct version){.revision = item->revision,
                                .revised_ms = item->revised_ms,
                                .is_hidden = item->is_hidden,
                                .etag_size = etag_size,
                                .length = item->length};
    memcpy(version->data, item->etag, etag_size);
    if (item->length > 0)
        memcpy(version->data + etag_size, item->bytes, item->length);
    return version;
}

static void entry_remove(struct ql_copy *copy, size_t place)
{
    chain_free(copy, copy->entries[place].newest);
    copy->n_entries--;
    memmove(&copy->entries[place], &copy->entries[place + 1],
            (copy->n_entries - place) * sizeof(*copy->entries));
}

/* Drops what is older than the newest shown version, or too much. */
static void chain_trim(struct ql_copy *copy, struct version *newest, int64_t unix_ms)
{
    struct version *version = newest;

    for (int i = 1; i < CHAIN_MAX && version->older != NULL; i++) {
        if (ql_copy_is_shown(version->revision, version->revised_ms, copy->options.shown_after_ms,
                             unix_ms))
            break;
        version = version->older;
    }
    chain_free(copy, version->older);
    version->older = NULL;
}

static bool entry_put(struct ql_copy *copy, size_t place, bool is_there,
                      const unsigned char id[ID_BYTES], const struct ql_copy_item *item,
                      int64_t unix_ms)
{
    struct version *version = version_new(item);
    struct entry *entry;

    if (version == NULL || copy->n_bytes + version_size(version) > copy->options.max_bytes ||
        (!is_there && !make_room(copy))) {
        free(version);
        return false;
    }
    entry = &copy->entries[place];
    if (!is_there) {
        memmove(entry + 1, entry, (copy->n_entries - place) * sizeof(*entry));
        memcpy(entry->id, id, ID_BYTES);
        entry->newest = NULL;
        copy->n_entries++;
    }
    /* Behind a gap it is not known what is to be shown meanwhile. */
    if (entry->newest != NULL && entry->newest->revision + 1 != item->revision) {
        chain_free(copy, entry->newest);
        entry->newest = NULL;
    }
    version->older = entry->newest;
    entry->newest = version;
    copy->n_bytes += version_size(version);
    chain_trim(copy, version, unix_ms);
    return true;
}

static bool is_shown(const struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms)
{
    return ql_copy_is_shown(item->revision, item->revised_ms, copy->options.shown_after_ms,
                            unix_ms);
}

static void remember_gone(struct ql_copy *copy, const unsigned char id[ID_BYTES])
{
    memcpy(copy->gone[copy->n_gone++ % GONE_MAX], id, ID_BYTES);
}

/* A change of something that is not here makes it: it is the first revision, neither
 * of what was hidden since nor of what the last load passed over or comes to. */
static bool makes_it(const struct ql_copy *copy, const unsigned char id[ID_BYTES],
                     const struct ql_copy_item *item)
{
    size_t n_gone = copy->n_gone < GONE_MAX ? copy->n_gone : GONE_MAX;

    if (item->revision > 1 || item->revised_ms < copy->load_ms - COMMIT_MS)
        return false;
    for (size_t i = 0; i < n_gone; i++)
        if (memcmp(copy->gone[i], id, ID_BYTES) == 0)
            return false;
    return true;
}

/* Under the lock. Hidden things stay only while their last visible revision is shown,
 * or while it is not known what is. */
static void put(struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms,
                bool is_change)
{
    unsigned char id[ID_BYTES];
    bool is_there;
    size_t place;

    if (!ql_uuid_to_bytes(item->id, id))
        return;
    place = place_of(copy, id, &is_there);
    if (is_there && item->revision <= copy->entries[place].newest->revision)
        return;
    if (item->is_hidden && is_shown(copy, item, unix_ms)) {
        if (is_there)
            entry_remove(copy, place);
        if (is_there || is_change) {
            remember_gone(copy, id);
            copy->n_removed++;
        }
        return;
    }
    if (!is_there && is_change && !makes_it(copy, id, item))
        return;
    if (!entry_put(copy, place, is_there, id, item, unix_ms)) {
        copy->had_room = copy->is_whole = false;
        copy->n_refused++;
        copy->n_removed += item->is_hidden; /* it needs no room soon */
        if (is_there)
            entry_remove(copy, place);
        return;
    }
    if (item->is_hidden) {
        int64_t due_ms = item->revised_ms + copy->options.shown_after_ms;

        if (copy->sweep_ms == 0 || due_ms < copy->sweep_ms)
            copy->sweep_ms = due_ms;
    }
}

void ql_copy_load(struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&copy->lock);
    put(copy, item, unix_ms, /* is_change= */ false);
    pthread_rwlock_unlock(&copy->lock);
}

void ql_copy_change(struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&copy->lock);
    put(copy, item, unix_ms, /* is_change= */ true);
    pthread_rwlock_unlock(&copy->lock);
}

/* Under the lock: moves what stays together, in one pass. */
static void sweep(struct ql_copy *copy, int64_t unix_ms)
{
    size_t n_kept = 0;

    copy->sweep_ms = 0;
    for (size_t i = 0; i < copy->n_entries; i++) {
        struct version *newest = copy->entries[i].newest;
        int64_t due_ms = newest->revised_ms + copy->options.shown_after_ms;

        if (newest->is_hidden && due_ms <= unix_ms) {
            chain_free(copy, newest);
            remember_gone(copy, copy->entries[i].id);
            copy->n_removed++;
            continue;
        }
        if (newest->is_hidden && (copy->sweep_ms == 0 || due_ms < copy->sweep_ms))
            copy->sweep_ms = due_ms;
        copy->entries[n_kept++] = copy->entries[i];
    }
    copy->n_entries = n_kept;
}

void ql_copy_sweep(struct ql_copy *copy, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&copy->lock);
    if (copy->sweep_ms != 0 && copy->sweep_ms <= unix_ms)
        sweep(copy, unix_ms);
    pthread_rwlock_unlock(&copy->lock);
}

bool ql_copy_may_fit(struct ql_copy *copy)
{
    bool may_fit;

    pthread_rwlock_rdlock(&copy->lock);
    may_fit = !copy->is_whole && copy->n_removed > 0 && copy->n_removed >= copy->n_refused;
    pthread_rwlock_unlock(&copy->lock);
    return may_fit;
}

void ql_copy_begin_load(struct ql_copy *copy, int64_t unix_ms)
{
    pthread_rwlock_wrlock(&copy->lock);
    copy->had_room = true;
    copy->n_refused = copy->n_removed = 0;
    copy->load_ms = unix_ms;
    pthread_rwlock_unlock(&copy->lock);
}

void ql_copy_end_load(struct ql_copy *copy)
{
    pthread_rwlock_wrlock(&copy->lock);
    copy->is_whole = copy->had_room;
    pthread_rwlock_unlock(&copy->lock);
}

void ql_copy_prove(struct ql_copy *copy, int64_t as_of_ms)
{
    if (as_of_ms > atomic_load(&copy->proven_ms))
        atomic_store(&copy->proven_ms, as_of_ms);
}

int64_t ql_copy_age_ms(const struct ql_copy *copy, int64_t monotonic_ms)
{
    int64_t proven_ms = atomic_load(&copy->proven_ms);

    return proven_ms == 0 ? -1 : monotonic_ms - proven_ms;
}

bool ql_copy_is_trusted(const struct ql_copy *copy, int64_t monotonic_ms)
{
    int64_t proven_ms = atomic_load(&copy->proven_ms);

    return proven_ms != 0 && monotonic_ms - proven_ms < copy->options.trusted_ms;
}

size_t ql_copy_count(struct ql_copy *copy)
{
    size_t n;

    pthread_rwlock_rdlock(&copy->lock);
    n = copy->n_entries;
    pthread_rwlock_unlock(&copy->lock);
    return n;
}

size_t ql_copy_bytes(struct ql_copy *copy)
{
    size_t n;

    pthread_rwlock_rdlock(&copy->lock);
    n = copy->n_bytes;
    pthread_rwlock_unlock(&copy->lock);
    return n;
}

/* The version to show; NULL: it is not here. */
static const struct version *version_shown(const struct ql_copy *copy, const struct entry *entry,
                                           int64_t revision, int64_t unix_ms)
{
    const struct version *version = entry->newest;

    while (version != NULL &&
           !(revision == 0 ? ql_copy_is_shown(version->revision, version->revised_ms,
                                              copy->options.shown_after_ms, unix_ms)
                           : version->revision == revision))
        version = version->older;
    return version;
}

static bool item_take(struct ql_arena *arena, const struct entry *entry,
                      const struct version *version, struct ql_copy_item *ret_item)
{
    char *data = ql_arena_memdup(arena, version->data, version->etag_size + version->length);

    *ret_item = (struct ql_copy_item){.id = write_id(arena, entry->id),
                                      .revision = version->revision,
                                      .revised_ms = version->revised_ms,
                                      .is_hidden = version->is_hidden,
                                      .etag = data,
                                      .length = version->length};
    if (data == NULL || ret_item->id == NULL)
        return false;
    ret_item->bytes = data + version->etag_size;
    return true;
}

bool ql_copy_get(struct ql_copy *copy, struct ql_arena *arena, const char *id_text,
                 int64_t revision, struct ql_copy_now now, struct ql_copy_item *ret_item)
{
    const struct version *version = NULL;
    unsigned char id[ID_BYTES];
    bool is_there;
    size_t place;

    if (!ql_uuid_to_bytes(id_text, id) ||
        (revision == 0 && !ql_copy_is_trusted(copy, now.monotonic_ms)))
        return false;
    pthread_rwlock_rdlock(&copy->lock);
    place = place_of(copy, id, &is_there);
    if (is_there)
        version = version_shown(copy, &copy->entries[place], revision, now.unix_ms);
    is_there = version != NULL && item_take(arena, &copy->entries[place], version, ret_item);
    pthread_rwlock_unlock(&copy->lock);
    return is_there;
}

/* Under the lock. False: something to be shown is not here, or no memory. */
static bool page_fill(const struct ql_copy *copy, struct ql_arena *arena, size_t place,
                      size_t limit, size_t max_bytes, int64_t unix_ms, struct ql_copy_page *page)
{
    size_t n_bytes = 0;

    for (; place < copy->n_entries; place++) {
        const struct entry *entry = &copy->entries[place];
        const struct version *version = version_shown(copy, entry, 0, unix_ms);

        if (version == NULL)
            return false;
        if (version->is_hidden)
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

bool ql_copy_list(struct ql_copy *copy, struct ql_arena *arena, const char *after, size_t limit,
                  size_t max_bytes, struct ql_copy_now now, struct ql_copy_page *ret_page)
{
    unsigned char id[ID_BYTES];
    bool is_there, is_filled;
    size_t place;

    *ret_page =
        (struct ql_copy_page){.items = ql_arena_calloc(arena, limit + 1, sizeof(*ret_page->items))};
    if (ret_page->items == NULL || !ql_uuid_to_bytes(after, id) ||
        !ql_copy_is_trusted(copy, now.monotonic_ms))
        return false;
    pthread_rwlock_rdlock(&copy->lock);
    place = place_of(copy, id, &is_there);
    is_filled = copy->is_whole && page_fill(copy, arena, is_there ? place + 1 : place, limit,
                                            max_bytes, now.unix_ms, ret_page);
    pthread_rwlock_unlock(&copy->lock);
    return is_filled;
}
