/* Sessions in PostgreSQL: bind, run. */
#include "services/user/session_store.h"

#include "session_sql.h"

enum ql_code session_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct session *session)
{
    const char *const pruned[] = {
        session->user_id,
        ql_pg_from_int64(call, SESSIONS_PER_USER_MAX - 1),
    };
    const char *const inserted[] = {
        session->session_id,
        session->user_id,
        ql_pg_from_bytes(call, session->refresh_hash, sizeof(session->refresh_hash)),
        ql_pg_from_int64(call, SESSION_LIFE_S),
    };
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_session_prune, pruned, QL_ARRAY_LENGTH(pruned), NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_session_insert, inserted, QL_ARRAY_LENGTH(inserted), NULL);
}
