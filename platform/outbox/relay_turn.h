/* One turn of the relay: hold the lease, forget what is published, take the next
 * rows, publish them. Room-internal; all of it runs on the relay's thread. */
#ifndef QL_OUTBOX_RELAY_TURN_H
#define QL_OUTBOX_RELAY_TURN_H

#include "platform/events/publisher.h"
#include "platform/outbox/outbox.h"

enum { QLI_RELAY_BATCH_ROWS = 500 };

enum qli_relay_outcome {
    QLI_RELAY_MORE,    /* something was published: look again at once */
    QLI_RELAY_IDLE,    /* nothing to do, or not our lease */
    QLI_RELAY_TROUBLE, /* database or broker do not answer */
};

struct qli_relay_turns {
    struct ql_pg_pool *pool;
    struct ql_publisher *publisher;
    struct ql_arena *arena; /* reset each turn */
    char holder[QL_UUID_SIZE];
    int64_t lease_until_ms; /* monotonic, and earlier than what the row says */
    /* Rows the broker has and the database still holds. */
    int64_t confirmed[QLI_RELAY_BATCH_ROWS];
    size_t n_confirmed;
    /* Rows up to here hold some that were refused; they are tried again from
     * the beginning at retry_refused_at_ms, 0 for none. */
    int64_t after_id, retry_refused_at_ms, refused_pause_ms;
    int64_t broker_touched_ms, count_at_ms, purge_at_ms, chore_at_ms, complain_at_ms;
    bool is_alone;                   /* no other relay waited for the lease when we last looked */
    _Atomic(ql_relay_chore *) chore; /* set by another thread; NULL: none */
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
