/* Accounts of game servers in PostgreSQL: bind, run, map. */
#include "services/user/service_account_store.h"

#include <stdio.h>
#include <string.h>

#include "service_account_sql.h"

/* The columns that service_account_lock and _list select, in their order. */
enum { ID, DISPLAY_NAME, EVENT_GRANT, DISABLED, CREATED_MS };

static void account_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct service_account *ret_account = ret_element;

    snprintf(ret_account->service_account_id, QL_UUID_SIZE, "%s", ql_pg_text(rows, row, ID));
    ret_account->display_name = ql_pg_text(rows, row, DISPLAY_NAME);
    ret_account->event_grant = ql_pg_text(rows, row, EVENT_GRANT);
    ret_account->is_disabled = ql_pg_bool(rows, row, DISABLED);
    ret_account->created_ms = ql_pg_int64(rows, row, CREATED_MS);
}

enum ql_code service_account_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                          struct service_account *account)
{
    const char *types[SERVICE_ACCOUNT_TYPES_MAX];
    char *rest = ql_arena_strdup(call->arena, account->event_grant), *type;
    struct ql_pg_rows rows;
    size_t n_types = 0;
    enum ql_code rc;

    if (rest == NULL)
        return ql_fail_memory(call);
    while (n_types < SERVICE_ACCOUNT_TYPES_MAX && (type = strsep(&rest, " ")) != NULL)
        types[n_types++] = type;
    rc = ql_pg_run(call, tx, &sql_service_account_insert,
                   (const char *const[]){account->service_account_id, account->display_name,
                                         ql_pg_from_array(call, types, n_types)},
                   3, &rows);
    if (rc != QL_OK)
        return rc;
    account->created_ms = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code service_account_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *service_account_id,
                                        struct service_account *ret_account)
{
    struct ql_pg_rows rows = {0};
    enum ql_code rc = QL_OK;

    if (ql_uuid_is_valid(service_account_id))
        rc = ql_pg_run(call, tx, &sql_service_account_lock, &service_account_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "SERVICE_ACCOUNT_NOT_FOUND",
                       "there is no such service account");
    account_from_row(&rows, 0, ret_account);
    return QL_OK;
}

enum ql_code service_account_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *after, int limit,
                                        struct service_account **ret_accounts,
                                        size_t *ret_n_accounts)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_service_account_list, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_accounts = ql_pg_map(call, &rows, sizeof(**ret_accounts), account_from_row);
    *ret_n_accounts = rows.n_rows;
    return *ret_accounts == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code service_account_store_disable(struct ql_call *call, struct ql_pg_tx *tx,
                                           struct service_account *account)
{
    const char *const parameters[] = {account->service_account_id};
    enum ql_code rc = ql_pg_run(call, tx, &sql_service_account_disable, parameters, 1, NULL);

    if (rc != QL_OK)
        return rc;
    account->is_disabled = true;
    return QL_OK;
}

enum ql_code service_account_store_revoke_tokens(struct ql_call *call, struct ql_pg_tx *tx,
                                                 const char *service_account_id,
                                                 int64_t *ret_generation)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_service_account_revoke_tokens, &service_account_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "SERVICE_ACCOUNT_NOT_FOUND",
                       "there is no such service account");
    *ret_generation = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}
