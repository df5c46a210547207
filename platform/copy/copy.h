/* A bounded copy in memory of things that have an id and revisions: only a newer
 * revision replaces one, and readers never wait for anything but each other.
 *
 * It answers only while it is trusted: one thread feeds it with every change and
 * proves now and then as of when nothing is missing (ql_copy_prove); a proof that
 * is trusted_ms old is none.
 *
 * A revision is shown shown_after_ms after it was made, the first one at once. With
 * shown_after_ms above trusted_ms, nobody shows it while another process may still
 * trust a copy without it: so who asks several processes in turn never sees an
 * older revision after a newer one. Everybody who shows revisions asks
 * ql_copy_is_shown; the clocks of their machines must agree by the difference.
 *
 * What is hidden stays hidden: no later revision shows it again. So it takes no room
 * from the moment on that its hidden revision is shown; it is then asked for
 * elsewhere, as are lists that contain hidden things. */
#ifndef QL_COPY_COPY_H
#define QL_COPY_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/arena.h"
#include "platform/base/id.h"

struct ql_copy;

struct ql_copy_options {
    size_t max_entries; /* what comes beyond is not kept */
    size_t max_bytes;   /* of all that is kept, about */
    int64_t trusted_ms;
    int64_t shown_after_ms;
};

/* One revision of one thing. */
struct ql_copy_item {
    const char *id; /* a UUID */
    int64_t revision;
    int64_t revised_ms; /* when it was made, since 1970 */
    bool is_hidden;     /* lists leave it out, from this revision on for ever */
    const char *etag;
    const void *bytes;
    size_t length;
};

struct ql_copy_now {
    int64_t monotonic_ms;
    int64_t unix_ms;
};

struct ql_copy_page {
    struct ql_copy_item *items; /* by id */
    size_t n_items;
    bool has_more;
};

struct ql_copy *ql_copy_new(const struct ql_copy_options *options); /* NULL without memory */
void ql_copy_free(struct ql_copy *copy);                            /* NULL is fine */

struct ql_copy_now ql_copy_now(void);
bool ql_copy_is_shown(int64_t revision, int64_t revised_ms, int64_t shown_after_ms,
                      int64_t unix_ms);

/* For the one thread that feeds it: what its source holds now, between the begin and
 * the end of a load, and each change in the order in which the source made them. An
 * older revision, or the same again, changes nothing. When there is no room the thing
 * is not in the copy at all. A change of something that is not in the copy is left out
 * unless it makes the thing: the thing is hidden, had no room, or the load under way
 * comes to it. So a change that is delivered again, late, shows nothing hidden. */
void ql_copy_load(struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms);
void ql_copy_change(struct ql_copy *copy, const struct ql_copy_item *item, int64_t unix_ms);

/* Everything there is will have been loaded: lists may be answered, unless there was
 * no room for something. */
void ql_copy_begin_load(struct ql_copy *copy, int64_t unix_ms);
void ql_copy_end_load(struct ql_copy *copy);

/* Removes what is hidden by now; for the same thread, a few times a second. */
void ql_copy_sweep(struct ql_copy *copy, int64_t unix_ms);
/* Since the last load for which there was not enough room, so much was removed that
 * another one may succeed. */
bool ql_copy_may_fit(struct ql_copy *copy);

/* Every change up to this moment (monotonic) has been put. */
void ql_copy_prove(struct ql_copy *copy, int64_t as_of_ms);
/* Milliseconds since the last proof's moment; -1: there was none. Any thread. */
int64_t ql_copy_age_ms(const struct ql_copy *copy, int64_t monotonic_ms);
bool ql_copy_is_trusted(const struct ql_copy *copy, int64_t monotonic_ms);

size_t ql_copy_count(struct ql_copy *copy);
size_t ql_copy_bytes(struct ql_copy *copy);

/* For any thread; what they return lives in the arena. False: it is not here, or not
 * to be trusted now, and must be asked for elsewhere. A revision that is asked for
 * by its number needs no trust; 0 asks for the newest that is shown. */
bool ql_copy_get(struct ql_copy *copy, struct ql_arena *arena, const char *id, int64_t revision,
                 struct ql_copy_now now, struct ql_copy_item *ret_item);

/* The shown revisions behind the id `after`, hidden ones left out: at most limit,
 * ending early once they have max_bytes. */
bool ql_copy_list(struct ql_copy *copy, struct ql_arena *arena, const char *after, size_t limit,
                  size_t max_bytes, struct ql_copy_now now, struct ql_copy_page *ret_page);

#endif
