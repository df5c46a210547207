/* SQL in, progress out: user_quest_rewards. */
#include "services/processing/store/progress_store.h"

#include <stdio.h>
#include <string.h>

#include "progress_sql.h"

enum { ROWS_A_SAVE = 2000 };

static const size_t save_limit = 8u * 1024 * 1024;
static const char exhausted[] = "EXHAUSTED", in_progress[] = "IN_PROGRESS";

static enum ql_code put_rows(struct ql_call *call, const struct ql_pg_rows *rows,
                             struct progress_set *set)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        struct progress stored = {
            .streak = (int32_t)ql_pg_int64(rows, i, 2),
            .duplication = (int32_t)ql_pg_int64(rows, i, 3),
            .is_exhausted = ql_pg_bool(rows, i, 4),
            .created_ms = ql_pg_int64(rows, i, 5),
            .updated_ms = ql_pg_int64(rows, i, 6),
            .has_day = !ql_pg_is_null(rows, i, 7),
            .last_day = (int32_t)ql_pg_int64(rows, i, 7),
        };

        snprintf(stored.user_id, sizeof(stored.user_id), "%s", ql_pg_text(rows, i, 0));
        snprintf(stored.quest_id, sizeof(stored.quest_id), "%s", ql_pg_text(rows, i, 1));
        if (!progress_set_put(set, &stored))
            return ql_fail_memory(call);
    }
    return QL_OK;
}

enum ql_code progress_store_read(struct ql_call *call, struct ql_pg_tx *tx,
                                 const char *const *user_ids, const char *const *quest_ids,
                                 size_t n, struct progress_set *set)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n),
                                      ql_pg_from_array(call, quest_ids, n)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_progress_read, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    return put_rows(call, &rows, set);
}

enum ql_code progress_store_read_users(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *const *user_ids, size_t n_users,
                                       struct progress_set *set)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n_users)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_progress_read_users, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    return put_rows(call, &rows, set);
}

/* The same id however often the table is made again from the events. */
static const char *row_id(struct ql_call *call, const struct progress *progress)
{
    const char *const parts[] = {"progress", progress->user_id, progress->quest_id};
    char id[QL_UUID_SIZE];

    ql_uuid_derive(id, parts, QL_ARRAY_LENGTH(parts));
    return ql_arena_strdup(call->arena, id);
}

/* The changed rows, column by column. */
struct columns {
    size_t n;
    const char **ids, **users, **quests, **statuses;
    int64_t *streaks, *duplications, *created, *updated, *days;
};

/* Of at most ROWS_A_SAVE changed rows from *at on, which then is behind them. */
static enum ql_code make_columns(struct ql_call *call, const struct progress **at,
                                 struct columns *ret_columns)
{
    const struct progress *first = *at, *end = first;
    size_t n = 0, i = 0;
    const char **texts;
    int64_t *numbers;

    for (; end != NULL && n < ROWS_A_SAVE; end = end->next)
        n += end->is_changed;
    *at = end;
    texts = ql_arena_calloc(call->arena, n * 4, sizeof(*texts));
    numbers = ql_arena_calloc(call->arena, n * 5, sizeof(*numbers));
    if (texts == NULL || numbers == NULL)
        return ql_fail_memory(call);
    *ret_columns = (struct columns){.n = n,
                                    .ids = texts,
                                    .users = texts + n,
                                    .quests = texts + 2 * n,
                                    .statuses = texts + 3 * n,
                                    .streaks = numbers,
                                    .duplications = numbers + n,
                                    .created = numbers + 2 * n,
                                    .updated = numbers + 3 * n,
                                    .days = numbers + 4 * n};
    for (const struct progress *p = first; p != end; p = p->next) {
        if (!p->is_changed)
            continue;
        ret_columns->ids[i] = row_id(call, p);
        if (ret_columns->ids[i] == NULL)
            return ql_fail_memory(call);
        ret_columns->users[i] = p->user_id;
        ret_columns->quests[i] = p->quest_id;
        ret_columns->statuses[i] = p->is_exhausted ? exhausted : in_progress;
        ret_columns->streaks[i] = p->streak;
        ret_columns->duplications[i] = p->duplication;
        ret_columns->created[i] = p->created_ms;
        ret_columns->updated[i] = p->updated_ms;
        ret_columns->days[i] = p->has_day ? p->last_day : INT32_MIN;
        i++;
    }
    return QL_OK;
}

