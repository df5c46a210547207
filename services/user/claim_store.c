/* Claims in PostgreSQL: bind, run, map. */
#include "services/user/claim_store.h"

#include <stdio.h>
#include <string.h>

#include "claim_sql.h"

/* The columns that claim_get, claim_lock_owner and claim_list select, in their
 * order; the last is of claim_lock_owner alone. */
enum {
    CLAIM_ID,
    USER_ID,
    QUEST_ID,
    QUEST_REVISION,
    ORDINAL,
    REWARD_ID,
    REWARD_ITEM,
    REWARD_QTY,
    STATUS,
    SEQ,
    CREATED_MS,
    CLAIMED_MS,
    PENDING_REASON,
    OWNER_STATUS,
};

static void copy_uuid(char ret_uuid[QL_UUID_SIZE], const struct ql_pg_rows *rows, size_t row,
                      size_t column)
{
    snprintf(ret_uuid, QL_UUID_SIZE, "%s", ql_pg_text(rows, row, column));
}

static void claim_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct claim *ret_claim = ret_element;

    copy_uuid(ret_claim->claim_id, rows, row, CLAIM_ID);
    copy_uuid(ret_claim->user_id, rows, row, USER_ID);
    copy_uuid(ret_claim->quest_id, rows, row, QUEST_ID);
    copy_uuid(ret_claim->reward_id, rows, row, REWARD_ID);
    ret_claim->quest_revision = ql_pg_int64(rows, row, QUEST_REVISION);
    ret_claim->ordinal = (int32_t)ql_pg_int64(rows, row, ORDINAL);
    ret_claim->reward_item = ql_pg_text(rows, row, REWARD_ITEM);
    ret_claim->reward_qty = (int32_t)ql_pg_int64(rows, row, REWARD_QTY);
    ret_claim->status =
        strcmp(ql_pg_text(rows, row, STATUS), "CLAIMED") == 0 ? CLAIM_CLAIMED : CLAIM_PENDING;
    ret_claim->seq = ql_pg_int64(rows, row, SEQ);
    ret_claim->created_ms = ql_pg_int64(rows, row, CREATED_MS);
    ret_claim->claimed_ms = ql_pg_int64(rows, row, CLAIMED_MS);
    ret_claim->pending_reason =
        ql_pg_is_null(rows, row, PENDING_REASON) ? NULL : ql_pg_text(rows, row, PENDING_REASON);
}

enum ql_code claim_store_exists(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                                bool *ret_exists)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_claim_exists, &claim_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_exists = ql_pg_bool(&rows, 0, 0);
    return QL_OK;
}

static enum ql_code fail_not_found(struct ql_call *call, const char *claim_id)
{
    return ql_fail(call, QL_NOT_FOUND, "CLAIM_NOT_FOUND", "claim %s does not exist", claim_id);
}

enum ql_code claim_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                             struct claim *ret_claim)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_claim_get, &claim_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return fail_not_found(call, claim_id);
    claim_from_row(&rows, 0, ret_claim);
    return QL_OK;
}

enum ql_code claim_store_lock_owner(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                                    const char *user_id, struct claim *ret_claim,
                                    enum user_status *ret_owner_status)
{
    const char *const parameters[] = {claim_id, user_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_claim_lock_owner, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return fail_not_found(call, claim_id);
    claim_from_row(&rows, 0, ret_claim);
    *ret_owner_status = user_status_from_name(ql_pg_text(&rows, 0, OWNER_STATUS));
    return QL_OK;
}

enum ql_code claim_store_set_paid(struct ql_call *call, struct ql_pg_tx *tx, struct claim *claim,
                                  bool *ret_waited, int64_t *ret_balance)
{
    const char *const parameters[] = {claim->claim_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_claim_set_paid, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_waited = rows.n_rows == 1;
    if (!*ret_waited)
        return QL_OK;
    claim->status = CLAIM_CLAIMED;
    claim->pending_reason = NULL;
    claim->claimed_ms = ql_pg_int64(&rows, 0, 0);
    *ret_balance = ql_pg_int64(&rows, 0, 1); /* 0 for none */
    return QL_OK;
}

enum ql_code claim_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct claim *claim, bool *ret_is_new)
{
    const char *const parameters[] = {
        claim->claim_id,
        claim->user_id,
        claim->quest_id,
        ql_pg_from_int64(call, claim->quest_revision),
        ql_pg_from_int64(call, claim->ordinal),
        claim->reward_id,
        claim->reward_item,
        ql_pg_from_int64(call, claim->reward_qty),
        claim->status == CLAIM_CLAIMED ? "CLAIMED" : "PENDING",
        claim->pending_reason,
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_claim_insert, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_new = rows.n_affected == 1;
    return QL_OK;
}

/* The name of a status in the table; NULL for NULL. */
static const char *name_of(const enum claim_status *status)
{
    if (status == NULL)
        return NULL;
    return *status == CLAIM_CLAIMED ? "CLAIMED" : "PENDING";
}

enum ql_code claim_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              const enum claim_status *status, int64_t after, int limit,
                              struct claim **ret_claims, size_t *ret_n_claims)
{
    const char *const parameters[] = {
        user_id,
        ql_pg_from_int64(call, after),
        ql_pg_from_int64(call, limit),
        name_of(status),
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (status == NULL)
        rc = ql_pg_run(call, tx, &sql_claim_list, parameters, 3, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_claim_list_by_status, parameters, 4, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_claims = ql_pg_map(call, &rows, sizeof(**ret_claims), claim_from_row);
    *ret_n_claims = rows.n_rows;
    return *ret_claims == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code claim_store_count(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                               const enum claim_status *status, int limit, int64_t *ret_count)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, limit), name_of(status)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (status == NULL)
        rc = ql_pg_run(call, tx, &sql_claim_count, parameters, 2, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_claim_count_by_status, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_count = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}
