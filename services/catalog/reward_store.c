/* Rewards in PostgreSQL: bind, run, map. */
#include "services/catalog/reward_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "reward_sql.h"

/* The columns that reward.sql selects, in its order. */
enum { REWARD_ID, REWARD_NAME, REWARD_ITEM, REWARD_QTY, REVISION, REVISED_MS };

static void reward_from_row(const struct ql_pg_rows *rows, size_t row, struct reward *ret_reward)
{
    snprintf(ret_reward->reward_id, sizeof(ret_reward->reward_id), "%s",
             ql_pg_text(rows, row, REWARD_ID));
    ret_reward->name = ql_pg_text(rows, row, REWARD_NAME);
    ret_reward->item = ql_pg_text(rows, row, REWARD_ITEM);
    ret_reward->qty = (int32_t)ql_pg_int64(rows, row, REWARD_QTY);
    ret_reward->revision = ql_pg_int64(rows, row, REVISION);
    ret_reward->revised_ms = ql_pg_int64(rows, row, REVISED_MS);
}

enum ql_code reward_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct reward *reward)
{
    const char *const parameters[] = {
        reward->reward_id,
        reward->name,
        reward->item,
        ql_pg_from_int64(call, reward->qty),
        ql_pg_from_int64(call, reward->revision),
        ql_pg_from_unix_ms(call, reward->revised_ms),
    };

    return ql_pg_run(call, tx, &sql_reward_insert, parameters, QL_ARRAY_LENGTH(parameters), NULL);
}

enum ql_code reward_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                              int64_t revision, struct reward *ret_reward)
{
    const char *const parameters[] = {reward_id, ql_pg_from_int64(call, revision)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (revision == 0)
        rc = ql_pg_run(call, tx, &sql_reward_get, parameters, 1, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_reward_get_revision, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0 && revision == 0)
        return ql_fail(call, QL_NOT_FOUND, "REWARD_NOT_FOUND", "reward %s does not exist",
                       reward_id);
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "REWARD_NOT_FOUND", "reward %s has no revision %" PRId64,
                       reward_id, revision);
    reward_from_row(&rows, 0, ret_reward);
    return QL_OK;
}

enum ql_code reward_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                               int limit, struct reward **ret_rewards, size_t *ret_n_rewards)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    struct reward *rewards;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_reward_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    rewards = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*rewards));
    if (rewards == NULL && rows.n_rows > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++)
        reward_from_row(&rows, i, &rewards[i]);
    *ret_rewards = rewards;
    *ret_n_rewards = rows.n_rows;
    return QL_OK;
}
