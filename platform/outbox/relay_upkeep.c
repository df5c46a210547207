/* Chores in the order in which they were added. */
#include "platform/outbox/relay_upkeep.h"

#include "platform/base/clock.h"
#include "platform/base/rerun.h"

#include "relay_upkeep_sql.h"

enum { DUE_EVERY_MS = 10000, OVERDUE_MS = 60000 };

static enum ql_code purge_inbox(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_inbox_delete_old, ret_has_more);
}

void qli_relay_upkeep_init(struct qli_relay_upkeep *upkeep)
{
    *upkeep = (struct qli_relay_upkeep){.n_chores = 0};
    (void)qli_relay_upkeep_add(upkeep, purge_inbox);
}

bool qli_relay_upkeep_add(struct qli_relay_upkeep *upkeep, ql_relay_chore *chore)
{
    size_t n = atomic_load(&upkeep->n_chores);

    if (n == QL_ARRAY_LENGTH(upkeep->chores))
        return false;
    upkeep->chores[n] = (struct qli_relay_chore){.run = chore, .due_ms = ql_monotonic_ms()};
    atomic_store(&upkeep->n_chores, n + 1);
    return true;
}

static bool is_due_since(const struct qli_relay_upkeep *upkeep, int64_t ms)
{
    size_t n = atomic_load(&upkeep->n_chores);

    for (size_t i = 0; i < n; i++) {
        if (ms >= upkeep->chores[i].due_ms)
            return true;
    }
    return false;
}

bool qli_relay_upkeep_is_due(const struct qli_relay_upkeep *upkeep)
{
    return is_due_since(upkeep, ql_monotonic_ms());
}

bool qli_relay_upkeep_is_overdue(const struct qli_relay_upkeep *upkeep)
{
    return is_due_since(upkeep, ql_monotonic_ms() - OVERDUE_MS);
}

/* Runs a chore, and says when it is due again. */
static enum ql_code run_chore(struct ql_call *call, struct ql_pg_pool *pool,
                              struct qli_relay_chore *chore)
{
    bool has_more = false;
    enum ql_code rc = chore->run(call, pool, &has_more);

    for (int n_runs = 1; rc != QL_OK && ql_rerun(call, n_runs); n_runs++)
        rc = chore->run(call, pool, &has_more);
    if (!has_more)
        chore->due_ms = ql_monotonic_ms() + DUE_EVERY_MS;
    return rc;
}

enum ql_code qli_relay_upkeep_run(struct ql_call *call, struct ql_pg_pool *pool,
                                  struct qli_relay_upkeep *upkeep)
{
    size_t n = atomic_load(&upkeep->n_chores);
    struct ql_status failure = {.code = QL_OK};

    for (size_t i = 0; i < n; i++) {
        if (ql_monotonic_ms() < upkeep->chores[i].due_ms ||
            run_chore(call, pool, &upkeep->chores[i]) == QL_OK)
            continue;
        if (failure.code == QL_OK)
            failure = call->status;
        ql_call_clear_status(call);
    }
    if (failure.code != QL_OK)
        call->status = failure;
    return failure.code;
}
