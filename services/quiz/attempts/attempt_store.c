/* Attempts in PostgreSQL: bind, run, map. */
#include "services/quiz/attempts/attempt_store.h"

#include <string.h>

#include "services/quiz/attempts/attempt_row.h"

#include "attempt_sql.h"

/* And those of attempt_prepare in front of them. */
enum { PREPARED_NOW_MS, IS_DEPARTED, LATEST };

#define FIRST_UUID "00000000-0000-0000-0000-000000000000"

static enum ql_code read_attempts(struct ql_call *call, const struct ql_pg_rows *rows,
                                  struct attempt **ret_attempts, size_t *ret_n_attempts)
{
    struct attempt *attempts = ql_arena_calloc(call->arena, rows->n_rows, sizeof(*attempts));
    enum ql_code rc;

    if (attempts == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows->n_rows; i++) {
        rc = attempt_row_read(call, rows, i, 0, &attempts[i]);
        if (rc != QL_OK)
            return rc;
    }
    *ret_attempts = attempts;
    *ret_n_attempts = rows->n_rows;
    return QL_OK;
}

enum ql_code attempt_store_prepare(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   const char *quiz_id, int64_t grace_ms,
                                   struct attempt_preparation *ret_preparation)
{
    char user[QL_UUID_SIZE]; /* in the one spelling that the lock is named by */
    const char *const parameters[] = {user, quiz_id, ql_pg_from_int64(call, grace_ms)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    ql_uuid_copy(user, user_id);
    memset(ret_preparation, 0, sizeof(*ret_preparation));
    rc = ql_pg_run(call, tx, &sql_attempt_prepare, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    ret_preparation->now_ms = ql_pg_int64(&rows, 0, PREPARED_NOW_MS);
    ret_preparation->is_departed = ql_pg_bool(&rows, 0, IS_DEPARTED);
    if (ql_pg_is_null(&rows, 0, LATEST))
        return QL_OK;
    return attempt_row_read(call, &rows, 0, LATEST, &ret_preparation->latest);
}

enum ql_code attempt_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct attempt *attempt, bool *ret_is_new)
{
    const char *const parameters[] = {
        attempt->attempt_id,
        attempt->user_id,
        attempt->quiz_id,
        ql_pg_from_int64(call, attempt->quiz_version),
        ql_pg_from_int64(call, attempt->ordinal),
        ql_pg_from_int64(call, DRAW_ALGORITHM),
        ql_pg_from_bytes(call, attempt->seed, sizeof(attempt->seed)),
        ql_pg_from_unix_ms(call, attempt->started_ms),
        ql_pg_from_unix_ms(call, attempt->deadline_ms),
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_attempt_insert, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_new = rows.n_affected == 1;
    return QL_OK;
}

static enum ql_code find_attempt(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_pg_statement *statement, const char *attempt_id,
                                 int64_t grace_ms, struct attempt *ret_attempt)
{
    const char *const parameters[] = {attempt_id, ql_pg_from_int64(call, grace_ms)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "ATTEMPT_NOT_FOUND", "attempt %s does not exist",
                       attempt_id);
    return attempt_row_read(call, &rows, 0, 0, ret_attempt);
}

enum ql_code attempt_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                               int64_t grace_ms, struct attempt *ret_attempt)
{
    return find_attempt(call, tx, &sql_attempt_get, attempt_id, grace_ms, ret_attempt);
}

enum ql_code attempt_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *attempt_id,
                                int64_t grace_ms, struct attempt *ret_attempt)
{
    return find_attempt(call, tx, &sql_attempt_lock, attempt_id, grace_ms, ret_attempt);
}

enum ql_code attempt_store_lock_late(struct ql_call *call, struct ql_pg_tx *tx, int64_t grace_ms,
                                     const struct attempt *after, struct attempt *ret_attempt,
                                     bool *ret_is_found)
{
    const char *const parameters[] = {
        ql_pg_from_int64(call, grace_ms),
        ql_pg_from_unix_ms(call, after == NULL ? 0 : after->deadline_ms),
        after == NULL ? FIRST_UUID : after->attempt_id,
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_is_found = false;
    rc =
        ql_pg_run(call, tx, &sql_attempt_lock_late, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    *ret_is_found = true;
    return attempt_row_read(call, &rows, 0, 0, ret_attempt);
}

enum ql_code attempt_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                const char *quiz_id, const char *before, int limit,
                                struct attempt **ret_attempts, size_t *ret_n_attempts)
{
    const char *const parameters[] = {user_id, before, ql_pg_from_int64(call, limit), quiz_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_attempt_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    return read_attempts(call, &rows, ret_attempts, ret_n_attempts);
}

enum ql_code attempt_store_set_ended(struct ql_call *call, struct ql_pg_tx *tx,
                                     struct attempt *attempt, Questline__Quiz__V1__EndedBy ended_by)
{
    bool is_player = ended_by == ENDED_BY_PLAYER;
    const char *const parameters[] = {attempt->attempt_id, is_player ? "SUBMITTED" : "EXPIRED",
                                      is_player ? "PLAYER" : "SERVER"};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc =
        ql_pg_run(call, tx, &sql_attempt_set_ended, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_INTERNAL, "ATTEMPT_NOT_LOCKED", "the attempt is not in progress");
    attempt->state = is_player ? ATTEMPT_STATE_SUBMITTED : ATTEMPT_STATE_EXPIRED;
    attempt->ended_by = ended_by;
    attempt->ended_ms = ql_pg_int64(&rows, 0, 0);
    attempt->now_ms = ql_pg_int64(&rows, 0, 1);
    attempt->is_late = false;
    return QL_OK;
}

enum ql_code attempt_store_set_scored(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt *attempt, bool *ret_is_stored)
{
    int64_t items[DRAW_QUESTIONS_MAX];
    size_t n_items = attempt->n_items < DRAW_QUESTIONS_MAX ? attempt->n_items : DRAW_QUESTIONS_MAX;
    const char *parameters[] = {
        attempt->attempt_id,
        ql_pg_from_int64(call, attempt->millipoints),
        ql_pg_from_int64(call, attempt->max_millipoints),
        ql_pg_from_int64(call, attempt->percent),
        ql_pg_from_int64(call, attempt->basis_points),
        attempt->passed ? "true" : "false",
        NULL,
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    for (size_t i = 0; i < n_items; i++)
        items[i] = attempt->item_millipoints[i];
    parameters[QL_ARRAY_LENGTH(parameters) - 1] = ql_pg_from_int64_array(call, items, n_items);
    rc = ql_pg_run(call, tx, &sql_attempt_set_scored, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_stored = rows.n_affected == 1;
    return QL_OK;
}

enum ql_code attempt_store_count_in_progress(struct ql_call *call, struct ql_pg_pool *pool,
                                             int64_t *ret_count)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_look(call, pool, &sql_attempt_count_in_progress, NULL, 0, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_count = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code attempt_store_list_ended(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                                      int64_t since_ms, int limit, struct attempt **ret_attempts,
                                      size_t *ret_n_attempts)
{
    const char *const parameters[] = {after, ql_pg_from_unix_ms(call, since_ms),
                                      ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_attempt_list_ended, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    return read_attempts(call, &rows, ret_attempts, ret_n_attempts);
}
