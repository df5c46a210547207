/* Sessions in PostgreSQL: bounded per user, those whose time is over deleted. */
#ifndef QL_USER_SESSION_STORE_H
#define QL_USER_SESSION_STORE_H

#include "platform/pg/pg.h"
#include "services/user/session.h"

/* Stores a session and deletes the user's expired ones and the oldest beyond
 * 100. The caller holds the lock of the user's row. */
enum ql_code session_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct session_rules *rules,
                                  const struct session *session) QL_MUST_CHECK;

/* The session that a refresh token belongs to, whatever the token is worth;
 * NOT_FOUND (SESSION_ENDED) for one of no session. */
enum ql_code session_store_get(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct session_rules *rules, const char *token,
                               struct session *ret_session) QL_MUST_CHECK;

/* The same, and locks it. Whoever holds this lock must not wait for a user's
 * row: who ends sessions has that one first. */
enum ql_code session_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct session_rules *rules, const char *token,
                                struct session *ret_session) QL_MUST_CHECK;

/* Replaces the newest token by the next one, which follows from it by
 * session->turn_salt; the session may idle anew. The session is locked. */
enum ql_code session_store_turn(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct session_rules *rules, const struct session *session,
                                const char *next_token) QL_MUST_CHECK;

/* Notes that an access token is issued, without a new refresh token: for a session
 * whose first refresh token is its newest. The session is locked. */
enum ql_code session_store_renew(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct session *session) QL_MUST_CHECK;

/* A session that was ended. */
struct session_end {
    char session_id[QL_UUID_SIZE]; /* "": there was none */
    char user_id[QL_UUID_SIZE];
    bool has_live_tokens; /* an access token of it may not have expired yet */
};

/* Ends the session that a token belongs to, if there is one. */
enum ql_code session_store_end(struct ql_call *call, struct ql_pg_tx *tx, const char *token,
                               struct session_end *ret_end) QL_MUST_CHECK;

/* Ends all of a user's sessions but the one of the id kept, if that is not NULL.
 * The caller holds the lock of the user's row. */
enum ql_code session_store_end_all(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   const char *kept) QL_MUST_CHECK;

/* Deletes sessions whose time is over, at most 1000, in a transaction of its
 * own: a ql_relay_chore. */
enum ql_code session_store_purge(struct ql_call *call, struct ql_pg_pool *pool,
                                 bool *ret_has_more) QL_MUST_CHECK;

#endif
