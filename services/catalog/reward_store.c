/* Rewards in PostgreSQL: bind, run, map. */
#include "services/catalog/reward_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "reward_sql.h"

/* The columns that reward.sql selects, in its order. */
enum { REWARD_ID, REWARD_NAME, REWARD_ITEM, REWARD_QTY, REVISION, REVISED_MS, ARCHIVED };

static void reward_from_row(const struct ql_pg_rows *rows, size_t row, struct reward *ret_reward)
{
    snprintf(ret_reward->reward_id, sizeof(ret_reward->reward_id), "%s",
             ql_pg_text(rows, row, REWARD_ID));
    ret_reward->name = ql_pg_text(rows, row, REWARD_NAME);
    ret_reward->item = ql_pg_text(rows, row, REWARD_ITEM);
    ret_reward->qty = (int32_t)ql_pg_int64(rows, row, REWARD_QTY);
    ret_reward->revision = ql_pg_int64(rows, row, REVISION);
    ret_reward->revised_ms = ql_pg_int64(rows, row, REVISED_MS);
    ret_reward->archived = ql_pg_bool(rows, row, ARCHIVED);
}

/* The newest revision, written by insert or update, and kept. */
static enum ql_code store(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct ql_pg_statement *statement, const struct reward *reward)
{
    const char *const parameters[] = {
        reward->reward_id,
        reward->name,
        reward->item,
        ql_pg_from_int64(call, reward->qty),
        ql_pg_from_int64(call, reward->revision),
        ql_pg_from_unix_ms(call, reward->revised_ms),
        reward->archived ? "true" : "false",
    };
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, parameters, QL_ARRAY_LENGTH(parameters), NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_reward_keep_revision, parameters, 1, NULL);
}

enum ql_code reward_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct reward *reward)
{
    return store(call, tx, &sql_reward_insert, reward);
}

enum ql_code reward_store_update(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct reward *reward)
{
    return store(call, tx, &sql_reward_update, reward);
}

static enum ql_code get_newest(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_pg_statement *statement, const char *reward_id,
                               struct reward *ret_reward)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, &reward_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "REWARD_NOT_FOUND", "reward %s does not exist",
                       reward_id);
    reward_from_row(&rows, 0, ret_reward);
    return QL_OK;
}

enum ql_code reward_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                              int64_t revision, struct reward *ret_reward)
{
    const char *const parameters[] = {reward_id, ql_pg_from_int64(call, revision)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (revision == 0)
        return get_newest(call, tx, &sql_reward_get, reward_id, ret_reward);
    rc = ql_pg_run(call, tx, &sql_reward_get_revision, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "REWARD_NOT_FOUND", "reward %s has no revision %" PRId64,
                       reward_id, revision);
    reward_from_row(&rows, 0, ret_reward);
    return QL_OK;
}

enum ql_code reward_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                               struct reward *ret_reward)
{
    return get_newest(call, tx, &sql_reward_lock, reward_id, ret_reward);
}

enum ql_code reward_store_hold(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                               struct reward *ret_reward)
{
    return get_newest(call, tx, &sql_reward_hold, reward_id, ret_reward);
}

enum ql_code reward_store_giver(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                                const char **ret_quest_id)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_reward_giver, &reward_id, 1, &rows);
    if (rc == QL_OK)
        *ret_quest_id = rows.n_rows == 0 ? NULL : ql_pg_text(&rows, 0, 0);
    return rc;
}

enum ql_code reward_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                               int64_t archived_since_ms, int limit, struct reward **ret_rewards,
                               size_t *ret_n_rewards)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit),
                                      ql_pg_from_int64(call, archived_since_ms)};
    struct ql_pg_rows rows;
    struct reward *rewards;
    enum ql_code rc;

    if (archived_since_ms == 0)
        rc = ql_pg_run(call, tx, &sql_reward_list, parameters, 2, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_reward_list_open, parameters, 3, &rows);
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
