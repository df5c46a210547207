/* Handlers of the fake user service. */
#include "gateway/testing/fake_services.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "questline/user/v1/names.h"

static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_is_open;
static int n_at_gate;

void fake_gate_shut(void)
{
    pthread_mutex_lock(&gate_mutex);
    gate_is_open = false;
    pthread_mutex_unlock(&gate_mutex);
}

void fake_gate_open(void)
{
    pthread_mutex_lock(&gate_mutex);
    gate_is_open = true;
    pthread_cond_broadcast(&gate_changed);
    pthread_mutex_unlock(&gate_mutex);
}

void fake_gate_wait_for(int n_calls)
{
    pthread_mutex_lock(&gate_mutex);
    while (n_at_gate < n_calls)
        pthread_cond_wait(&gate_changed, &gate_mutex);
    pthread_mutex_unlock(&gate_mutex);
}

static void pass_gate(void)
{
    pthread_mutex_lock(&gate_mutex);
    n_at_gate++;
    pthread_cond_broadcast(&gate_changed);
    while (!gate_is_open)
        pthread_cond_wait(&gate_changed, &gate_mutex);
    n_at_gate--;
    pthread_mutex_unlock(&gate_mutex);
}

static User *user_new(struct ql_call *call, const char *id, const char *name)
{
    User *user = ql_arena_alloc(call->arena, sizeof(*user));

    if (user == NULL)
        return NULL;
    User_init(user);
    user->user_id = ql_arena_strdup(call->arena, id);
    user->user_name = ql_arena_strdup(call->arena, name);
    user->gold = 7;
    user->status = QUESTLINE__USER__V1__USER_STATUS__ACTIVE;
    return user;
}

static enum ql_code fake_create_session(struct ql_call *call, const CreateSessionRequest *in,
                                        CreateSessionResponse *out)
{
    if (strcmp(in->user_name, "slow") == 0)
        pass_gate();
    if (strcmp(in->user_name, "banned") == 0)
        return ql_fail(call, QL_PERMISSION_DENIED, "USER_BANNED", "this user may not sign in");
    if (strcmp(in->user_name, "far") == 0)
        return ql_fail(call, QL_PERMISSION_DENIED, "TOO_FAR", "you are at %s",
                       call->client_address != NULL ? call->client_address : "no address");
    if (strcmp(in->user_name, "broken") == 0)
        return ql_fail(call, QL_INTERNAL, "DATABASE_BROKEN", "host db-7 lost table users");
    if (strcmp(in->user_name, "flooded") == 0) {
        ql_retry_after(call, 1500);
        ql_fail(call, QL_RESOURCE_EXHAUSTED, "TOO_MANY_PASSWORD_CHECKS", "come back later");
        return QL_RESOURCE_EXHAUSTED;
    }
    if (strcmp(in->user_name, "picky") == 0) {
        ql_violate(call, "userName", "is taken");
        return ql_violate(call, "password", "is short");
    }
    out->access_token = ql_arena_strdup(call->arena, "access");
    out->refresh_token = ql_arena_strdup(call->arena, "refresh");
    out->expires_in = 600;
    out->event_id = ql_arena_strdup(call->arena, "event");
    out->user = user_new(call, "id-1", in->user_name);
    return out->user != NULL ? QL_OK : ql_fail_memory(call);
}

static enum ql_code fake_get_user(struct ql_call *call, const GetUserRequest *in,
                                  GetUserResponse *out)
{
    if (strcmp(in->user_id, "slow") == 0)
        pass_gate();
    out->user = user_new(call, in->user_id, call->request_id);
    if (strncmp(in->user_id, "etag-", 5) == 0)
        call->etag = in->user_id + 5;
    return out->user != NULL ? QL_OK : ql_fail_memory(call);
}

static enum ql_code fake_create_user(struct ql_call *call, const CreateUserRequest *in,
                                     CreateUserResponse *out)
{
    if (call->if_match != NULL && strcmp(call->if_match, "*") != 0)
        return ql_fail_precondition(call, "it was changed");
    if (strcmp(in->user_name, "changed") == 0)
        return ql_fail(call, QL_ABORTED, "ETAG_MISMATCH", "it was changed");
    out->user =
        user_new(call, "id-2", call->idempotency_key != NULL ? call->idempotency_key : "none");
    return out->user != NULL ? QL_OK : ql_fail_memory(call);
}

static enum ql_code fake_list_users(struct ql_call *call, const ListUsersRequest *in,
                                    ListUsersResponse *out)
{
    int n_users = 5 * in->page_size;

    out->users = ql_arena_calloc(call->arena, (size_t)n_users, sizeof(User *));
    if (out->users == NULL)
        return ql_fail_memory(call);
    for (int i = 0; i < n_users; i++) {
        out->users[i] = user_new(call, "id", "somebody");
        if (out->users[i] == NULL)
            return ql_fail_memory(call);
        out->n_users++;
    }
    return QL_OK;
}

QL_RPC_HANDLER(fake_create_session, CreateSessionRequest, CreateSessionResponse)
QL_RPC_HANDLER(fake_get_user, GetUserRequest, GetUserResponse)
QL_RPC_HANDLER(fake_create_user, CreateUserRequest, CreateUserResponse)
QL_RPC_HANDLER(fake_list_users, ListUsersRequest, ListUsersResponse)

static const struct ql_rpc_method methods[] = {
    QL_RPC_METHOD(SessionService_CreateSession, fake_create_session, CreateSessionRequest,
                  CreateSessionResponse, QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(UserService_GetUser, fake_get_user, GetUserRequest, GetUserResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(UserService_CreateUser, fake_create_user, CreateUserRequest, CreateUserResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(UserService_ListUsers, fake_list_users, ListUsersRequest, ListUsersResponse,
                  QL_RPC_POOL_NORMAL),
    {0},
};

const struct ql_rpc_method *const fake_user_methods[] = {methods, NULL};
