/* One turn of the relay: hold the lease, delete what is published, take the next rows,
 * publish them. Module-internal; all of it runs on the relay's thread. */
#ifndef QL_OUTBOX_RELAY_TURN_H
#define QL_OUTBOX_RELAY_TURN_H

#include "platform/events/publisher.h"
#include "platform/outbox/relay_lease.h"
#include "platform/outbox/relay_rows.h"
#include "platform/outbox/relay_upkeep.h"

enum qli_relay_outcome {
    QLI_RELAY_MORE,    /* something was published: look again at once */
    QLI_RELAY_IDLE,    /* nothing to do, or not our lease */
    QLI_RELAY_TROUBLE, /* database or broker do not answer */
};

struct qli_relay_turns {
    struct ql_pg_pool *pool;
    struct ql_publisher *publisher;
    struct ql_arena *arena; /* reset each turn */
    struct qli_relay_lease lease;
    struct qli_relay_upkeep upkeep;
    /* Rows the broker has and the database still holds. */
    int64_t confirmed[QLI_RELAY_BATCH_ROWS];
    size_t n_confirmed;
    /* Rows up to here hold some that were refused; they are tried again from
     * the beginning at retry_refused_at_ms, 0 for none. */
    int64_t after_id, retry_refused_at_ms, refused_pause_ms;
    int64_t broker_touched_ms, count_at_ms, complain_at_ms;
};

void qli_relay_turns_init(struct qli_relay_turns *turns, struct ql_pg_pool *pool,
                          struct ql_publisher *publisher, struct ql_arena *arena);

/* Everything ends at until_ms (monotonic), or earlier. */
enum qli_relay_outcome qli_relay_turn(struct qli_relay_turns *turns, int64_t until_ms);

/* How long to pause after an idle turn, in milliseconds, unless woken. A relay that is
 * alone pauses longer: rows come from its own process, which wakes it. */
int64_t qli_relay_pause_ms(const struct qli_relay_turns *turns);

/* Deletes what is confirmed and gives the lease back, as far as that goes. */
void qli_relay_leave(struct qli_relay_turns *turns, int64_t until_ms);

#endif
