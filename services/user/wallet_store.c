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

enum ql_code wallet_store_list_balances(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *user_id, int limit,
                                        struct wallet_balance **ret_balances,
                                        size_t *ret_n_balances)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, limit)};
    struct wallet_balance *balances;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_wallet_list_balances, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    balances = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*balances));
    if (balances == NULL && rows.n_rows > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        balances[i].item = ql_pg_text(&rows, i, 0);
        balances[i].balance = (int32_t)ql_pg_int64(&rows, i, 1);
    }
    *ret_balances = balances;
    *ret_n_balances = rows.n_rows;
    return QL_OK;
}

enum ql_code wallet_store_list_entries(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *user_id, int64_t after, int limit,
                                       struct wallet_entry **ret_entries, size_t *ret_n_entries)
{
    const char *const parameters[] = {
        user_id,
        ql_pg_from_int64(call, after),
        ql_pg_from_int64(call, limit),
    };
    struct wallet_entry *entries;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_wallet_list_entries, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    entries = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*entries));
    if (entries == NULL && rows.n_rows > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        entries[i].entry_id = ql_pg_text(&rows, i, 0);
        entries[i].item = ql_pg_text(&rows, i, 1);
        entries[i].amount = (int32_t)ql_pg_int64(&rows, i, 2);
        entries[i].claim_id = ql_pg_text(&rows, i, 3);
        entries[i].seq = ql_pg_int64(&rows, i, 4);
        entries[i].created_ms = ql_pg_int64(&rows, i, 5);
    }
    *ret_entries = entries;
    *ret_n_entries = rows.n_rows;
    return QL_OK;
}
