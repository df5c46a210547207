/* Changes of boards: bind, run, map. */
#include "services/evaluation/boards/change_store.h"

#include <stdio.h>

#include "change_store_sql.h"

enum { PURGE_ROWS = 1000 };

static void read_look(const struct ql_pg_rows *rows, struct change_look *ret_look)
{
    snprintf(ret_look->epoch, sizeof(ret_look->epoch), "%s", ql_pg_text(rows, 0, 0));
    ret_look->greatest = ql_pg_int64(rows, 0, 1);
    ret_look->purged = ql_pg_int64(rows, 0, 2);
}

static enum ql_code check_look(struct ql_call *call, const struct ql_pg_rows *rows)
{
    return rows->n_rows == 1 ? QL_OK
                             : ql_fail(call, QL_INTERNAL, "NO_EPOCH", "board_epoch has no row");
}

enum ql_code change_store_look(struct ql_call *call, struct ql_pg_pool *pool,
                               struct change_look *ret_look)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_change_look, NULL, 0, &rows);

    if (rc == QL_OK)
        rc = check_look(call, &rows);
    if (rc != QL_OK)
        return rc;
    read_look(&rows, ret_look);
    return QL_OK;
}

enum ql_code change_store_snapshot(struct ql_call *call, struct ql_pg_pool *pool,
                                   struct ql_pg_tx **ret_tx, struct change_look *ret_look)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_begin(call, pool, ret_tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, *ret_tx, &sql_change_snapshot, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, *ret_tx, &sql_change_look, NULL, 0, &rows);
    if (rc == QL_OK)
        rc = check_look(call, &rows);
    if (rc != QL_OK)
        return rc;
    read_look(&rows, ret_look);
    return QL_OK;
}

static void map_change(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct board_change *change = ret_element;

    change->board.name = ql_pg_text(rows, row, 1);
    change->board.period = ql_pg_text(rows, row, 2);
    ql_uuid_copy(change->position.user_id, ql_pg_text(rows, row, 3));
    change->position.millipoints = (int32_t)ql_pg_int64(rows, row, 4);
    change->position.reached_ms = ql_pg_int64(rows, row, 5);
    change->is_listed = ql_pg_bool(rows, row, 6);
}

enum ql_code change_store_entries(struct ql_call *call, struct ql_pg_tx *tx, int64_t *behind,
                                  int limit, struct board_change **ret_changes, size_t *ret_n)
{
    const char *const parameters[] = {ql_pg_from_int64(call, *behind),
                                      ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_change_entries, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_changes = ql_pg_map(call, &rows, sizeof(**ret_changes), map_change);
    if (*ret_changes == NULL)
        return ql_fail_memory(call);
    *ret_n = rows.n_rows;
    if (rows.n_rows > 0)
        *behind = ql_pg_int64(&rows, rows.n_rows - 1, 0);
    return QL_OK;
}

static void map_week(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(const char **)ret_element = ql_pg_text(rows, row, 0);
}

enum ql_code change_store_final_weeks(struct ql_call *call, struct ql_pg_tx *tx, int64_t behind,
                                      const char *const **ret_weeks, size_t *ret_n)
{
    const char *const parameters[] = {ql_pg_from_int64(call, behind)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_change_final_weeks, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_weeks = ql_pg_map(call, &rows, sizeof(**ret_weeks), map_week);
    *ret_n = rows.n_rows;
    return *ret_weeks == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code change_store_purge(struct ql_call *call, struct ql_pg_pool *pool, int64_t followed,
                                bool *ret_has_more)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[] = {ql_pg_from_int64(call, followed),
                                ql_pg_from_int64(call, PURGE_ROWS)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_has_more = false;
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_change_purge, parameters, 2, &rows);
    if (rc != QL_OK || ql_pg_int64(&rows, 0, 0) == 0)
        return rc;
    *ret_has_more = ql_pg_int64(&rows, 0, 0) == PURGE_ROWS;
    parameters[0] = ql_pg_text(&rows, 0, 1);
    rc = ql_pg_run(call, tx, &sql_change_set_purged, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

enum ql_code change_store_new_epoch(struct ql_call *call, struct ql_pg_tx *tx)
{
    return ql_pg_run(call, tx, &sql_change_new_epoch, NULL, 0, NULL);
}
