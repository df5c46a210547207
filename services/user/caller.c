/* Telling the owner of an account from an administrator. */
#include "services/user/caller.h"

#include <strings.h>

#include "services/user/user_store.h"

bool caller_is(const struct ql_call *call, const char *user_id)
{
    return strcasecmp(call->identity.subject, user_id) == 0;
}

bool caller_acts_for_another(const struct ql_call *call, const char *user_id)
{
    return call->identity.role == QL_ROLE_ADMIN && !caller_is(call, user_id);
}

enum ql_code caller_check_admin(struct ql_call *call, struct ql_pg_tx *tx)
{
    struct user caller;
    enum ql_code rc;

    if (call->identity.role != QL_ROLE_ADMIN)
        return QL_OK;
    rc = user_store_get(call, tx, call->identity.subject, &caller);
    if (rc != QL_OK && rc != QL_NOT_FOUND)
        return rc;
    if (rc == QL_OK && caller.role == QL_ROLE_ADMIN &&
        (caller.status == USER_IS_NEW || caller.status == USER_IS_ACTIVE))
        return QL_OK;
    return ql_fail(call, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED",
                   "the caller is no administrator any more");
}
