/* Statements on the lease row. */
#include "platform/outbox/relay_lease.h"

#include "platform/base/clock.h"

#include "relay_lease_sql.h"

enum { LEASE_MS = 10000, RENEWED_BELOW_MS = 6500 };

bool qli_relay_lease_lasts(const struct qli_relay_lease *lease)
{
    return lease->until_ms - ql_monotonic_ms() >= RENEWED_BELOW_MS;
}

/* Counted from before the server reads its clock, it ends before the row's. */
enum ql_code qli_relay_lease_take(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct qli_relay_lease *lease, int64_t *ret_until_ms)
{
    const char *parameters[] = {lease->holder, ql_pg_from_int64(call, LEASE_MS),
                                ql_pg_is_pooled(tx) ? "false" : "true"};
    int64_t now = ql_monotonic_ms();
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_until_ms = lease->until_ms;
    if (qli_relay_lease_lasts(lease))
        return QL_OK;
    rc = ql_pg_run(call, tx, &sql_relay_lease_take, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_until_ms = rows.n_affected == 1 ? now + LEASE_MS : 0;
    return QL_OK;
}

enum ql_code qli_relay_lease_give_back(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct qli_relay_lease *lease)
{
    const char *parameters[] = {lease->holder};

    return ql_pg_run(call, tx, &sql_relay_lease_give_back, parameters, 1, NULL);
}

/* Best effort: it is due again at the next look. */
static void note_waiting(struct ql_call *call, struct ql_pg_pool *pool)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    if (ql_pg_begin(call, pool, &tx) != QL_OK ||
        ql_pg_run(call, tx, &sql_relay_lease_wait, NULL, 0, NULL) != QL_OK ||
        ql_pg_commit(call, &tx) != QL_OK)
        ql_call_clear_status(call);
}

bool qli_relay_lease_must_wait(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct qli_relay_lease *lease)
{
    const char *parameters[] = {lease->holder};
    struct ql_pg_rows rows;

    if (ql_pg_look(call, pool, &sql_relay_lease_can_be_taken, parameters, 1, &rows) != QL_OK) {
        ql_call_clear_status(call);
        return false;
    }
    if (ql_pg_bool(&rows, 0, 0))
        return false;
    if (ql_pg_bool(&rows, 0, 1))
        note_waiting(call, pool);
    return true;
}
