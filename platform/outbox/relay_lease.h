/* The lease row of a database: the relay that holds it publishes, the others wait.
 * Module-internal. */
#ifndef QL_OUTBOX_RELAY_LEASE_H
#define QL_OUTBOX_RELAY_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/id.h"
#include "platform/pg/pg.h"

struct qli_relay_lease {
    char holder[QL_UUID_SIZE]; /* who this relay is */
    int64_t until_ms;          /* monotonic, and earlier than what the row says; 0: not held */
    bool is_alone;             /* no other relay waited for it when it was last looked */
};

/* Held for long enough that a turn has the time it may take. */
bool qli_relay_lease_lasts(const struct qli_relay_lease *lease);

/* Takes the lease, or renews it when it does not last. *ret_until_ms, which counts once
 * the transaction is committed, is 0 when another relay holds it. */
enum ql_code qli_relay_lease_take(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct qli_relay_lease *lease,
                                  int64_t *ret_until_ms) QL_MUST_CHECK;
enum ql_code qli_relay_lease_give_back(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct qli_relay_lease *lease) QL_MUST_CHECK;

/* Whether another relay holds it; writes down now and then that this one waits. False,
 * too, when the database does not answer: a transaction then finds out. */
bool qli_relay_lease_must_wait(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct qli_relay_lease *lease);

#endif
