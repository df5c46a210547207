/* SessionService: going on with a session, and ending it. Possession of a refresh
 * token authorizes both. */
#include <stdio.h>

#include "questline/user/v1/server.h"
#include "services/user/session_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

static enum ql_code refuse_ended(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "SESSION_ENDED",
                   "the session has ended: sign in again");
}

/* Ends the token's session, and what access tokens of it are still good. */
static enum ql_code end_session(struct ql_call *call, struct ql_pg_tx *tx, const char *token)
{
    struct session_end end;
    enum ql_code rc = session_store_end(call, tx, token, &end);

    if (rc != QL_OK || !end.has_live_tokens)
        return rc;
    return token_revoke_session(call, tx, end.user_id, end.session_id);
}

/* Two hold tokens of one session and nobody can tell which of them is its user:
 * neither goes on. */
static enum ql_code end_reused(struct ql_call *call, struct ql_pg_tx **tx, const char *token)
{
    enum ql_code rc;

    rc = end_session(call, *tx, token);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, tx);
    if (rc != QL_OK)
        return rc;
    return ql_fail(call, QL_UNAUTHENTICATED, "REFRESH_TOKEN_REUSED",
                   "the token was used before: the session has ended, sign in again");
}

/* The user as of now: a session that outlived a ban opens nothing. */
static enum ql_code find_user(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              struct user *ret_user)
{
    enum ql_code rc;

    rc = user_store_get(call, tx, user_id, ret_user);
    if (rc != QL_OK)
        return rc;
    if (ret_user->status == USER_IS_DELETED)
        return refuse_ended(call);
    if (ret_user->status == USER_IS_BANNED)
        return ql_fail(call, QL_PERMISSION_DENIED, "USER_BANNED", "user %s is banned",
                       ret_user->user_name);
    return QL_OK;
}

/* The token to go on with: a new one, or the one that was made a moment ago. */
static enum ql_code turn_token(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct session_rules *rules, struct session *session,
                               const char *token, char ret_next[QL_REFRESH_TOKEN_SIZE])
{
    enum session_verdict verdict = session_evaluate(session, token);

    if (verdict == SESSION_REPEATS)
        ql_refresh_token_next(token, session->turn_salt, ret_next);
    if (verdict == SESSION_RESTS)
        snprintf(ret_next, QL_REFRESH_TOKEN_SIZE, "%s", token);
    if (verdict != SESSION_TURNS)
        return QL_OK;
    ql_refresh_salt_new(session->turn_salt);
    ql_refresh_token_next(token, session->turn_salt, ret_next);
    return session_store_turn(call, tx, rules, session, ret_next);
}

static enum ql_code fill_answer(struct ql_call *call, const char *access_token,
                                const char *refresh_token, RefreshSessionResponse *out)
{
    out->access_token = ql_arena_strdup(call->arena, access_token);
    out->refresh_token = ql_arena_strdup(call->arena, refresh_token);
    out->expires_in = QL_ACCOUNT_TOKEN_LIFE_S;
    if (out->access_token == NULL || out->refresh_token == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

/* RefreshSession: turns the session's refresh token into the next one, at most once
 * in a grace. */
static enum ql_code session_rpc_refresh(struct ql_call *call, const RefreshSessionRequest *in,
                                        RefreshSessionResponse *out)
{
    struct user_service *app = call->app;
    const struct session_rules *rules = &app->settings.sessions;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char access_token[QL_TOKEN_MAX], next[QL_REFRESH_TOKEN_SIZE];
    struct ql_identity identity;
    struct session session;
    struct user user;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = session_store_lock(call, tx, rules, in->refresh_token, &session); /* validate */
    if (rc != QL_OK)
        return rc == QL_NOT_FOUND ? refuse_ended(call) : rc;
    switch (session_evaluate(&session, in->refresh_token)) {
    case SESSION_IS_OVER:
        return refuse_ended(call);
    case SESSION_IS_REUSED:
        return end_reused(call, &tx, in->refresh_token);
    case SESSION_TURNS:
    case SESSION_RESTS:
    case SESSION_REPEATS:
        break;
    }
    rc = find_user(call, tx, session.user_id, &user);
    if (rc != QL_OK)
        return rc;
    rc = turn_token(call, tx, rules, &session, in->refresh_token, next); /* store */
    if (rc != QL_OK)
        return rc;
    /* Before the commit: a token that cannot be answered replaces none. */
    token_identity_of_user(&user, session.session_id, &identity);
    rc = ql_sign_account_token(call, app->parts.signer, &identity, NULL, access_token);
    if (rc != QL_OK)
        return rc;
    rc = fill_answer(call, access_token, next, out);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

/* Ends all sessions of the token's user. A token that was replaced long ago may
 * be in anybody's hands and ends its own session alone. */
static enum ql_code end_everywhere(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct session_rules *rules, const char *token)
{
    struct session session;
    struct user user;
    enum ql_code rc;

    rc = session_store_get(call, tx, rules, token, &session);
    if (rc == QL_NOT_FOUND) {
        ql_call_clear_status(call);
        return QL_OK;
    }
    if (rc != QL_OK)
        return rc;
    if (!session_goes_on(session_evaluate(&session, token)))
        return end_session(call, tx, token);
    rc = user_store_lock(call, tx, session.user_id, &user);
    if (rc != QL_OK)
        return rc;
    rc = session_store_end_all(call, tx, session.user_id, NULL);
    if (rc != QL_OK)
        return rc;
    return token_revoke_user(call, tx, session.user_id);
}

/* SignOut: ends the token's session, or all of its user's. */
static enum ql_code session_rpc_sign_out(struct ql_call *call, const SignOutRequest *in,
                                         SignOutResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    (void)out;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    if (in->everywhere)
        rc = end_everywhere(call, tx, &app->settings.sessions, in->refresh_token);
    else
        rc = end_session(call, tx, in->refresh_token);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

QL_RPC_SERVE(SessionService_RefreshSession, session_rpc_refresh)
QL_RPC_SERVE(SessionService_SignOut, session_rpc_sign_out)
