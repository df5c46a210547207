/* UserService: signing up, looking at users, changing what a user may change. */
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/base/address.h"
#include "platform/pb/schema/update.h"
#include "platform/pb/validate/validator.h"
#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/caller.h"
#include "services/user/time_zone.h"
#include "services/user/user_events.h"
#include "services/user/user_password.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* The zone data know the zone. Nothing stands for UTC. */
static enum ql_code check_time_zone(struct ql_call *call, const char *field, const char *time_zone)
{
    if (time_zone[0] == '\0' || time_zone_exists(TIME_ZONE_FOLDER, time_zone))
        return QL_OK;
    return ql_violate(call, field, "must be a time zone's name, like Europe/Berlin");
}

/* A name that is taken may have been taken since the answer was looked for, by the same
 * call sent twice: then that is the answer. */
static enum ql_code check_name(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_idempotency_seal *seal, const CreateUserRequest *in,
                               CreateUserResponse *out, bool *ret_is_repeated)
{
    struct ql_status refusal;
    enum ql_code rc;

    rc = user_store_check_name(call, tx, in->user_name);
    if (rc != QL_ALREADY_EXISTS)
        return rc;
    refusal = call->status;
    ql_call_clear_status(call);
    rc = ql_idempotency_find_sealed(call, tx, seal, in, out, ret_is_repeated);
    if (rc != QL_OK || *ret_is_repeated)
        return rc;
    call->status = refusal;
    return QL_ALREADY_EXISTS;
}

/* Before the slow hash: whether this was answered before, under the caller's
 * Idempotency-Key; else one more account from that address, counted whatever becomes of
 * it, so that neither accounts nor the names of others are had by the thousand; and a
 * name that nobody can have now. Callers without an address are not counted. */
static enum ql_code admit_sign_up(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                  const CreateUserRequest *in, CreateUserResponse *out,
                                  bool *ret_is_repeated)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char network[QL_NETWORK_SIZE];
    enum ql_code rc, name_rc;

    ql_address_network(call->client_address, network);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_find_sealed(call, tx, seal, in, out, ret_is_repeated);
    if (rc != QL_OK || *ret_is_repeated)
        return rc;
    if (network[0] != '\0')
        rc = quota_take(call, tx, &app->settings.quotas, QUOTA_SIGN_UPS, network);
    if (rc != QL_OK)
        return rc;
    name_rc = check_name(call, tx, seal, in, out, ret_is_repeated);
    if (name_rc != QL_OK && name_rc != QL_ALREADY_EXISTS)
        return name_rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    return name_rc;
}

/* Stores, announces and answers, and keeps the answer. */
static enum ql_code sign_up(struct ql_call *call, const struct ql_idempotency_seal *seal,
                            const CreateUserRequest *in, const struct user *user,
                            CreateUserResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_repeated = false;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin_sealed(call, tx, seal, in, out, &is_repeated);
    if (rc != QL_OK || is_repeated)
        return rc;
    rc = user_store_insert(call, tx, user); /* store */
    if (rc != QL_OK)
        return rc;
    rc = user_publish_registered(call, tx, user); /* announce */
    if (rc != QL_OK)
        return rc;
    out->user = user_to_pb(call, user); /* reply */
    if (out->user == NULL)
        return ql_fail_memory(call);
    rc = ql_idempotency_finish_sealed(call, tx, seal, out);
    if (rc != QL_OK)
        return rc;
    return ql_service_commit(call, &tx);
}

