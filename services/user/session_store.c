/* Sessions in PostgreSQL: bind, run, map. */
#include "services/user/session_store.h"

#include <stdio.h>
#include <string.h>

#include "platform/auth/token.h"

#include "session_sql.h"

/* The columns that session.sql selects, in its order. */
enum {
    SESSION_ID,
    USER_ID,
    FAMILY_HASH,
    REFRESH_HASH,
    PREVIOUS_HASH,
    TURN_SALT,
    IS_OVER,
    IS_IN_GRACE
};

enum ql_code session_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct session_rules *rules, const struct session *session)
{
    const char *const pruned[] = {
        session->user_id,
        ql_pg_from_int64(call, SESSIONS_PER_USER_MAX - 1),
    };
    const char *const inserted[] = {
        session->session_id,
        session->user_id,
        ql_pg_from_bytes(call, session->family_hash, sizeof(session->family_hash)),
        ql_pg_from_bytes(call, session->refresh_hash, sizeof(session->refresh_hash)),
        ql_pg_from_int64(call, rules->idle_ms),
        ql_pg_from_int64(call, rules->life_ms),
        session->client_key,
    };
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_session_prune, pruned, QL_ARRAY_LENGTH(pruned), NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_session_insert, inserted, QL_ARRAY_LENGTH(inserted), NULL);
}

/* A column of 32 bytes; zeros for NULL. */
static enum ql_code read_hash(struct ql_call *call, const struct ql_pg_rows *rows, size_t column,
                              unsigned char ret_hash[QL_REFRESH_HASH_BYTES])
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    memset(ret_hash, 0, QL_REFRESH_HASH_BYTES);
    if (ql_pg_is_null(rows, 0, column))
        return QL_OK;
    rc = ql_pg_bytes(call, rows, 0, column, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (length == QL_REFRESH_HASH_BYTES)
        memcpy(ret_hash, bytes, length);
    return QL_OK;
}

static enum ql_code session_from_row(struct ql_call *call, const struct ql_pg_rows *rows,
                                     struct session *ret_session)
{
    enum ql_code rc;

    memset(ret_session, 0, sizeof(*ret_session));
    snprintf(ret_session->session_id, sizeof(ret_session->session_id), "%s",
             ql_pg_text(rows, 0, SESSION_ID));
    snprintf(ret_session->user_id, sizeof(ret_session->user_id), "%s",
             ql_pg_text(rows, 0, USER_ID));
    ret_session->is_over = ql_pg_bool(rows, 0, IS_OVER);
    ret_session->has_turned = !ql_pg_is_null(rows, 0, PREVIOUS_HASH);
    ret_session->is_in_grace = ql_pg_bool(rows, 0, IS_IN_GRACE);
    rc = read_hash(call, rows, FAMILY_HASH, ret_session->family_hash);
    if (rc != QL_OK)
        return rc;
    rc = read_hash(call, rows, REFRESH_HASH, ret_session->refresh_hash);
    if (rc != QL_OK)
        return rc;
    rc = read_hash(call, rows, PREVIOUS_HASH, ret_session->previous_hash);
    if (rc != QL_OK)
        return rc;
    return read_hash(call, rows, TURN_SALT, ret_session->turn_salt);
}

static const char *family_of(struct ql_call *call, const char *token)
{
    unsigned char hash[QL_REFRESH_HASH_BYTES];

    ql_refresh_family_hash(token, hash);
    return ql_pg_from_bytes(call, hash, sizeof(hash));
}

static enum ql_code find_session(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct ql_pg_statement *statement,
                                 const struct session_rules *rules, const char *token,
                                 struct session *ret_session)
{
    const char *const parameters[] = {
        family_of(call, token),
        ql_pg_from_int64(call, session_grace_ms(rules)),
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "SESSION_ENDED", "there is no such session");
    return session_from_row(call, &rows, ret_session);
}

enum ql_code session_store_get(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct session_rules *rules, const char *token,
                               struct session *ret_session)
{
    return find_session(call, tx, &sql_session_get, rules, token, ret_session);
}

enum ql_code session_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct session_rules *rules, const char *token,
                                struct session *ret_session)
{
    return find_session(call, tx, &sql_session_lock, rules, token, ret_session);
}

enum ql_code session_store_turn(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct session_rules *rules, const struct session *session,
                                const char *next_token)
{
    unsigned char hash[QL_REFRESH_HASH_BYTES];
    const char *parameters[5] = {session->session_id};

    ql_refresh_token_hash(next_token, hash);
    parameters[1] = ql_pg_from_bytes(call, hash, sizeof(hash));
    parameters[2] = ql_pg_from_bytes(call, session->turn_salt, sizeof(session->turn_salt));
    parameters[3] = ql_pg_from_int64(call, rules->idle_ms);
    parameters[4] = ql_pg_from_int64(call, rules->life_ms);
    return ql_pg_run(call, tx, &sql_session_turn, parameters, QL_ARRAY_LENGTH(parameters), NULL);
}

enum ql_code session_store_renew(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct session *session)
{
    const char *const parameters[] = {session->session_id};

    return ql_pg_run(call, tx, &sql_session_renew, parameters, 1, NULL);
}

enum ql_code session_store_end(struct ql_call *call, struct ql_pg_tx *tx, const char *token,
                               struct session_end *ret_end)
{
    /* A refresh that is repeated within its grace issues a token and leaves no trace. */
    const int64_t issued_within_ms = QL_ACCOUNT_TOKEN_LIFE_S * 1000LL + SESSION_GRACE_MAX_MS;
    const char *const parameters[] = {family_of(call, token),
                                      ql_pg_from_int64(call, issued_within_ms)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_end = (struct session_end){.session_id = ""};
    rc = ql_pg_run(call, tx, &sql_session_end, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    snprintf(ret_end->session_id, sizeof(ret_end->session_id), "%s", ql_pg_text(&rows, 0, 0));
    snprintf(ret_end->user_id, sizeof(ret_end->user_id), "%s", ql_pg_text(&rows, 0, 1));
    ret_end->has_live_tokens = ql_pg_bool(&rows, 0, 2);
    return QL_OK;
}

enum ql_code session_store_end_all(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   const char *kept)
{
    const char *const parameters[] = {user_id, kept};

    return ql_pg_run(call, tx, &sql_session_end_all, parameters, 2, NULL);
}

enum ql_code session_store_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_session_purge, ret_has_more);
}
