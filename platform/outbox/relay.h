/* The relay: the thread of a process that publishes the rows of the outbox. */
#ifndef QL_OUTBOX_RELAY_H
#define QL_OUTBOX_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/outbox/chore.h"
#include "platform/pg/pg.h"

struct ql_relay;

/* Starts the relay thread of this process: takes the lease row (10 s, renewed
 * in good time, of one holder per database; over at once when the holder's session of
 * the server is gone, unless a pooler stands between), publishes by id with confirms,
 * deletes what is confirmed; looks when woken, and every 100 ms while other relays of
 * the database are there, else every 500 ms. Deletes inbox rows
 * older than 30 days, a bounded number a turn. Metrics:
 * ql_outbox_published_total, ql_outbox_waiting. */
struct ql_relay *ql_relay_start(struct ql_pg_pool *pool, const char *amqp_url, const char *service);
/* Adds a chore of this process's relay: done on its thread, in the order of adding, while it
 * holds the lease and has nothing to publish, or is a minute late. A failure is logged, tried
 * again, and stops no other chore. False beyond QL_RELAY_CHORES_MAX. One thread at a time. */
bool ql_relay_add_chore(struct ql_relay *relay, ql_relay_chore *chore) QL_MUST_CHECK;
/* Rows are waiting. Any thread; never blocks. NULL is fine. */
void ql_relay_wake(struct ql_relay *relay);
/* One last turn, at most timeout_ms; gives the lease back. A publish under way
 * has 5 s of its own, whatever the timeout. NULL is fine. */
void ql_relay_stop(struct ql_relay *relay, int64_t timeout_ms);

#endif
