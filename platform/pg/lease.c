/* Statements on the table of leases. */
#include "platform/pg/lease.h"

#include "platform/base/clock.h"
#include "platform/pg/parameters.h"
#include "platform/pg/tx.h"

#include "lease_sql.h"
#include "migrations_sql.h"

enum { LEASE_MS = 10000, RENEWED_BELOW_MS = 6500 };

const struct ql_pg_migration *ql_pg_lease_migrations(void)
{
    return sql_migrations;
}

void ql_pg_lease_init(struct ql_pg_lease *lease, const char *name)
{
    *lease = (struct ql_pg_lease){.name = name};
    ql_uuid_new(lease->holder);
}

bool ql_pg_lease_is_held(const struct ql_pg_lease *lease)
{
    return ql_monotonic_ms() < lease->until_ms;
}

/* Whoever waits looks often, and without a transaction. */
static enum ql_code is_of_another(struct ql_call *call, struct ql_pg_pool *pool,
                                  const struct ql_pg_lease *lease, bool *ret_is_of_another)
{
    const char *parameters[] = {lease->name, lease->holder};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_lease_is_of_another, parameters, 2, &rows);

    if (rc == QL_OK)
        *ret_is_of_another = ql_pg_bool(&rows, 0, 0);
    return rc;
}

/* Counted from before the server reads its clock, the time ends before the row's. */
static enum ql_code take_lease(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct ql_pg_lease *lease, int64_t *ret_until_ms)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    int64_t now_ms = ql_monotonic_ms();
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_begin(call, pool, &tx);

    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_lease_take,
                   (const char *const[]){lease->name, lease->holder,
                                         ql_pg_from_int64(call, LEASE_MS),
                                         ql_pg_is_pooled(tx) ? "false" : "true"},
                   4, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_until_ms = rows.n_affected == 1 ? now_ms + LEASE_MS : 0;
    return ql_pg_commit(call, &tx);
}

enum ql_code ql_pg_lease_hold(struct ql_call *call, struct ql_pg_pool *pool,
                              struct ql_pg_lease *lease)
{
    int64_t until_ms = 0;
    bool has_other = false;
    enum ql_code rc = QL_OK;

    if (lease->until_ms - ql_monotonic_ms() >= RENEWED_BELOW_MS)
        return QL_OK;
    if (!ql_pg_lease_is_held(lease))
        rc = is_of_another(call, pool, lease, &has_other);
    if (rc == QL_OK && !has_other)
        rc = take_lease(call, pool, lease, &until_ms);
    if (rc == QL_OK)
        lease->until_ms = until_ms;
    return rc;
}

static enum ql_code delete_lease(struct ql_call *call, struct ql_pg_pool *pool,
                                 const struct ql_pg_lease *lease)
{
    const char *parameters[] = {lease->name, lease->holder};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, pool, &tx);

    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_lease_leave, parameters, 2, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

enum ql_code ql_pg_lease_leave(struct ql_call *call, struct ql_pg_pool *pool,
                               struct ql_pg_lease *lease)
{
    if (!ql_pg_lease_is_held(lease))
        return QL_OK;
    lease->until_ms = 0;
    return delete_lease(call, pool, lease);
}
