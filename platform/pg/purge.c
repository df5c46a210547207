/* One step: begin, delete, commit. */
#include "platform/pg/purge.h"

#include "platform/pg/parameters.h"
#include "platform/pg/rows.h"
#include "platform/pg/tx.h"

enum { PURGE_ROWS = 1000 };

enum ql_code ql_pg_purge(struct ql_call *call, struct ql_pg_pool *pool,
                         const struct ql_pg_statement *statement, bool *ret_has_more)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *const parameters[] = {ql_pg_from_int64(call, PURGE_ROWS)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_has_more = false;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, statement, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_has_more = rows.n_affected == PURGE_ROWS;
    return ql_pg_commit(call, &tx);
}
