/* Personal data in PostgreSQL: bind, run, map. */
#include "services/user/personal_data_store.h"

#include "personal_data_sql.h"
#include "services/user/quiz_stats.h"

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

static void session_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct exported_session *)ret_element = (struct exported_session){
        .session_id = ql_pg_text(rows, row, 0),
        .created_ms = ql_pg_int64(rows, row, 1),
        .expires_ms = ql_pg_int64(rows, row, 2),
    };
}

enum ql_code personal_data_store_sessions(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *user_id, int limit,
                                          struct exported_session **ret_sessions,
                                          size_t *ret_n_sessions)
{
    const char *const parameters[] = {user_id, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_personal_data_sessions, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_sessions = ql_pg_map(call, &rows, sizeof(**ret_sessions), session_from_row);
    *ret_n_sessions = rows.n_rows;
    return *ret_sessions == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code personal_data_store_erase(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *user_id)
{
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_personal_data_end_sessions, &user_id, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = quiz_stats_delete(call, tx, user_id);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_personal_data_erase, &user_id, 1, NULL);
}