/* CreateUser: stores an account and announces it. */
static enum ql_code user_rpc_create(struct ql_call *call, const CreateUserRequest *in,
                                    CreateUserResponse *out)
{
    struct ql_idempotency_seal seal;
    char hash[QL_PASSWORD_HASH_SIZE];
    bool is_repeated = false;
    struct user user;
    enum ql_code rc, zone_rc;

    rc = user_password_check(call, "password", in->password); /* validate */
    zone_rc = check_time_zone(call, "timeZone", in->time_zone);
    if (rc != QL_OK || zone_rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    user_begin(&user, in->user_name, QL_ROLE_USER);
    if (in->time_zone[0] != '\0')
        user.time_zone = in->time_zone;
    rc = user_service_seal(call, "name", in->user_name, &seal);
    if (rc != QL_OK)
        return rc;
    rc = admit_sign_up(call, &seal, in, out, &is_repeated);
    if (rc != QL_OK || is_repeated)
        return rc;
    rc = user_password_hash(call, in->password, hash); /* slow: outside a transaction */
    if (rc != QL_OK)
        return rc;
    user.hashed_password = hash;
    return sign_up(call, &seal, in, &user, out);
}

/* GetUser: one account. That it is the caller's is checked before we are called. */
static enum ql_code user_rpc_get(struct ql_call *call, const GetUserRequest *in,
                                 GetUserResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user user;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get(call, tx, in->user_id, &user);
    if (rc != QL_OK)
        return rc;
    out->user = user_to_pb(call, &user);
    return out->user == NULL ? ql_fail_memory(call) : QL_OK;
}

/* The account as the update wants it; what is stored is in user. */
static enum ql_code edit_user(struct ql_call *call, const struct ql_update *changes,
                              const User *wanted, const struct user *user, User **ret_edited)
{
    User *edited = user_to_pb(call, user);
    enum ql_code rc;

    if (edited == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, changes, "user", &wanted->base, &edited->base);
    if (rc != QL_OK)
        return rc;
    rc = ql_validate(call, "user", &edited->base);
    if (rc != QL_OK)
        return rc;
    *ret_edited = edited;
    return check_time_zone(call, "user.timeZone", edited->time_zone);
}

/* What a user changes is an event in a table that only grows, so it is counted; those
 * who act for others are trusted. */
static enum ql_code set_time_zone(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct quota_rules *quotas, struct user *user,
                                  const char *time_zone)
{
    const char *before;
    int64_t starts_ms;
    enum ql_code rc = QL_OK;

    if (caller_is(call, user->user_id))
        rc = quota_take(call, tx, quotas, QUOTA_CHANGES, user->user_id);
    if (rc != QL_OK)
        return rc;
    user->time_zone = time_zone;
    rc = user_store_set_time_zone(call, tx, user->user_id, time_zone, &before,
                                  &starts_ms); /* store */
    if (rc != QL_OK)
        return rc;
    rc = user_publish_changed(call, tx, user, before, starts_ms); /* announce */
    if (rc != QL_OK)
        return rc;
    if (!caller_is(call, user->user_id))
        rc = ql_audit_record(call, tx, "user", user->user_id, NULL);
    return rc;
}

/* UpdateUser: changes the time zone and announces it, under the lock of the row,
 * so that it stands between the user's events where it belongs. */
static enum ql_code user_rpc_update(struct ql_call *call, const UpdateUserRequest *in,
                                    UpdateUserResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_update changes;
    struct user user;
    User *edited = NULL;
    enum ql_code rc;

    rc = ql_update_read(call, in->update_mask, &in->user->base, &changes);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_get(call, tx, in->user_id, &user); /* whose id may be any text */
    if (rc != QL_OK)
        return rc;
    rc = user_store_lock(call, tx, in->user_id, &user);
    if (rc != QL_OK)
        return rc;
    if (user.status == USER_IS_DELETED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "user %s is deleted",
                       user.user_id);
    rc = edit_user(call, &changes, in->user, &user, &edited);
    if (rc != QL_OK)
        return rc;
    if (edited != NULL && strcmp(user.time_zone, edited->time_zone) != 0)
        rc = set_time_zone(call, tx, &app->settings.quotas, &user, edited->time_zone);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    out->user = user_to_pb(call, &user); /* reply */
    return out->user == NULL ? ql_fail_memory(call) : QL_OK;
}

static void *user_message(struct ql_call *call, const void *row)
{
    return user_to_pb(call, row);
}

/* ListUsers: accounts by id, or the one of a name. */
static enum ql_code user_rpc_list(struct ql_call *call, const ListUsersRequest *in,
                                  ListUsersResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user *users;
    struct ql_page page;
    size_t n_users, n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One row more than asked for shows whether a page follows. */
    rc = user_store_list(call, tx, ql_page_after_uuid(&page), page.n_rows + 1, in->user_name,
                         &users, &n_users);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(call, &page,
                      &(const struct ql_page_rows){users, n_users, sizeof(*users), user_message},
                      out, "users", &n_shown);
    if (rc != QL_OK || n_shown == n_users)
        return rc;
    return ql_page_token(call, &page, users[n_shown - 1].user_id, &out->next_page_token);
}

QL_RPC_SERVE_ON(UserService_CreateUser, QL_RPC_POOL_HEAVY, user_rpc_create)
QL_RPC_SERVE(UserService_GetUser, user_rpc_get)
QL_RPC_SERVE(UserService_UpdateUser, user_rpc_update)
QL_RPC_SERVE(UserService_ListUsers, user_rpc_list)
