/* Purging the inbox, and the chore. */
#include "platform/outbox/relay_upkeep.h"

#include <stdatomic.h>

#include "platform/base/clock.h"
#include "platform/base/rerun.h"

#include "relay_upkeep_sql.h"

enum { DUE_EVERY_MS = 10000, OVERDUE_MS = 60000 };

void qli_relay_upkeep_init(struct qli_relay_upkeep *upkeep)
{
    *upkeep = (struct qli_relay_upkeep){.purge_at_ms = ql_monotonic_ms(),
                                        .chore_at_ms = ql_monotonic_ms()};
}

static bool is_due_since(const struct qli_relay_upkeep *upkeep, int64_t ms)
{
    return ms >= upkeep->purge_at_ms ||
           (atomic_load(&upkeep->chore) != NULL && ms >= upkeep->chore_at_ms);
}

bool qli_relay_upkeep_is_due(const struct qli_relay_upkeep *upkeep)
{
    return is_due_since(upkeep, ql_monotonic_ms());
}

bool qli_relay_upkeep_is_overdue(const struct qli_relay_upkeep *upkeep)
{
    return is_due_since(upkeep, ql_monotonic_ms() - OVERDUE_MS);
}

static enum ql_code purge_inbox(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_inbox_delete_old, ret_has_more);
}

/* Runs a chore that is due, and says when it is due again. */
static enum ql_code run_when_due(struct ql_call *call, struct ql_pg_pool *pool,
                                 ql_relay_chore *chore, int64_t *due_ms)
{
    bool has_more = false;
    enum ql_code rc;

    if (chore == NULL || ql_monotonic_ms() < *due_ms)
        return QL_OK;
    rc = chore(call, pool, &has_more);
    for (int n_runs = 1; rc != QL_OK && ql_rerun(call, n_runs); n_runs++)
        rc = chore(call, pool, &has_more);
    if (!has_more)
        *due_ms = ql_monotonic_ms() + DUE_EVERY_MS;
    return rc;
}

enum ql_code qli_relay_upkeep_run(struct ql_call *call, struct ql_pg_pool *pool,
                                  struct qli_relay_upkeep *upkeep)
{
    enum ql_code rc = run_when_due(call, pool, purge_inbox, &upkeep->purge_at_ms);

    if (rc != QL_OK)
        return rc;
    return run_when_due(call, pool, atomic_load(&upkeep->chore), &upkeep->chore_at_ms);
}
