/* UserAdminService: what administrators do with accounts. What is so already
 * stays as it is and is not recorded again. */
#include "platform/audit/audit.h"
#include "questline/user/v1/server.h"
#include "services/user/caller.h"
#include "services/user/session_store.h"
#include "services/user/token_revocation.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* A deed in its transaction. */
struct deed {
    const char *user_id;
    enum ql_role role; /* SetUserRole's */
    struct user user;  /* as the deed leaves it */
};

typedef enum ql_code deed_work(struct ql_call *call, struct ql_pg_tx *tx, struct deed *deed);

static enum ql_code lock_account(struct ql_call *call, struct ql_pg_tx *tx, struct deed *deed)
{
    enum ql_code rc;

    rc = user_store_lock(call, tx, deed->user_id, &deed->user);
    if (rc == QL_OK && deed->user.status == USER_IS_DELETED)
        rc = ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "user %s is deleted",
                     deed->user_id);
    return rc == QL_OK ? caller_check_admin(call, tx) : rc;
}

/* The same for a deed by which there may be one administrator less. */
static enum ql_code lock_account_of_many(struct ql_call *call, struct ql_pg_tx *tx,
                                         struct deed *deed)
{
    bool has_other;
    enum ql_code rc;

    rc = user_store_lock_other_admins(call, tx, deed->user_id, &has_other);
    if (rc == QL_OK)
        rc = lock_account(call, tx, deed);
    if (rc != QL_OK || has_other)
        return rc;
    if (deed->user.role == QL_ROLE_ADMIN && deed->user.status != USER_IS_BANNED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "LAST_ADMIN",
                       "the only administrator must stay one");
    return QL_OK;
}

static enum ql_code ban(struct ql_call *call, struct ql_pg_tx *tx, struct deed *deed)
{
    enum ql_code rc;

    rc = lock_account_of_many(call, tx, deed);
    if (rc != QL_OK || deed->user.status == USER_IS_BANNED)
        return rc;
    rc = user_store_ban(call, tx, deed->user_id);
    if (rc == QL_OK)
        rc = session_store_end_all(call, tx, deed->user_id, NULL);
    if (rc == QL_OK)
        rc = token_revoke_user(call, tx, deed->user.user_id);
    if (rc == QL_OK)
        rc = ql_audit_record(call, tx, "user", deed->user.user_id, NULL);
    deed->user.status = USER_IS_BANNED;
    return rc;
}

static enum ql_code unban(struct ql_call *call, struct ql_pg_tx *tx, struct deed *deed)
{
    enum ql_code rc;

    rc = lock_account(call, tx, deed);
    if (rc != QL_OK || deed->user.status != USER_IS_BANNED)
        return rc;
    rc = user_store_unban(call, tx, deed->user_id, &deed->user.status);
    if (rc == QL_OK)
        rc = ql_audit_record(call, tx, "user", deed->user.user_id, NULL);
    return rc;
}

static enum ql_code set_role(struct ql_call *call, struct ql_pg_tx *tx, struct deed *deed)
{
    const struct ql_audit_fact facts[] = {{"role", deed->role == QL_ROLE_ADMIN ? "ADMIN" : "USER"},
                                          {0}};
    enum ql_code rc;

    if (deed->role == QL_ROLE_ADMIN)
        rc = lock_account(call, tx, deed);
    else
        rc = lock_account_of_many(call, tx, deed);
    if (rc != QL_OK || deed->user.role == deed->role)
        return rc;
    rc = user_store_set_role(call, tx, deed->user_id, deed->role);
    if (rc == QL_OK && deed->role == QL_ROLE_USER)
        rc = token_revoke_user(call, tx, deed->user.user_id);
    if (rc == QL_OK)
        rc = ql_audit_record(call, tx, "user", deed->user.user_id, facts);
    deed->user.role = deed->role;
    return rc;
}

/* Does the deed and tells of the user, who is named by any text. */
static enum ql_code act(struct ql_call *call, deed_work *work, struct deed *deed, User **ret_user)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    if (!ql_uuid_is_valid(deed->user_id))
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist",
                       deed->user_id);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = work(call, tx, deed);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(app->parts.relay);
    *ret_user = user_to_pb(call, &deed->user);
    return *ret_user == NULL ? ql_fail_memory(call) : QL_OK;
}

/* BanUser: ends all sessions and lets nobody in. */
static enum ql_code user_admin_rpc_ban(struct ql_call *call, const BanUserRequest *in,
                                       BanUserResponse *out)
{
    struct deed deed = {.user_id = in->user_id};

    return act(call, ban, &deed, &out->user);
}

/* UnbanUser: makes the user what they were. */
static enum ql_code user_admin_rpc_unban(struct ql_call *call, const UnbanUserRequest *in,
                                         UnbanUserResponse *out)
{
    struct deed deed = {.user_id = in->user_id};

    return act(call, unban, &deed, &out->user);
}

/* SetUserRole: makes an administrator, or one less. */
static enum ql_code user_admin_rpc_set_role(struct ql_call *call, const SetUserRoleRequest *in,
                                            SetUserRoleResponse *out)
{
    struct deed deed = {.user_id = in->user_id};

    if (in->role != USER_ROLE_USER && in->role != USER_ROLE_ADMIN)
        return ql_violate(call, "role", "must be USER or ADMIN");
    deed.role = in->role == USER_ROLE_ADMIN ? QL_ROLE_ADMIN : QL_ROLE_USER;
    return act(call, set_role, &deed, &out->user);
}

QL_RPC_SERVE(UserAdminService_BanUser, user_admin_rpc_ban)
QL_RPC_SERVE(UserAdminService_UnbanUser, user_admin_rpc_unban)
QL_RPC_SERVE(UserAdminService_SetUserRole, user_admin_rpc_set_role)
