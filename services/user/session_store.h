/* Sessions in PostgreSQL: bounded per user, expired ones deleted as new ones come. */
#ifndef QL_USER_SESSION_STORE_H
#define QL_USER_SESSION_STORE_H

#include "platform/auth/refresh_token.h"
#include "platform/pg/pg.h"

enum { SESSION_LIFE_S = 30 * 24 * 3600, SESSIONS_PER_USER_MAX = 100 };

struct session {
    char session_id[QL_UUID_SIZE];
    const char *user_id;
    unsigned char refresh_hash[QL_REFRESH_HASH_BYTES];
};

/* Stores a session, valid for 30 days from now, and deletes the user's expired
 * ones and the oldest beyond 100. The caller holds the lock of the user's row. */
enum ql_code session_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct session *session) QL_MUST_CHECK;

#endif
