/* What the holder of the lease does beside publishing: chores, of which deleting old rows of
 * the inbox is the first. Module-internal. */
#ifndef QL_OUTBOX_RELAY_UPKEEP_H
#define QL_OUTBOX_RELAY_UPKEEP_H

#include <stdatomic.h>

#include "platform/outbox/chore.h"

struct qli_relay_upkeep {
    struct qli_relay_chore {
        ql_relay_chore *run;
        int64_t due_ms; /* monotonic */
    } chores[QL_RELAY_CHORES_MAX + 1];
    _Atomic size_t n_chores; /* those before it are written, and belong to the relay */
};

/* Everything is due at once. */
void qli_relay_upkeep_init(struct qli_relay_upkeep *upkeep);

/* Adds a chore, which is due at once; false beyond QL_RELAY_CHORES_MAX. One thread at a time,
 * beside the relay's. */
bool qli_relay_upkeep_add(struct qli_relay_upkeep *upkeep, ql_relay_chore *chore);

/* Does what is due, each whatever became of those before it. The first failure is in the
 * call, is tried again later, and is none of the publishing. */
enum ql_code qli_relay_upkeep_run(struct ql_call *call, struct ql_pg_pool *pool,
                                  struct qli_relay_upkeep *upkeep) QL_MUST_CHECK;

bool qli_relay_upkeep_is_due(const struct qli_relay_upkeep *upkeep);
/* So late that it does not wait for a turn without rows: where events never cease, old
 * rows would never be deleted. */
bool qli_relay_upkeep_is_overdue(const struct qli_relay_upkeep *upkeep);

#endif
