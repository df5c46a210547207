/* SQL in, report out: the schema rebuild. */
#include "services/processing/replay/rebuild_store.h"

#include <stdio.h>

#include "rebuild_sql.h"

enum ql_code rebuild_store_enter(struct ql_call *call, struct ql_pg_tx *tx)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_rebuild_try_lock, NULL, 0, &rows);
    if (rc != QL_OK)
        return rc;
    if (!ql_pg_bool(&rows, 0, 0))
        return ql_fail(call, QL_ABORTED, "REBUILD_RUNNING", "another rebuild is under way");
    rc = ql_pg_run(call, tx, &sql_rebuild_clear, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_rebuild_enter, NULL, 0, NULL);
}

enum ql_code rebuild_store_leave(struct ql_call *call, struct ql_pg_tx *tx)
{
    return ql_pg_run(call, tx, &sql_rebuild_leave, NULL, 0, NULL);
}

static enum ql_code add_completions(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct replay_completion *completions, size_t n,
                                    int64_t *ret_cursor)
{
    const char **texts = ql_arena_calloc(call->arena, n * 4, sizeof(*texts));
    int64_t *numbers = ql_arena_calloc(call->arena, n * 3, sizeof(*numbers));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (texts == NULL || numbers == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        const struct completion *completion = completions[i].completion;

        texts[i] = completion->event_id;
        texts[n + i] = completions[i].user_id;
        texts[2 * n + i] = completion->quest_id;
        texts[3 * n + i] = completion->cause_event_id;
        numbers[i] = completion->quest_revision;
        numbers[n + i] = completion->ordinal;
        numbers[2 * n + i] = completions[i].occurred_ms;
    }
    rc = ql_pg_run(
        call, tx, &sql_rebuild_add_completions,
        (const char *const[]){
            ql_pg_from_array(call, texts, n), ql_pg_from_array(call, texts + n, n),
            ql_pg_from_array(call, texts + 2 * n, n), ql_pg_from_int64_array(call, numbers, n),
            ql_pg_from_int64_array(call, numbers + n, n), ql_pg_from_array(call, texts + 3 * n, n),
            ql_pg_from_int64_array(call, numbers + 2 * n, n)},
        7, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_cursor = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

static enum ql_code list_completions(struct ql_call *call, struct ql_pg_tx *tx,
                                     int64_t after_cursor, int64_t before_cursor, int max,
                                     struct event_page *ret_page)
{
    const char *const parameters[] = {ql_pg_from_int64(call, after_cursor),
                                      ql_pg_from_int64(call, before_cursor),
                                      ql_pg_from_int64(call, max)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_rebuild_list_completions, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    return history_store_map_events(call, &rows, ret_page);
}

const struct completion_log rebuild_completion_log = {.add = add_completions,
                                                      .list = list_completions};

/* One side of a difference, whose columns begin at first; NULL when it is not there. */
static const struct progress *read_side(struct ql_call *call, const struct ql_pg_rows *rows,
                                        size_t row, size_t first)
{
    struct progress progress = {
        .is_exhausted = ql_pg_bool(rows, row, first + 1),
        .streak = (int32_t)ql_pg_int64(rows, row, first + 2),
        .duplication = (int32_t)ql_pg_int64(rows, row, first + 3),
        .created_ms = ql_pg_int64(rows, row, first + 4),
        .updated_ms = ql_pg_int64(rows, row, first + 5),
        .has_day = !ql_pg_is_null(rows, row, first + 6),
        .last_day = (int32_t)ql_pg_int64(rows, row, first + 6),
    };

    if (!ql_pg_bool(rows, row, first))
        return NULL;
    snprintf(progress.user_id, sizeof(progress.user_id), "%s", ql_pg_text(rows, row, 0));
    snprintf(progress.quest_id, sizeof(progress.quest_id), "%s", ql_pg_text(rows, row, 1));
    return ql_arena_memdup(call->arena, &progress, sizeof(progress));
}

static enum ql_code compare_progress(struct ql_call *call, struct ql_pg_tx *tx,
                                     struct rebuild_report *report)
{
    const char *const max[] = {ql_pg_from_int64(call, REBUILD_LISTED_MAX)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_rebuild_count, NULL, 0, &rows);
    if (rc != QL_OK)
        return rc;
    report->n_rows = ql_pg_int64(&rows, 0, 0);
    rc = ql_pg_run(call, tx, &sql_rebuild_compare, max, 1, &rows);
    if (rc != QL_OK)
        return rc;
    report->differences = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*report->differences));
    if (report->differences == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++)
        report->differences[i] = (struct rebuild_difference){.user_id = ql_pg_text(&rows, i, 0),
                                                             .quest_id = ql_pg_text(&rows, i, 1),
                                                             .live = read_side(call, &rows, i, 2),
                                                             .made = read_side(call, &rows, i, 9)};
    report->n_listed = rows.n_rows;
    report->n_differences = rows.n_rows == 0 ? 0 : ql_pg_int64(&rows, 0, 16);
    return QL_OK;
}

enum ql_code rebuild_store_compare(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct rebuild_report *report)
{
    const char *const max[] = {ql_pg_from_int64(call, REBUILD_LISTED_MAX)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_rebuild_forget_deleted, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    rc = compare_progress(call, tx, report);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_rebuild_compare_completions, max, 1, &rows);
    if (rc != QL_OK)
        return rc;
    report->completions = ql_arena_calloc(call->arena, rows.n_rows, sizeof(char *));
    if (report->completions == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++)
        report->completions[i] = ql_pg_text(&rows, i, 0);
    report->n_completions_listed = rows.n_rows;
    if (rows.n_rows > 0) {
        report->n_missing = ql_pg_int64(&rows, 0, 2);
        report->n_excess = ql_pg_int64(&rows, 0, 3);
    }
    return QL_OK;
}

enum ql_code rebuild_store_swap(struct ql_call *call, struct ql_pg_tx *tx)
{
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_rebuild_swap_delete, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_rebuild_swap_write, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_rebuild_clear, NULL, 0, NULL);
}
