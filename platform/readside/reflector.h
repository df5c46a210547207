/* The reflector: the thread that keeps the caches of a process, and the read model, in
 * step with PostgreSQL, and knows as of when they lack nothing.
 *
 * It watches the changes that are announced, by a queue of its own
 * (platform/events/watch.h). Once that is open it relists: everything that PostgreSQL has
 * goes into the caches and the read model; then every change that the watch shows goes
 * into both. Ten times a second, and four while nobody reads, it asks for a bookmark, in
 * this order:
 *
 *   1. now = S; the oldest change that waits in the outbox is A old (0: none waits)
 *   2. a bookmark is sent through the watched queue, numbered by S and A
 *   3. it comes back: whatever was committed before S - A has been put, so the caches
 *      are synced as of S - A
 *
 * Why: a change that was committed before S either waits in the outbox, so that A
 * reaches back before it; or its row is gone. Then the broker confirmed it before S,
 * so it lies in the queue before the bookmark. What was announced before the watch was
 * open, the relist has seen. A bookmark is a lease of QL_CACHE_LEASE_MS, so:
 *
 *   A revision is never shown by a cache later than QL_CACHE_LEASE_MS after the commit of
 *   the next one, whatever stands still: the broker, the relay's holder (whose rows
 *   wait in the outbox), this thread, Redis.
 *
 * And since every process publishes an edit only QL_CACHE_PUBLISH_DELAY_MS after it was
 * made, none shows what was before it from then on: less than a second after a write was
 * answered it is seen, and never again what was before it, by whatever replica.
 *
 * Caches of snapshots (snapshot.h) are synced as of S: what waits in this service's outbox
 * is none of theirs, and what waits in their publisher's is not published yet. The table that
 * the relist reads may lack a snapshot that was announced before the watch was open, while
 * the queue that fills it is behind; so snapshots are listed again twice a minute.
 *
 * The read model has the same lease while Redis took every put of this thread, and the
 * model is whole: since a relist in this run of the server. */
#ifndef QL_READSIDE_REFLECTOR_H
#define QL_READSIDE_REFLECTOR_H

#include "platform/readside/read_side.h"

struct ql_reflector_options {
    struct ql_pg_pool *outbox; /* a role that may read the outbox */
    const char *amqp_url;      /* of an account that may make queues of its own */
    /* Of the routing keys under which the kinds' events are published: what the watch binds
     * ("arena.*"; NULL ends the list), and what the outbox is searched for, a pattern of SQL's
     * LIKE ("arena.%"). The second takes at least every event of this service that the first
     * takes. */
    const char *const *watched;
    const char *announced_like;
};

/* NULL without memory. side, and what the options point to, must outlive it. */
struct ql_reflector *ql_reflector_start(struct ql_read_side *side,
                                        const struct ql_reflector_options *options);
void ql_reflector_stop(struct ql_reflector *reflector); /* NULL is fine */

/* The number of a bookmark that is sent now, while the oldest change in the outbox is age_ms
 * old; and, when it comes back, as of when caches are synced with it. */
int64_t ql_reflector_bookmark(int64_t sent_ms, int64_t age_ms);
int64_t ql_reflector_as_of_ms(int64_t bookmark, bool is_of_snapshots);

/* How long after now_ms it asks for the next bookmark, by when somebody last read. */
int64_t ql_reflector_tick_ms(int64_t now_ms, int64_t read_ms);

#endif