static enum ql_code save_some(struct ql_call *call, struct ql_pg_tx *tx, const struct progress **at)
{
    struct columns columns = {0};
    size_t n;
    enum ql_code rc;

    rc = make_columns(call, at, &columns);
    if (rc != QL_OK || columns.n == 0)
        return rc;
    n = columns.n;
    return ql_pg_run(call, tx, &sql_progress_save,
                     (const char *const[]){
                         ql_pg_from_array(call, columns.ids, n),
                         ql_pg_from_array(call, columns.users, n),
                         ql_pg_from_array(call, columns.quests, n),
                         ql_pg_from_array(call, columns.statuses, n),
                         ql_pg_from_int64_array(call, columns.streaks, n),
                         ql_pg_from_int64_array(call, columns.duplications, n),
                         ql_pg_from_int64_array(call, columns.created, n),
                         ql_pg_from_int64_array(call, columns.updated, n),
                         ql_pg_from_int64_array(call, columns.days, n),
                     },
                     9, NULL);
}

/* Many rows take turns with an arena of their own. */
static enum ql_code save_rest(struct ql_call *call, struct ql_pg_tx *tx, const struct progress *at)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *rows = ql_arena_new(save_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, rows);

    if (rows == NULL)
        return ql_fail_memory(call);
    for (; at != NULL; ql_arena_reset(rows)) {
        enum ql_code rc = save_some(call, tx, &at);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code progress_store_save(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct progress_set *set)
{
    const struct progress *at = progress_set_first(set);
    enum ql_code rc = QL_OK;

    if (at != NULL)
        rc = save_some(call, tx, &at);
    if (rc != QL_OK || at == NULL)
        return rc;
    return save_rest(call, tx, at);
}

static void shown_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct shown_progress *ret = ret_element;

    snprintf(ret->quest_id, sizeof(ret->quest_id), "%s", ql_pg_text(rows, row, 0));
    ret->is_exhausted = strcmp(ql_pg_text(rows, row, 1), exhausted) == 0;
    ret->streak = (int32_t)ql_pg_int64(rows, row, 2);
    ret->duplication = (int32_t)ql_pg_int64(rows, row, 3);
    if (ql_pg_is_null(rows, row, 4))
        return;
    ret->quest_revision = ql_pg_int64(rows, row, 4);
    ret->reward_id = ql_pg_text(rows, row, 5);
    ret->name = ql_pg_text(rows, row, 6);
    ret->quest_streak = (int32_t)ql_pg_int64(rows, row, 7);
    ret->quest_duplication = (int32_t)ql_pg_int64(rows, row, 8);
    ret->has_start = !ql_pg_is_null(rows, row, 9);
    ret->starts_ms = ret->has_start ? ql_pg_int64(rows, row, 9) : 0;
    ret->has_end = !ql_pg_is_null(rows, row, 10);
    ret->ends_ms = ret->has_end ? ql_pg_int64(rows, row, 10) : 0;
    ret->is_archived = !ql_pg_is_null(rows, row, 11) && ql_pg_bool(rows, row, 11);
}

enum ql_code progress_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 const char *after_quest_id, int max,
                                 struct shown_progress **ret_rows, size_t *ret_n_rows)
{
    const char *const parameters[] = {user_id, after_quest_id, ql_pg_from_int64(call, max)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_progress_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_rows = ql_pg_map(call, &rows, sizeof(**ret_rows), shown_from_row);
    *ret_n_rows = rows.n_rows;
    return *ret_rows == NULL ? ql_fail_memory(call) : QL_OK;
}
