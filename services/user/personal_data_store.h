/* What is kept about a user, in PostgreSQL: read as a whole, and erased. Results
 * live in the call's arena. */
#ifndef QL_USER_PERSONAL_DATA_STORE_H
#define QL_USER_PERSONAL_DATA_STORE_H

#include "platform/pg/pg.h"

struct exported_session {
    const char *session_id;
    int64_t created_ms;
    int64_t expires_ms;
};

/* When the account was made; the user exists. */
enum ql_code personal_data_store_created(struct ql_call *call, struct ql_pg_tx *tx,
                                         const char *user_id,
                                         int64_t *ret_created_ms) QL_MUST_CHECK;

/* The user's sessions that live, oldest first, at most limit. */
enum ql_code personal_data_store_sessions(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *user_id, int limit,
                                          struct exported_session **ret_sessions,
                                          size_t *ret_n_sessions) QL_MUST_CHECK;

/* Takes name, password, time zone, role and sessions away; the id stays. The
 * caller holds the lock of the user's row. */
enum ql_code personal_data_store_erase(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *user_id) QL_MUST_CHECK;

#endif
