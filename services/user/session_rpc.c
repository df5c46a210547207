/* SessionService: signing in. */
#include <string.h>

#include "services/user/session_store.h"
#include "questline/user/v1/server.h"
#include "services/user/throttle_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_events.h"
#include "services/user/user_password.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

static enum ql_code refuse_sign_in(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "BAD_CREDENTIALS", "user name or password is wrong");
}

static enum ql_code refuse_ended(struct ql_call *call)
{
    return ql_fail(call, QL_UNAUTHENTICATED, "SESSION_ENDED",
                   "the session of this Idempotency-Key has ended: sign in with another key");
}

/* The account of that name, if there is one; refused when too many sign-ins of
 * the name, known or not, or from the address have failed. */
static enum ql_code find_account(struct ql_call *call, struct user_service *app,
                                 const char *user_name, struct throttle *throttle,
                                 struct user *ret_user, bool *ret_is_known)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    *ret_is_known = false;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = throttle_store_check(call, tx, &app->settings.throttle, user_name, throttle);
    if (rc != QL_OK || !user_name_is_valid(user_name))
        return rc;
    rc = user_store_get_by_name(call, tx, user_name, ret_user);
    if (rc == QL_NOT_FOUND) {
        ql_call_clear_status(call);
        return QL_OK;
    }
    *ret_is_known = rc == QL_OK;
    return rc;
}

static enum ql_code count_and_refuse(struct ql_call *call, struct user_service *app,
                                     const struct throttle *throttle)
{
    enum ql_code rc;

    rc = throttle_store_add(call, app->parts.pg, &app->settings.throttle, throttle, NULL);
    if (rc != QL_OK)
        return rc;
    return refuse_sign_in(call);
}

/* Whose name and password these are. Holds no connection while it hashes, and
 * takes as long for a name that does not exist: neither the answer nor its time
 * distinguishes names. What no user can have is never hashed, however long it is. */
static enum ql_code authenticate_user(struct ql_call *call, struct user_service *app,
                                      const CreateSessionRequest *in, struct throttle *throttle,
                                      struct user *ret_user)
{
    bool is_possible = user_password_is_possible(in->password);
    bool is_known = false;
    enum ql_code rc;

    throttle_begin(throttle, in->user_name, call->client_address);
    rc = find_account(call, app, in->user_name, throttle, ret_user, &is_known);
    if (rc != QL_OK)
        return rc;
    if (!is_known || !is_possible) {
        user_password_decoy(is_possible ? in->password : "decoy");
        return count_and_refuse(call, app, throttle);
    }
    if (!user_password_matches(ret_user->hashed_password, in->password))
        return count_and_refuse(call, app, throttle);
    return QL_OK;
}

/* Locks the account and looks again: it may have changed while we hashed. */
static enum ql_code admit_sign_in(struct ql_call *call, struct ql_pg_tx *tx, struct user *user)
{
    const char *checked_hash = user->hashed_password;
    enum ql_code rc;

    rc = user_store_lock(call, tx, user->user_id, user);
    if (rc == QL_NOT_FOUND)
        return refuse_sign_in(call);
    if (rc != QL_OK)
        return rc;
    if (user->status == USER_IS_DELETED)
        return refuse_sign_in(call);
    if (strcmp(user->hashed_password, checked_hash) != 0)
        return refuse_sign_in(call);
    if (user->status == USER_IS_BANNED)
        return ql_fail(call, QL_PERMISSION_DENIED, "USER_BANNED", "user %s is banned",
                       user->user_name);
    if (user->status == USER_IS_NEW)
        return user_store_set_status(call, tx, user->user_id, USER_IS_ACTIVE);
    return QL_OK;
}

