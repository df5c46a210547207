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

/* The same for many ids in one statement: ret_are_new[i] for each. Of an id that is there
 * more than once only the first may be new. */
enum ql_code ql_inbox_enter_many(struct ql_call *call, struct ql_pg_tx *tx, const char *consumer,
                                 const char *const *event_ids, size_t n_events,
                                 bool *ret_are_new) QL_MUST_CHECK;

#endif
