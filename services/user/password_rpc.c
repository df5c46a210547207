/* UserService: changing a password. That the account is the caller's, or the
 * caller an administrator, is checked before we are called. */
#include <strings.h>

#include "platform/audit/audit.h"
#include "questline/user/v1/server.h"
#include "services/user/caller.h"
#include "services/user/password_check.h"
#include "services/user/quota.h"
#include "services/user/session_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_password.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

static enum ql_code validate_request(struct ql_call *call, const ChangePasswordRequest *in,
                                     bool is_by_another)
{
    enum ql_code rc = user_password_check(call, "newPassword", in->new_password);

    if (!is_by_another && in->current_password[0] == '\0')
        rc = ql_violate(call, "currentPassword", "must not be empty");
    return rc;
}

/* The session that stays open: the one whose newest token the caller shows. */
static enum ql_code find_kept(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct session_rules *rules, const char *user_id,
                              const char *token, struct session *session, const char **ret_kept)
{
    enum ql_code rc;

    *ret_kept = NULL;
    rc = session_store_get(call, tx, rules, token, session);
    if (rc == QL_NOT_FOUND) {
        ql_call_clear_status(call);
        return QL_OK;
    }
    if (rc != QL_OK)
        return rc;
    if (session_goes_on(session_evaluate(session, token)) &&
        strcasecmp(session->user_id, user_id) == 0)
        *ret_kept = session->session_id;
    return QL_OK;
}

/* Whether the locked account is one whose password the caller may change. */
static enum ql_code check_right(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct user *checked, const struct user *locked)
{
    if (checked != NULL)
        return password_check_still_holds(call, checked, locked);
    if (locked->status == USER_IS_DELETED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "user %s is deleted",
                       locked->user_id);
    return caller_check_admin(call, tx);
}

/* Stores the hash, under the lock of the account, which may have changed while we
 * hashed. checked is the account as its owner proved it; NULL for who acts for
 * another. The revocation of the tokens is an event in a table that only grows, so
 * what users change of their own accounts is counted. */
static enum ql_code change_password(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct user_settings *settings,
                                    const ChangePasswordRequest *in, const struct user *checked,
                                    const char *hash)
{
    struct session session;
    const char *kept;
    struct user user;
    enum ql_code rc;

    rc = user_store_lock(call, tx, in->user_id, &user);
    if (rc != QL_OK)
        return rc;
    rc = check_right(call, tx, checked, &user);
    if (rc != QL_OK)
        return rc;
    if (caller_is(call, user.user_id))
        rc = quota_take(call, tx, &settings->quotas, QUOTA_CHANGES, user.user_id);
    if (rc != QL_OK)
        return rc;
    rc = user_store_set_password(call, tx, user.user_id, hash);
    if (rc != QL_OK)
        return rc;
    rc = find_kept(call, tx, &settings->sessions, user.user_id, in->refresh_token, &session, &kept);
    if (rc != QL_OK)
        return rc;
    rc = session_store_end_all(call, tx, user.user_id, kept);
    if (rc != QL_OK)
        return rc;
    rc = token_revoke_user(call, tx, user.user_id);
    if (rc != QL_OK)
        return rc;
    if (!caller_is(call, user.user_id))
        rc = ql_audit_record(call, tx, "user", user.user_id, NULL);
    return rc;
}

/* The account is there; whoever acts for another has nothing to prove but that. */
static enum ql_code find_account(struct ql_call *call, struct user_service *app,
                                 const char *user_id)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user user;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    return user_store_get(call, tx, user_id, &user);
}

/* The owner proves the current password, and wants another. */
static enum ql_code check_owner(struct ql_call *call, struct user_service *app,
                                const ChangePasswordRequest *in, struct user *ret_checked)
{
    enum ql_code rc = password_check(call, app, in->user_id, in->current_password, ret_checked);

    if (rc != QL_OK || !user_password_is_same(in->new_password, in->current_password))
        return rc;
    return ql_violate(call, "newPassword", "must be another than the current one");
}

/* ChangePassword: hashes before it locks, as a sign-in does. */
static enum ql_code password_rpc_change(struct ql_call *call, const ChangePasswordRequest *in,
                                        ChangePasswordResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_by_another = caller_acts_for_another(call, in->user_id);
    char hash[QL_PASSWORD_HASH_SIZE];
    struct user checked;
    enum ql_code rc;

    (void)out;
    rc = validate_request(call, in, is_by_another); /* validate */
    if (rc != QL_OK)
        return rc;
    rc =
        is_by_another ? find_account(call, app, in->user_id) : check_owner(call, app, in, &checked);
    if (rc != QL_OK)
        return rc;
    rc = user_password_hash(call, in->new_password, hash);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* store */
    rc = change_password(call, tx, &app->settings, in, is_by_another ? NULL : &checked, hash);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

QL_RPC_SERVE_ON(UserService_ChangePassword, QL_RPC_POOL_HEAVY, password_rpc_change)
