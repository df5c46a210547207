/* Outbox: events are rows written with the data, published afterwards by a
 * relay, at least once, in the order of their ids.
 *
 * A transaction that announces something about a user locks that user's row
 * before it adds to the outbox, so that one user's events leave in commit order. */
#ifndef QL_OUTBOX_OUTBOX_H
#define QL_OUTBOX_OUTBOX_H

#include <stdbool.h>

#include "platform/events/event.h"
#include "platform/pg/migration.h"
#include "platform/pg/pg.h"

/* Tables outbox, relay_lease and inbox, numbered from 9001: pass them to
 * ql_pg_migrate behind the service's own. */
const struct ql_pg_migration *ql_outbox_migrations(void);

/* Adds events to the outbox in the transaction; routing keys come from the
 * table of types ("custom.<type>" for types outside it). After the commit call
 * ql_relay_wake. */
enum ql_code ql_outbox_add(struct ql_call *call, struct ql_pg_tx *tx, const struct ql_event *events,
                           size_t n_events) QL_MUST_CHECK;

/* Inserts (consumer, event_id); *ret_is_new is false when it was there: the
 * effect has been committed before. Two transactions with one id: the second
 * waits for the first. */
enum ql_code ql_inbox_enter(struct ql_call *call, struct ql_pg_tx *tx, const char *consumer,
                            const char *event_id, bool *ret_is_new) QL_MUST_CHECK;

struct ql_relay;

/* Work beside publishing, in short bounded transactions of its own: deleting what
 * is old. *ret_has_more asks for the next look instead of in 10 s. */
typedef enum ql_code ql_relay_chore(struct ql_call *call, struct ql_pg_pool *pool,
                                    bool *ret_has_more);

/* Starts the relay thread of this process: takes the lease row (10 s, renewed
 * in good time, of one holder per database; over at once when the holder's session of
 * the server is gone, unless a pooler stands between), publishes by id with confirms,
 * deletes what is confirmed; looks when woken, and every 100 ms while other relays of
 * the database are there, else every 500 ms. Deletes inbox rows
 * older than 30 days, a bounded number a turn. Metrics:
 * ql_outbox_published_total, ql_outbox_waiting. */
struct ql_relay *ql_relay_start(struct ql_pg_pool *pool, const char *amqp_url, const char *service);
/* The chore of this process's relay, on its thread, while it holds the lease and
 * has nothing to publish, or is a minute late. Its failures are logged and tried
 * again. */
void ql_relay_set_chore(struct ql_relay *relay, ql_relay_chore *chore);
/* Rows are waiting. Any thread; never blocks. NULL is fine. */
void ql_relay_wake(struct ql_relay *relay);
/* One last turn, at most timeout_ms; gives the lease back. A publish under way
 * has 5 s of its own, whatever the timeout. NULL is fine. */
void ql_relay_stop(struct ql_relay *relay, int64_t timeout_ms);

#endif
