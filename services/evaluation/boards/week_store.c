/* Weeks and standings: bind, run, map. */
#include "services/evaluation/boards/week_store.h"

#include "week_store_sql.h"

enum ql_code week_store_is_final(struct ql_call *call, struct ql_pg_pool *pool, const char *week,
                                 bool *ret_is_final)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_week_is_final, &week, 1, &rows);

    *ret_is_final = rc == QL_OK && ql_pg_bool(&rows, 0, 0);
    return rc;
}

static void map_week(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct week_row *)ret_element =
        (struct week_row){.week = ql_pg_text(rows, row, 0), .state = ql_pg_text(rows, row, 1)};
}

enum ql_code week_store_list(struct ql_call *call, struct ql_pg_pool *pool, const char *newest,
                             int limit, struct week_row **ret_rows, size_t *ret_n)
{
    const char *const parameters[] = {newest, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_week_list, parameters, 2, &rows);

    if (rc != QL_OK)
        return rc;
    *ret_rows = ql_pg_map(call, &rows, sizeof(**ret_rows), map_week);
    *ret_n = rows.n_rows;
    return *ret_rows == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code week_store_count(struct ql_call *call, struct ql_pg_pool *pool,
                              struct ql_pg_rows *ret_rows)
{
    return ql_pg_look(call, pool, &sql_week_count_states, NULL, 0, ret_rows);
}

static void map_entry(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct board_entry *entry = ret_element;
    const char *user_id = ql_pg_text(rows, row, 2);

    entry->rank = (int32_t)ql_pg_int64(rows, row, 0);
    entry->shared_rank = (int32_t)ql_pg_int64(rows, row, 1);
    if (user_id[0] != '\0')
        ql_uuid_copy(entry->position.user_id, user_id);
    entry->position.millipoints = (int32_t)ql_pg_int64(rows, row, 3);
    entry->position.reached_ms = ql_pg_int64(rows, row, 4);
}

static enum ql_code read_total(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct board *board, int32_t *ret_total)
{
    const char *const parameters[] = {board->period, board->name};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_week_total, parameters, 2, &rows);

    *ret_total = rc == QL_OK ? (int32_t)ql_pg_int64(&rows, 0, 0) : 0;
    return rc;
}

static enum ql_code read_entries(struct ql_call *call, struct ql_pg_pool *pool,
                                 const struct board *board, int32_t n_before, int limit,
                                 struct board_window *window)
{
    const char *const parameters[] = {board->period, board->name, ql_pg_from_int64(call, n_before),
                                      ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc =
        ql_pg_look(call, pool, &sql_week_entries, parameters, QL_ARRAY_LENGTH(parameters), &rows);

    if (rc != QL_OK)
        return rc;
    window->first = n_before;
    window->entries = ql_pg_map(call, &rows, sizeof(*window->entries), map_entry);
    window->n_entries = rows.n_rows;
    return window->entries == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code week_store_page(struct ql_call *call, struct ql_pg_pool *pool,
                             const struct board *board, int32_t n_before, int limit,
                             struct board_window *ret_window)
{
    enum ql_code rc;

    *ret_window = (struct board_window){0};
    rc = read_total(call, pool, board, &ret_window->total);
    if (rc != QL_OK)
        return rc;
    if (n_before > ret_window->total) /* keeps the sum of it and the limit in range */
        n_before = ret_window->total;
    return read_entries(call, pool, board, n_before, limit, ret_window);
}

enum ql_code week_store_rank_of_position(struct ql_call *call, struct ql_pg_pool *pool,
                                         const struct board *board,
                                         const struct board_position *position, int32_t *ret_rank)
{
    const char *const parameters[] = {board->period, board->name, position->user_id,
                                      ql_pg_from_int64(call, position->millipoints),
                                      ql_pg_from_unix_ms(call, position->reached_ms)};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_week_rank_of_position, parameters,
                                 QL_ARRAY_LENGTH(parameters), &rows);

    *ret_rank = rc == QL_OK ? (int32_t)ql_pg_int64(&rows, 0, 0) : 0;
    return rc;
}

enum ql_code week_store_around(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct board *board, const char *user_id, int around,
                               struct board_window *ret_window)
{
    const char *const parameters[] = {board->period, board->name, user_id};
    int32_t n_before, first;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_look(call, pool, &sql_week_rank_of_user, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "NOT_RANKED", "this user is not on this board");
    n_before = (int32_t)ql_pg_int64(&rows, 0, 0) - 1;
    *ret_window = (struct board_window){0};
    rc = read_total(call, pool, board, &ret_window->total);
    if (rc != QL_OK)
        return rc;
    first = n_before - around;
    if (first > ret_window->total - 2 * around - 1)
        first = ret_window->total - 2 * around - 1;
    if (first < 0)
        first = 0;
    rc = read_entries(call, pool, board, first, 2 * around + 1, ret_window);
    ret_window->own = (size_t)(n_before - first);
    return rc;
}

static void map_name(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(const char **)ret_element = ql_pg_text(rows, row, 0);
}

enum ql_code week_store_board_names(struct ql_call *call, struct ql_pg_pool *pool,
                                    const char *behind, int limit, const char ***ret_names,
                                    size_t *ret_n)
{
    const char *const parameters[] = {behind, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_look(call, pool, &sql_board_names, parameters, 2, &rows);

    if (rc != QL_OK)
        return rc;
    *ret_names = ql_pg_map(call, &rows, sizeof(**ret_names), map_name);
    *ret_n = rows.n_rows;
    return *ret_names == NULL ? ql_fail_memory(call) : QL_OK;
}
