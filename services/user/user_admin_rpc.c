/* UserAdminService: what administrators do with accounts. What is so already
 * stays as it is and is not recorded again. */
#include "platform/audit/audit.h"
#include "questline/user/v1/server.h"
#include "services/user/caller.h"
#include "services/user/session_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_events.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* An action in its transaction. */
struct action {
    const char *user_id;
    enum ql_role role; /* SetUserRole's */
    struct user user;  /* as the action leaves it */
};

typedef enum ql_code action_work(struct ql_call *call, struct ql_pg_tx *tx, struct action *action);

static enum ql_code lock_account(struct ql_call *call, struct ql_pg_tx *tx, struct action *action)
{
    enum ql_code rc;

    rc = user_store_lock(call, tx, action->user_id, &action->user);
    if (rc != QL_OK)
        return rc;
    if (action->user.status == USER_IS_DELETED)
        rc = ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "user %s is deleted",
                     action->user_id);
    if (rc != QL_OK)
        return rc;
    return caller_check_admin(call, tx);
}

/* The same for a action by which there may be one administrator less. */
static enum ql_code lock_account_of_many(struct ql_call *call, struct ql_pg_tx *tx,
                                         struct action *action)
{
    bool has_other;
    enum ql_code rc;

    rc = user_store_lock_other_admins(call, tx, action->user_id, &has_other);
    if (rc != QL_OK)
        return rc;
    rc = lock_account(call, tx, action);
    if (rc != QL_OK || has_other)
        return rc;
    if (action->user.role == QL_ROLE_ADMIN && action->user.status != USER_IS_BANNED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "LAST_ADMIN",
                       "the only administrator must stay one");
    return QL_OK;
}

static enum ql_code ban_user(struct ql_call *call, struct ql_pg_tx *tx, struct action *action)
{
    enum ql_code rc;

    rc = lock_account_of_many(call, tx, action);
    if (rc != QL_OK || action->user.status == USER_IS_BANNED)
        return rc;
    rc = user_store_ban(call, tx, action->user_id);
    if (rc != QL_OK)
        return rc;
    rc = session_store_end_all(call, tx, action->user_id, NULL);
    if (rc != QL_OK)
        return rc;
    rc = token_revoke_user(call, tx, action->user.user_id);
    if (rc != QL_OK)
        return rc;
    rc = user_publish_banned(call, tx, &action->user);
    if (rc != QL_OK)
        return rc;
    action->user.status = USER_IS_BANNED;
    return ql_audit_record(call, tx, "user", action->user.user_id, NULL);
}

static enum ql_code unban_user(struct ql_call *call, struct ql_pg_tx *tx, struct action *action)
{
    enum ql_code rc;

    rc = lock_account(call, tx, action);
    if (rc != QL_OK || action->user.status != USER_IS_BANNED)
        return rc;
    rc = user_store_unban(call, tx, action->user_id, &action->user.status);
    if (rc != QL_OK)
        return rc;
    rc = user_publish_unbanned(call, tx, &action->user);
    if (rc != QL_OK)
        return rc;
    return ql_audit_record(call, tx, "user", action->user.user_id, NULL);
}

static enum ql_code set_role(struct ql_call *call, struct ql_pg_tx *tx, struct action *action)
{
    const struct ql_audit_fact facts[] = {
        {"role", action->role == QL_ROLE_ADMIN ? "ADMIN" : "USER"}, {0}};
    enum ql_code rc;

    if (action->role == QL_ROLE_ADMIN)
        rc = lock_account(call, tx, action);
    else
        rc = lock_account_of_many(call, tx, action);
    if (rc != QL_OK || action->user.role == action->role)
        return rc;
    rc = user_store_set_role(call, tx, action->user_id, action->role);
    if (rc != QL_OK)
        return rc;
    if (action->role == QL_ROLE_USER)
        rc = token_revoke_user(call, tx, action->user.user_id);
    if (rc != QL_OK)
        return rc;
    action->user.role = action->role;
    return ql_audit_record(call, tx, "user", action->user.user_id, facts);
}

/* Runs the action in a transaction and returns the user. NOT_FOUND for a text that is no id. */
static enum ql_code run_action(struct ql_call *call, action_work *work, struct action *action,
                               User **ret_user)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    if (!ql_uuid_is_valid(action->user_id))
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist",
                       action->user_id);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = work(call, tx, action);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    *ret_user = user_to_pb(call, &action->user);
    return *ret_user == NULL ? ql_fail_memory(call) : QL_OK;
}

/* BanUser: ends all sessions and lets nobody in. */
static enum ql_code user_admin_rpc_ban(struct ql_call *call, const BanUserRequest *in,
                                       BanUserResponse *out)
{
    struct action action = {.user_id = in->user_id};

    return run_action(call, ban_user, &action, &out->user);
}

/* UnbanUser: makes the user what they were. */
static enum ql_code user_admin_rpc_unban(struct ql_call *call, const UnbanUserRequest *in,
                                         UnbanUserResponse *out)
{
    struct action action = {.user_id = in->user_id};

    return run_action(call, unban_user, &action, &out->user);
}

/* SetUserRole: grants or removes the administrator role. */
static enum ql_code user_admin_rpc_set_role(struct ql_call *call, const SetUserRoleRequest *in,
                                            SetUserRoleResponse *out)
{
    struct action action = {.user_id = in->user_id};

    action.role = in->role == USER_ROLE_ADMIN ? QL_ROLE_ADMIN : QL_ROLE_USER;
    return run_action(call, set_role, &action, &out->user);
}

QL_RPC_SERVE(UserAdminService_BanUser, user_admin_rpc_ban)
QL_RPC_SERVE(UserAdminService_UnbanUser, user_admin_rpc_unban)
QL_RPC_SERVE(UserAdminService_SetUserRole, user_admin_rpc_set_role)
