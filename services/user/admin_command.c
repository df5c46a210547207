/* questline-user --make-admin NAME: the first administrator of a system, whom no
 * administrator can make. Whoever runs it has the database's password already. */
#include "services/user/admin_command.h"

#include "services/user/user_service.h"
#include "services/user/user_store.h"

enum ql_code admin_command_run(struct ql_call *call, void *app)
{
    struct user_service *service = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user user;
    enum ql_code rc;

    rc = ql_pg_begin(call, service->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get_by_name(call, tx, service->admin_name, &user);
    if (rc != QL_OK)
        return rc;
    rc = user_store_lock(call, tx, user.user_id, &user);
    if (rc != QL_OK)
        return rc;
    if (user.status == USER_IS_BANNED || user.status == USER_IS_DELETED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_NOT_ALLOWED", "%s is %s",
                       service->admin_name, user_status_name(user.status));
    rc = user_store_set_role(call, tx, user.user_id, QL_ROLE_ADMIN);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}
