/* Proof by password: counted against guessing as a sign-in is. */
#include "services/user/password_check.h"

#include <string.h>

#include "services/user/throttle_store.h"
#include "services/user/user_password.h"
#include "services/user/user_store.h"

static enum ql_code refuse(struct ql_call *call)
{
    return ql_fail(call, QL_PERMISSION_DENIED, "WRONG_PASSWORD", "the current password is another");
}

static enum ql_code check_status(struct ql_call *call, const struct user *user)
{
    if (user->status == USER_IS_DELETED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "user %s is deleted",
                       user->user_id);
    if (user->status == USER_IS_BANNED)
        return ql_fail(call, QL_PERMISSION_DENIED, "USER_BANNED", "user %s is banned",
                       user->user_name);
    return QL_OK;
}

/* The account; refused when too many proofs have failed. */
static enum ql_code find_account(struct ql_call *call, struct user_service *app,
                                 const char *user_id, struct throttle *throttle,
                                 struct user *ret_user)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get(call, tx, user_id, ret_user);
    if (rc != QL_OK)
        return rc;
    rc = check_status(call, ret_user);
    if (rc != QL_OK)
        return rc;
    throttle_begin_password_check(throttle, ret_user->user_name, call->client_address);
    return throttle_store_check(call, tx, &app->settings.throttle, ret_user->user_name, throttle);
}

enum ql_code password_check(struct ql_call *call, struct user_service *app, const char *user_id,
                            const char *password, struct user *ret_user)
{
    struct throttle throttle, sign_in;
    enum ql_code rc;

    *ret_user = (struct user){.status = USER_IS_NEW};
    rc = find_account(call, app, user_id, &throttle, ret_user);
    if (rc != QL_OK || user_password_matches(ret_user->hashed_password, password))
        return rc;
    /* A wrong proof is a wrong sign-in too. */
    throttle_begin(&sign_in, ret_user->user_name, call->client_address);
    rc = throttle_store_add(call, app->parts.pg, &app->settings.throttle, &throttle, &sign_in);
    if (rc != QL_OK)
        return rc;
    return refuse(call);
}

enum ql_code password_check_still_holds(struct ql_call *call, const struct user *checked,
                                        const struct user *locked)
{
    enum ql_code rc = check_status(call, locked);

    if (rc != QL_OK)
        return rc;
    return strcmp(locked->hashed_password, checked->hashed_password) == 0 ? QL_OK : refuse(call);
}
