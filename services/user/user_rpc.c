/* UserService: signing up and looking at users. */
#include "platform/auth/password.h"
#include "platform/service/page.h"
#include "services/user/user_events.h"
#include "services/user/user_pb.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* CreateUser: stores an account and announces it. */
static enum ql_code user_rpc_create(struct ql_call *call, const CreateUserRequest *in,
                                    CreateUserResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char hash[QL_PASSWORD_HASH_SIZE];
    struct user user;
    enum ql_code rc;

    rc = user_validate(call, in->user_name, in->password); /* validate */
    if (rc != QL_OK)
        return rc;
    user_begin(&user, in->user_name, QL_ROLE_USER);
    rc = ql_password_hash(call, in->password, hash); /* slow: before the transaction */
    if (rc != QL_OK)
        return rc;
    user.hashed_password = hash;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_insert(call, tx, &user); /* store */
    if (rc != QL_OK)
        return rc;
    rc = user_publish_registered(call, tx, &user); /* announce */
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(app->parts.relay);
    out->user = user_to_pb(call, &user); /* reply */
    return out->user == NULL ? ql_fail_memory(call) : QL_OK;
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

static enum ql_code fill_page(struct ql_call *call, const struct user *users, size_t n_users,
                              size_t n_asked, ListUsersResponse *out)
{
    out->users = ql_arena_calloc(call->arena, n_users, sizeof(*out->users));
    if (out->users == NULL && n_users > 0)
        return ql_fail_memory(call);
    while (out->n_users < n_users && out->n_users < n_asked) {
        User *user = user_to_pb(call, &users[out->n_users]);

        if (user == NULL)
            return ql_fail_memory(call);
        out->users[out->n_users++] = user;
    }
    if (out->n_users < n_users)
        out->next_page_token = out->users[out->n_users - 1]->user_id;
    return QL_OK;
}

/* ListUsers: accounts by id, or the one of a name. */
static enum ql_code user_rpc_list(struct ql_call *call, const ListUsersRequest *in,
                                  ListUsersResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user *users;
    const char *after;
    size_t n_users;
    int n_asked;
    enum ql_code rc, token_rc, name_rc = QL_OK;

    rc = ql_page_size_read(call, in->page_size, &n_asked);
    token_rc = ql_page_after_uuid(call, in->page_token, &after);
    if (in->user_name[0] != '\0' && !user_name_is_valid(in->user_name))
        name_rc = ql_violate(call, "userName", "is not a name that a user can have");
    if (rc != QL_OK || token_rc != QL_OK || name_rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One more than asked for tells whether a page follows. */
    rc = user_store_list(call, tx, after, n_asked + 1, in->user_name, &users, &n_users);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, users, n_users, (size_t)n_asked, out);
}

QL_RPC_HANDLER(user_rpc_create, CreateUserRequest, CreateUserResponse)
QL_RPC_HANDLER(user_rpc_get, GetUserRequest, GetUserResponse)
QL_RPC_HANDLER(user_rpc_list, ListUsersRequest, ListUsersResponse)

const struct ql_rpc_method user_methods[] = {
    QL_RPC_METHOD("questline.user.v1.UserService/CreateUser", user_rpc_create, CreateUserRequest,
                  CreateUserResponse, QL_LANE_HEAVY),
    QL_RPC_METHOD("questline.user.v1.UserService/GetUser", user_rpc_get, GetUserRequest,
                  GetUserResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.user.v1.UserService/ListUsers", user_rpc_list, ListUsersRequest,
                  ListUsersResponse, QL_LANE_NORMAL),
    {0},
};
