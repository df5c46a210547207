/* Arrays in, rows out: what a batch changes. */
#include "services/evaluation/results/result_store.h"

#include <string.h>

#include "result_sql.h"

#define RESULT_LOCK "3907184625017362911" /* any number that nobody else takes */

enum { ATTEMPT_COLUMNS = 15 };

enum ql_code result_store_lock(struct ql_call *call, struct ql_pg_tx *tx)
{
    const char *const parameters[] = {RESULT_LOCK};

    return ql_pg_run(call, tx, &sql_result_lock, parameters, 1, NULL);
}

enum ql_code result_store_add_players(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct id_list *user_ids)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids->ids, user_ids->n)};

    return ql_pg_run(call, tx, &sql_result_add_players, parameters, 1, NULL);
}

enum ql_code result_store_change_players(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct account_change *changes, size_t n_changes,
                                         struct id_list *ret_changed)
{
    const char **cells = ql_arena_calloc(call->arena, 3 * n_changes, sizeof(*cells));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_changes; i++) {
        cells[i] = changes[i].user_id;
        if (changes[i].has_ban)
            cells[n_changes + i] = changes[i].is_banned ? "1" : "0";
        cells[2 * n_changes + i] = changes[i].is_deleted ? "1" : "0";
    }
    rc = ql_pg_run(call, tx, &sql_result_change_players,
                   (const char *const[]){ql_pg_from_array(call, cells, n_changes),
                                         ql_pg_from_array(call, cells + n_changes, n_changes),
                                         ql_pg_from_array(call, cells + 2 * n_changes, n_changes)},
                   3, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_changed = (struct id_list){rows.cells, rows.n_rows}; /* one column */
    return QL_OK;
}

enum ql_code result_store_forget_in_standings(struct ql_call *call, struct ql_pg_tx *tx,
                                              const struct id_list *user_ids)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids->ids, user_ids->n)};

    return ql_pg_run(call, tx, &sql_result_forget_in_standings, parameters, 1, NULL);
}

/* The columns of an attempt, n cells apart. */
static void fill_attempt(struct ql_call *call, const struct attempt *attempt, const char **cells,
                         size_t n)
{
    const char *const row[ATTEMPT_COLUMNS] = {
        attempt->attempt_id,
        attempt->user_id,
        attempt->quiz_id,
        attempt->category,
        ql_pg_from_int64(call, attempt->ordinal),
        ql_pg_from_unix_ms(call, attempt->submitted_ms),
        attempt->week,
        ql_pg_from_int64(call, attempt->duration_ms),
        ql_pg_from_int64(call, attempt->score.millipoints),
        ql_pg_from_int64(call, attempt->score.max_millipoints),
        ql_pg_from_int64(call, attempt->score.basis_points),
        attempt->score.is_passed ? "1" : "0",
        attempt->grading,
        attempt->is_practice ? "1" : "0",
        ql_pg_from_int64(call, attempt->score.worth_millipoints),
    };

    for (size_t column = 0; column < ATTEMPT_COLUMNS; column++)
        cells[column * n] = row[column];
}

static bool is_among(const struct ql_pg_rows *ids, const char *id)
{
    for (size_t row = 0; row < ids->n_rows; row++)
        if (strcmp(ql_pg_text(ids, row, 0), id) == 0)
            return true;
    return false;
}

/* Of attempts with one id the first was stored. */
static void keep_new(struct attempt_list *attempts, const struct ql_pg_rows *ids)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < attempts->n; i++) {
        struct attempt *attempt = attempts->attempts[i];
        bool is_repeated = false;

        for (size_t j = 0; j < n_kept && !is_repeated; j++)
            is_repeated = strcmp(attempts->attempts[j]->attempt_id, attempt->attempt_id) == 0;
        if (!is_repeated && is_among(ids, attempt->attempt_id))
            attempts->attempts[n_kept++] = attempt;
    }
    attempts->n = n_kept;
}

enum ql_code result_store_insert_attempts(struct ql_call *call, struct ql_pg_tx *tx,
                                          struct attempt_list *attempts)
{
    size_t n = attempts->n;
    const char **cells = ql_arena_calloc(call->arena, ATTEMPT_COLUMNS * n, sizeof(*cells));
    const char *parameters[ATTEMPT_COLUMNS];
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (n == 0)
        return QL_OK;
    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++)
        fill_attempt(call, attempts->attempts[i], cells + i, n);
    for (size_t column = 0; column < ATTEMPT_COLUMNS; column++)
        parameters[column] = ql_pg_from_array(call, cells + column * n, n);
    rc = ql_pg_run(call, tx, &sql_result_insert_attempts, parameters, ATTEMPT_COLUMNS, &rows);
    if (rc != QL_OK)
        return rc;
    keep_new(attempts, &rows);
    return QL_OK;
}

