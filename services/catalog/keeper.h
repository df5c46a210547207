/* The keeper: the thread that keeps a process' copies of the catalog, and knows how
 * far they may be trusted.
 *
 * It has a feed of its own (platform/events/feed.h). Once that is open it walks
 * through PostgreSQL and puts everything into the copies and the read model; then it
 * puts every change that the feed shows into both. Ten times a second, and four while
 * nobody reads, it asks for a proof, in this order:
 *
 *   1. now = S; the oldest change that waits in the outbox is A old (0: none waits)
 *   2. a ping is sent through the feed, numbered S - A
 *   3. it comes back: whatever was committed before S - A has been put
 *
 * It has: a change that was committed before S either waits in the outbox, so that A
 * reaches back before it; or its row is gone. Then the broker confirmed it before S,
 * so it lies in the feed before the ping. What was announced before the feed was
 * open, the walk has seen. A proof is trusted for CATALOG_TRUSTED_MS, so:
 *
 *   A revision is never shown by a copy later than CATALOG_TRUSTED_MS after the
 *   commit of the next one, whatever stands still: the broker, the relay's holder
 *   (whose rows wait in the outbox), this thread, Redis.
 *
 * And since everybody shows an edit only CATALOG_SHOWN_AFTER_MS after it was made,
 * nobody shows what was before it from then on: less than a second after a write was
 * answered it is seen, and never again what was before it, by whatever replica.
 *
 * The read model is trusted by the same proof while every put of this thread's was
 * taken by Redis, and the model is whole: since a walk in this run of the server. */
#ifndef QL_CATALOG_KEEPER_H
#define QL_CATALOG_KEEPER_H

#include <stdint.h>

struct catalog;
struct keeper;

/* NULL without memory. app must outlive it. */
struct keeper *keeper_start(struct catalog *app);
void keeper_stop(struct keeper *keeper); /* NULL is fine */

/* How long after now_ms it asks for the next proof, by when somebody last read. */
int64_t keeper_tick_ms(int64_t now_ms, int64_t read_ms);

#endif
