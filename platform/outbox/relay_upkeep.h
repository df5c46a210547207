/* What the holder of the lease does beside publishing: it deletes old rows of the inbox, and
 * runs the chore of its process. Module-internal. */
#ifndef QL_OUTBOX_RELAY_UPKEEP_H
#define QL_OUTBOX_RELAY_UPKEEP_H

#include "platform/outbox/chore.h"

struct qli_relay_upkeep {
    int64_t purge_at_ms, chore_at_ms;
    _Atomic(ql_relay_chore *) chore; /* set by another thread; NULL: none */
};

/* Both are due at once. */
void qli_relay_upkeep_init(struct qli_relay_upkeep *upkeep);

/* Does what is due. A failure is in the call, is tried again later, and is none of the
 * publishing. */
enum ql_code qli_relay_upkeep_run(struct ql_call *call, struct ql_pg_pool *pool,
                                  struct qli_relay_upkeep *upkeep) QL_MUST_CHECK;

bool qli_relay_upkeep_is_due(const struct qli_relay_upkeep *upkeep);
/* So late that it does not wait for a turn without rows: where events never cease, old
 * rows would never be deleted. */
bool qli_relay_upkeep_is_overdue(const struct qli_relay_upkeep *upkeep);

#endif
