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

static void balance_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct wallet_balance *)ret_element = (struct wallet_balance){
        .item = ql_pg_text(rows, row, 0), .balance = (int32_t)ql_pg_int64(rows, row, 1)};
}

enum ql_code wallet_store_list_balances(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *user_id, int limit,
                                        struct wallet_balance **ret_balances,
                                        size_t *ret_n_balances)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_wallet_list_balances, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_balances = ql_pg_map(call, &rows, sizeof(**ret_balances), balance_from_row);
    *ret_n_balances = rows.n_rows;
    return *ret_balances == NULL ? ql_fail_memory(call) : QL_OK;
}

static void entry_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct wallet_entry *)ret_element = (struct wallet_entry){
        .entry_id = ql_pg_text(rows, row, 0),
        .item = ql_pg_text(rows, row, 1),
        .amount = (int32_t)ql_pg_int64(rows, row, 2),
        .claim_id = ql_pg_text(rows, row, 3),
        .seq = ql_pg_int64(rows, row, 4),
        .created_ms = ql_pg_int64(rows, row, 5),
    };
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
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_wallet_list_entries, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_entries = ql_pg_map(call, &rows, sizeof(**ret_entries), entry_from_row);
    *ret_n_entries = rows.n_rows;
    return *ret_entries == NULL ? ql_fail_memory(call) : QL_OK;
}
