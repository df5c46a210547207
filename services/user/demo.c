/* Demo data of a local system: a player and an administrator. */
#include "services/user/demo.h"

#include "services/user/user_events.h"
#include "services/user/user_password.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* Whether somebody has the name, or had it until a while ago; asked before the slow
 * hashing. */
static enum ql_code is_taken(struct ql_call *call, struct user_service *service,
                             const char *user_name, bool *ret_is_taken)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, service->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_check_name(call, tx, user_name);
    *ret_is_taken = rc == QL_ALREADY_EXISTS;
    if (rc != QL_ALREADY_EXISTS)
        return rc;
    ql_call_clear_status(call);
    return QL_OK;
}

static enum ql_code seed_user(struct ql_call *call, struct user_service *service,
                              const char *user_name, const char *password, enum ql_role role)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char hash[QL_PASSWORD_HASH_SIZE];
    struct user user;
    bool taken;
    enum ql_code rc;

    rc = is_taken(call, service, user_name, &taken);
    if (rc != QL_OK || taken)
        return rc;
    user_begin(&user, user_name, role);
    rc = user_password_hash(call, password, hash);
    if (rc != QL_OK)
        return rc;
    user.hashed_password = hash;
    rc = ql_pg_begin(call, service->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_insert(call, tx, &user);
    if (rc != QL_OK)
        return rc;
    rc = user_publish_registered(call, tx, &user);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

enum ql_code demo_seed(struct ql_call *call, void *app)
{
    struct user_service *service = app;
    enum ql_code rc;

    rc = seed_user(call, service, "user", "password", QL_ROLE_USER);
    if (rc != QL_OK)
        return rc;
    return seed_user(call, service, "admin", "password", QL_ROLE_ADMIN);
}
