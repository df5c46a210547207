/* Keys in PostgreSQL: bind, run, map. */
#include "services/user/api_key_store.h"

#include <stdio.h>

#include "api_key_sql.h"

static void key_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct api_key *ret_key = ret_element;

    snprintf(ret_key->key_id, QL_UUID_SIZE, "%s", ql_pg_text(rows, row, 0));
    ret_key->created_ms = ql_pg_int64(rows, row, 1);
    ret_key->revoked_ms = ql_pg_int64(rows, row, 2);
    ret_key->last_used_ms = ql_pg_int64(rows, row, 3);
}

static const char *bytea_of(struct ql_call *call, const char *key_hash)
{
    return ql_arena_printf(call->arena, "\\x%s", key_hash);
}

enum ql_code api_key_store_count_good(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *service_account_id, int64_t *ret_n_good)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_api_key_count_good, &service_account_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_n_good = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code api_key_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *service_account_id, const char *key_hash,
                                  struct api_key *key)
{
    const char *const parameters[] = {key->key_id, service_account_id, bytea_of(call, key_hash)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (parameters[2] == NULL)
        return ql_fail_memory(call);
    rc = ql_pg_run(call, tx, &sql_api_key_insert, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    key->created_ms = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code api_key_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                const char *service_account_id, int limit,
                                struct api_key **ret_keys, size_t *ret_n_keys)
{
    const char *const parameters[] = {service_account_id, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_api_key_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_keys = ql_pg_map(call, &rows, sizeof(**ret_keys), key_from_row);
    *ret_n_keys = rows.n_rows;
    return *ret_keys == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code not_found(struct ql_call *call)
{
    return ql_fail(call, QL_NOT_FOUND, "API_KEY_NOT_FOUND", "there is no such key");
}

enum ql_code api_key_store_revoke(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *service_account_id, const char *key_id,
                                  struct api_key *ret_key, bool *ret_is_new)
{
    const char *const parameters[] = {service_account_id, key_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (!ql_uuid_is_valid(key_id) || !ql_uuid_is_valid(service_account_id))
        return not_found(call);
    rc = ql_pg_run(call, tx, &sql_api_key_revoke, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return not_found(call);
    key_from_row(&rows, 0, ret_key);
    *ret_is_new = ql_pg_bool(&rows, 0, 4);
    return QL_OK;
}

enum ql_code api_key_store_use(struct ql_call *call, struct ql_pg_tx *tx, const char *key_hash,
                               struct service_account *ret_account)
{
    const char *hash = bytea_of(call, key_hash), *key_id;
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (hash == NULL)
        return ql_fail_memory(call);
    rc = ql_pg_run(call, tx, &sql_api_key_find, &hash, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return not_found(call);
    key_id = ql_pg_text(&rows, 0, 0);
    *ret_account = (struct service_account){.event_grant = ql_pg_text(&rows, 0, 2),
                                            .token_generation = ql_pg_int64(&rows, 0, 3)};
    snprintf(ret_account->service_account_id, QL_UUID_SIZE, "%s", ql_pg_text(&rows, 0, 1));
    return ql_pg_run(call, tx, &sql_api_key_touch, &key_id, 1, NULL);
}
