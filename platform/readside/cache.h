/* A bounded cache in memory of resources and their revisions: only a newer revision
 * replaces one, and readers never wait for anything but each other.
 *
 * It answers only while it has a lease: one thread puts every change into it and says now
 * and then as of when it lacks none (ql_cache_set_synced); lease_ms after that moment it
 * answers no more.
 *
 * A revision is published publish_delay_ms after it was made, the first one at once. With
 * publish_delay_ms above lease_ms, no process shows it while another one may still answer
 * from a cache without it: so a client that asks several processes in turn never sees an
 * older revision after a newer one. All code that shows revisions calls
 * qli_version_is_published; the clocks of the machines must agree by the difference.
 *
 * What is archived stays archived: no later revision shows it again. So it takes no space
 * from the moment on that its archived revision is published; it is then read elsewhere,
 * as are lists that contain archived resources. */
#ifndef QL_READSIDE_CACHE_H
#define QL_READSIDE_CACHE_H

#include "platform/resource/item.h"

struct ql_cache;

struct ql_cache_options {
    size_t max_entries; /* what comes beyond is not kept */
    size_t max_bytes;   /* of all that is kept, about */
    int64_t lease_ms;
    int64_t publish_delay_ms;
    /* What changes is put whether it was here or not, and whatever its number: nothing is
     * archived, and what PostgreSQL has may be older (snapshot.h). */
    bool is_of_snapshots;
};

struct ql_cache_now {
    int64_t monotonic_ms;
    int64_t unix_ms;
};

struct ql_cache_page {
    struct ql_resource_item *items; /* by id */
    size_t n_items;
    bool has_more;
};

struct ql_cache *ql_cache_new(const struct ql_cache_options *options); /* NULL without memory */
void ql_cache_free(struct ql_cache *cache);                            /* NULL is fine */

struct ql_cache_now ql_cache_now(void);

/* For the one thread that fills it: what its source lists, between the begin and the end
 * of a relist, and each change in the order in which the source made them. An older
 * revision, or the same again, changes nothing. A resource for which there is no space is
 * not in the cache at all. A change of a resource that is not in the cache is left out
 * unless it is the first revision: the resource is archived, had no space, or the relist
 * under way comes to it. So a change that is delivered again, late, shows nothing archived. */
void ql_cache_put_listed(struct ql_cache *cache, const struct ql_resource_item *item,
                         int64_t unix_ms);
void ql_cache_put_changed(struct ql_cache *cache, const struct ql_resource_item *item,
                          int64_t unix_ms);

/* After the end everything that there is has been listed: the cache may answer lists,
 * unless there was no space for something. */
void ql_cache_begin_relist(struct ql_cache *cache, int64_t unix_ms);
void ql_cache_end_relist(struct ql_cache *cache);

/* Removes what is archived and published; for the same thread, a few times a second. */
void ql_cache_evict_archived(struct ql_cache *cache, int64_t unix_ms);
/* Since the last relist for which there was not enough space, so much was removed that
 * another one may succeed. */
bool ql_cache_may_fit(struct ql_cache *cache);

/* Every change up to this moment (monotonic) has been put. */
void ql_cache_set_synced(struct ql_cache *cache, int64_t as_of_ms);
/* Milliseconds since that moment; -1: there was none. Any thread. */
int64_t ql_cache_age_ms(const struct ql_cache *cache, int64_t monotonic_ms);
bool ql_cache_has_lease(const struct ql_cache *cache, int64_t monotonic_ms);

size_t ql_cache_count(struct ql_cache *cache);
size_t ql_cache_bytes(struct ql_cache *cache);

/* For any thread; what they return lives in the arena. False: it is not here, or there is
 * no lease, and it must be read elsewhere. A revision that is asked for by its number
 * needs no lease; 0 asks for the newest that is published. */
bool ql_cache_get(struct ql_cache *cache, struct ql_arena *arena, const char *id, int64_t revision,
                  struct ql_cache_now now, struct ql_resource_item *ret_item);

/* The cache holds everything and has a lease, and nothing of this id is here: so there is
 * nothing. */
bool ql_cache_lacks(struct ql_cache *cache, const char *id, struct ql_cache_now now);

/* Which resources a list has, by their bytes; called under the cache's lock, so it must be
 * quick. NULL: all. */
struct ql_cache_filter {
    bool (*keep)(const void *argument, const void *bytes, size_t length);
    const void *argument;
};

/* A list with a filter looks at so many resources; false when the page is not full then. */
enum { QL_CACHE_LOOKS_MAX = 5000 };

/* The published revisions behind the id `after` that the filter keeps, archived ones left
 * out: at most limit, ending early once they have max_bytes. */
bool ql_cache_list(struct ql_cache *cache, struct ql_arena *arena, const char *after, size_t limit,
                   size_t max_bytes, const struct ql_cache_filter *filter, struct ql_cache_now now,
                   struct ql_cache_page *ret_page);

#endif
