/* Personal data in PostgreSQL: bind, run, map. */
#include "services/user/personal_data_store.h"

#include "personal_data_sql.h"

enum ql_code personal_data_store_created(struct ql_call *call, struct ql_pg_tx *tx,
                                         const char *user_id, int64_t *ret_created_ms)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_personal_data_created, &user_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_created_ms = rows.n_rows == 0 ? 0 : ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code personal_data_store_sessions(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *user_id, int limit,
                                          struct exported_session **ret_sessions,
                                          size_t *ret_n_sessions)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, limit)};
    struct exported_session *sessions;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_personal_data_sessions, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    sessions = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*sessions));
    if (sessions == NULL && rows.n_rows > 0)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        sessions[i].session_id = ql_pg_text(&rows, i, 0);
        sessions[i].created_ms = ql_pg_int64(&rows, i, 1);
        sessions[i].expires_ms = ql_pg_int64(&rows, i, 2);
    }
    *ret_sessions = sessions;
    *ret_n_sessions = rows.n_rows;
    return QL_OK;
}

enum ql_code personal_data_store_erase(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *user_id)
{
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_personal_data_end_sessions, &user_id, 1, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_personal_data_erase, &user_id, 1, NULL);
}