static enum ql_code fill_answer(struct ql_call *call, const struct user *user,
                                const char *access_token, const char *refresh_token,
                                const char *event_id, CreateSessionResponse *out)
{
    out->access_token = ql_arena_strdup(call->arena, access_token);
    out->refresh_token = ql_arena_strdup(call->arena, refresh_token);
    out->expires_in = QL_ACCOUNT_TOKEN_LIFE_S;
    out->user = user_to_pb(call, user);
    out->event_id = (char *)event_id;
    if (out->access_token == NULL || out->refresh_token == NULL || out->user == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

/* Whether the answer of the first time may be given again. Who repeats the call may not
 * have read it: its refresh token must be one to go on with. One that was replaced would
 * end the session, and the newest one is with whoever refreshed. */
static enum ql_code check_session(struct ql_call *call, const struct session *session,
                                  const char *first_token)
{
    switch (session_evaluate(session, first_token)) {
    case SESSION_TURNS:
        return QL_OK;
    case SESSION_IS_OVER:
        return refuse_ended(call);
    case SESSION_RESTS:
    case SESSION_REPEATS:
    case SESSION_IS_REUSED:
        break;
    }
    return ql_fail(call, QL_ALREADY_EXISTS, "SESSION_REFRESHED",
                   "the session of this Idempotency-Key was refreshed: go on with the tokens of "
                   "the refresh, or sign in with another key");
}

/* The answer of the first time, with an access token of its session that lives. It is
 * stored that one was issued, so that the end of the session revokes it. */
static enum ql_code renew_answer(struct ql_call *call, struct ql_pg_tx **tx,
                                 const struct user *user, CreateSessionResponse *out)
{
    struct user_service *app = call->app;
    struct session session;
    struct ql_identity identity;
    char token[QL_TOKEN_MAX];
    enum ql_code rc;

    rc = session_store_lock(call, *tx, &app->settings.sessions, out->refresh_token, &session);
    if (rc != QL_OK)
        return rc == QL_NOT_FOUND ? refuse_ended(call) : rc;
    rc = check_session(call, &session, out->refresh_token);
    if (rc != QL_OK)
        return rc;
    rc = session_store_renew(call, *tx, &session);
    if (rc != QL_OK)
        return rc;
    token_identity_of_user(user, session.session_id, &identity);
    rc = ql_sign_account_token(call, app->parts.signer, &identity, NULL, token);
    if (rc != QL_OK)
        return rc;
    out->access_token = ql_arena_strdup(call->arena, token);
    return out->access_token == NULL ? ql_fail_memory(call) : ql_pg_commit(call, tx);
}

/* Stores the session of a user who was admitted, announces the sign-in and fills the
 * answer. */
static enum ql_code sign_in(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct throttle *throttle, struct user *user,
                            CreateSessionResponse *out)
{
    struct user_service *app = call->app;
    char access_token[QL_TOKEN_MAX], refresh_token[QL_REFRESH_TOKEN_SIZE];
    struct ql_identity identity;
    struct session session;
    const char *event_id;
    enum ql_code rc;

    session_begin(&session, user->user_id, refresh_token);
    if (throttle->has_address)
        session.client_key = throttle->keys[THROTTLE_PAIR];
    rc = quota_take(call, tx, &app->settings.quotas, QUOTA_SIGN_INS, user->user_id);
    if (rc != QL_OK)
        return rc;
    rc = session_store_insert(call, tx, &app->settings.sessions, &session);
    if (rc != QL_OK)
        return rc;
    rc = throttle_store_forget(call, tx, throttle);
    if (rc != QL_OK)
        return rc;
    rc = user_publish_signed_in(call, tx, user, session.session_id, &event_id);
    if (rc != QL_OK)
        return rc;
    /* Before the commit: a sign-in that cannot be answered is not announced. */
    token_identity_of_user(user, session.session_id, &identity);
    rc = ql_sign_account_token(call, app->parts.signer, &identity, NULL, access_token);
    if (rc != QL_OK)
        return rc;
    user->status = USER_IS_ACTIVE;
    return fill_answer(call, user, access_token, refresh_token, event_id, out);
}

/* CreateSession: stores a session and announces the sign-in. Who repeats it with an
 * Idempotency-Key proves the password again, and is answered while the session of the
 * first time lives and has its first refresh token. */
static enum ql_code session_rpc_create(struct ql_call *call, const CreateSessionRequest *in,
                                       CreateSessionResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_idempotency_seal seal;
    struct throttle throttle;
    struct user user = {.hashed_password = ""};
    bool is_repeated;
    enum ql_code rc;

    rc = authenticate_user(call, app, in, &throttle, &user); /* validate */
    if (rc != QL_OK)
        return rc;
    rc = user_service_seal(call, "user", user.user_id, &seal);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin_sealed(call, tx, &seal, in, out, &is_repeated);
    if (rc != QL_OK)
        return rc;
    rc = admit_sign_in(call, tx, &user);
    if (rc != QL_OK)
        return rc;
    if (is_repeated)
        return renew_answer(call, &tx, &user, out);
    rc = sign_in(call, tx, &throttle, &user, out); /* store, announce, reply */
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_finish_sealed(call, tx, &seal, out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

QL_RPC_SERVE_ON(SessionService_CreateSession, QL_RPC_POOL_HEAVY, session_rpc_create)