static void map_counted_week(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct counted_week *week = ret_element;

    week->week = ql_pg_text(rows, row, 0);
    week->is_final = ql_pg_bool(rows, row, 1);
    week->is_closed = ql_pg_bool(rows, row, 2);
}

enum ql_code result_store_count_weeks(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt_list *attempts,
                                      struct counted_week **ret_weeks, size_t *ret_n_weeks)
{
    const char **weeks = ql_arena_calloc(call->arena, attempts->n, sizeof(*weeks));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (weeks == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < attempts->n; i++)
        weeks[i] = attempts->attempts[i]->week;
    rc = ql_pg_run(call, tx, &sql_result_count_weeks,
                   (const char *const[]){ql_pg_from_array(call, weeks, attempts->n)}, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_weeks = ql_pg_map(call, &rows, sizeof(**ret_weeks), map_counted_week);
    *ret_n_weeks = rows.n_rows;
    return *ret_weeks == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code result_store_close_weeks(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct week_close *weeks, size_t n_weeks)
{
    const char **names = ql_arena_calloc(call->arena, n_weeks, sizeof(*names));
    int64_t *expected = ql_arena_calloc(call->arena, n_weeks, sizeof(*expected));

    if (names == NULL || expected == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_weeks; i++) {
        names[i] = weeks[i].week;
        expected[i] = weeks[i].n_attempts;
    }
    return ql_pg_run(call, tx, &sql_result_close_weeks,
                     (const char *const[]){ql_pg_from_array(call, names, n_weeks),
                                           ql_pg_from_int64_array(call, expected, n_weeks)},
                     2, NULL);
}

static void map_change(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct result_change *change = ret_element;

    change->user_id = ql_pg_text(rows, row, 0);
    change->quiz_id = ql_pg_text(rows, row, 1);
    change->period = ql_pg_text(rows, row, 2);
    change->n_attempts = ql_pg_int64(rows, row, 3);
    change->n_passed = ql_pg_int64(rows, row, 4);
}

enum ql_code result_store_refresh_results(struct ql_call *call, struct ql_pg_tx *tx,
                                          const struct attempt_list *attempts, const bool *are_late,
                                          struct result_changes *ret_changes)
{
    size_t n = attempts->n;
    const char **cells = ql_arena_calloc(call->arena, 3 * n, sizeof(*cells));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        cells[i] = attempts->attempts[i]->user_id;
        cells[n + i] = attempts->attempts[i]->quiz_id;
        cells[2 * n + i] = are_late[i] ? NULL : attempts->attempts[i]->week;
    }
    rc = ql_pg_run(call, tx, &sql_result_refresh_results,
                   (const char *const[]){ql_pg_from_array(call, cells, n),
                                         ql_pg_from_array(call, cells + n, n),
                                         ql_pg_from_array(call, cells + 2 * n, n)},
                   3, &rows);
    if (rc != QL_OK)
        return rc;
    ret_changes->rows = ql_pg_map(call, &rows, sizeof(*ret_changes->rows), map_change);
    ret_changes->n = rows.n_rows;
    return ret_changes->rows == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code result_store_refresh_boards(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct result_changes *changes,
                                         const struct id_list *user_ids, struct id_list *ret_boards)
{
    size_t n = changes->n;
    const char **cells = ql_arena_calloc(call->arena, 3 * n, sizeof(*cells));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        cells[i] = changes->rows[i].user_id;
        cells[n + i] = changes->rows[i].quiz_id;
        cells[2 * n + i] = changes->rows[i].period;
    }
    rc = ql_pg_run(call, tx, &sql_result_refresh_boards,
                   (const char *const[]){ql_pg_from_array(call, cells, n),
                                         ql_pg_from_array(call, cells + n, n),
                                         ql_pg_from_array(call, cells + 2 * n, n),
                                         ql_pg_from_array(call, user_ids->ids, user_ids->n)},
                   4, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_boards = (struct id_list){rows.cells, rows.n_rows}; /* one column */
    return QL_OK;
}
