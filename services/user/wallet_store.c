/* Wallets in PostgreSQL: bind, run, map. */
#include "services/user/wallet_store.h"

#include "wallet_sql.h"

enum ql_code wallet_store_balance(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  const char *item, int64_t *ret_balance)
{
    const char *const parameters[] = {user_id, item};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_wallet_balance, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_balance = rows.n_rows == 0 ? 0 : ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code wallet_store_credit(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 const char *item, int32_t amount, const char *cause)
{
    char entry_id[QL_UUID_SIZE];
    const char *const parameters[] = {
        entry_id, user_id, item, ql_pg_from_int64(call, amount), cause,
    };

    ql_uuid_new(entry_id);
    return ql_pg_run(call, tx, &sql_wallet_credit, parameters, QL_ARRAY_LENGTH(parameters), NULL);
}
