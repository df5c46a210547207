/* For the tests of the module: handlers that do as the request says. */
#ifndef QL_RPC_HANDLERS_FIXTURE_H
#define QL_RPC_HANDLERS_FIXTURE_H

#include <pthread.h>
#include <stdatomic.h>

#include "questline/catalog/v1/names.h"
#include "questline/rpc/v1/names.h"
#include "questline/user/v1/names.h"
#include "platform/base/clock.h"
#include "platform/rpc/testing/keys_fixture.h"
#include "platform/rpc/server/server.h"

#define METHOD_GET_USER       UserService_GetUser
#define METHOD_LIST_USERS     UserService_ListUsers
#define METHOD_CREATE_SESSION SessionService_CreateSession
#define METHOD_GET_QUEST      QuestQueryService_GetQuest
#define METHOD_CHECK_HEALTH   HealthService_CheckHealth

/* User ids that GetUser's handler understands; anything else it gives back. */
#define ID_WAITS    "waits"    /* until the gate is open */
#define ID_INTERNAL "internal" /* fails with a detail nobody may see */
#define ID_LARGE    "large"    /* answers more than a message holds */
#define ID_HALF     "half"     /* answers more than half of what a message holds */
#define ID_DRAINING "draining" /* fails as a draining callee of its own would */
#define ID_SLOW     "slow"     /* takes 20 ms */

/* Quest ids that GetQuest's fast handler answers itself; it declines the others. */
#define ID_MEMORY      "0190c5f2-8a51-7cc3-9d0e-000000000001"
#define ID_HALF_MEMORY "0190c5f2-8a51-7cc3-9d0e-000000000002" /* opaque bytes, half a message */
#define ID_ELSEWHERE   "0190c5f2-8a51-7cc3-9d0e-000000000003" /* declined */

enum { FIXTURE_HALF = 600 * 1024 };

struct service_fixture {
    struct keys_fixture keys;
    struct ql_rpc_server *server;
    bool is_local;
    struct ql_limits *limits; /* NULL: none */
    int n_heavy_workers;      /* 0: two */
    struct ql_rpc_refusal heavy_full;
    int max_pipes; /* 0: the server's default, as for the next */
    int64_t message_timeout_ms;
    char address[FIXTURE_ADDRESS_SIZE];
    atomic_int n_executed, n_heavy_now, most_heavy;
    atomic_int n_checked; /* CreateSession answers which one it was in expires_in */
    atomic_int n_waiting; /* handlers at the gate */
    atomic_bool is_gate_open;
    struct ql_call seen; /* of the last GetUser; read it when the answer is there */
    int64_t seen_remaining_ms;
};

static pthread_mutex_t service_seen_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void service_wait_at_gate(struct service_fixture *app)
{
    atomic_fetch_add(&app->n_waiting, 1);
    (void)ql_sleep_ms(20000, &app->is_gate_open);
    atomic_fetch_sub(&app->n_waiting, 1);
}

static inline enum ql_code service_get_user(struct ql_call *call, const GetUserRequest *in,
                                            GetUserResponse *out)
{
    struct service_fixture *app = call->app;

    atomic_fetch_add(&app->n_executed, 1);
    pthread_mutex_lock(&service_seen_lock);
    app->seen = *call;
    app->seen_remaining_ms = ql_call_remaining_ms(call);
    pthread_mutex_unlock(&service_seen_lock);
    if (strcmp(in->user_id, ID_WAITS) == 0)
        service_wait_at_gate(app);
    if (strcmp(in->user_id, ID_SLOW) == 0)
        usleep(20000);
    if (strcmp(in->user_id, ID_INTERNAL) == 0)
        return ql_fail(call, QL_INTERNAL, "BROKEN", "secret detail");
    if (strcmp(in->user_id, ID_DRAINING) == 0)
        return ql_fail(call, QL_UNAVAILABLE, "DRAINING", "the callee is stopping");
    out->user = ql_arena_alloc(call->arena, sizeof(*out->user));
    if (out->user == NULL)
        return ql_fail_memory(call);
    User_init(out->user);
    out->user->user_id = in->user_id;
    if (strcmp(in->user_id, ID_LARGE) == 0 || strcmp(in->user_id, ID_HALF) == 0) {
        size_t length = strcmp(in->user_id, ID_LARGE) == 0 ? QL_RPC_MAX_BYTES : FIXTURE_HALF;

        out->user->user_name = ql_arena_calloc(call->arena, 1, length + 1);
        if (out->user->user_name == NULL)
            return ql_fail_memory(call);
        memset(out->user->user_name, 'x', length);
    }
    return QL_OK;
}

static inline enum ql_code service_list_users(struct ql_call *call, const ListUsersRequest *in,
                                              ListUsersResponse *out)
{
    struct service_fixture *app = call->app;

    (void)in;
    (void)out;
    atomic_fetch_add(&app->n_executed, 1);
    return QL_OK;
}

/* A sign-in that keeps the rules of the contract. */
static inline CreateSessionRequest service_sign_in(void)
{
    CreateSessionRequest in;

    CreateSessionRequest_init(&in);
    in.user_name = (char *)"ada";
    in.password = (char *)"password";
    return in;
}

static inline enum ql_code service_create_session(struct ql_call *call,
                                                  const CreateSessionRequest *in,
                                                  CreateSessionResponse *out)
{
    struct service_fixture *app = call->app;
    int now = atomic_fetch_add(&app->n_heavy_now, 1) + 1, most = atomic_load(&app->most_heavy);

    (void)in;
    while (now > most && !atomic_compare_exchange_weak(&app->most_heavy, &most, now))
        continue;
    service_wait_at_gate(app);
    out->expires_in = atomic_fetch_add(&app->n_checked, 1) + 1;
    atomic_fetch_sub(&app->n_heavy_now, 1);
    return QL_OK;
}

static inline enum ql_code service_get_quest(struct ql_call *call, const GetQuestRequest *in,
                                             GetQuestResponse *out)
{
    struct service_fixture *app = call->app;

    atomic_fetch_add(&app->n_executed, 1);
    out->quest = ql_arena_alloc(call->arena, sizeof(*out->quest));
    if (out->quest == NULL)
        return ql_fail_memory(call);
    Quest_init(out->quest);
    out->quest->quest_id = in->quest_id;
    return QL_OK;
}

static inline bool service_get_quest_fast(struct ql_call *call, const GetQuestRequest *in,
                                          struct ql_rpc_bytes *ret_out)
{
    static const char answer[] = "\x0a\x26\x0a\x24" ID_MEMORY; /* {quest {quest_id}} */

    static char half[FIXTURE_HALF];

    if (strcmp(in->quest_id, ID_HALF_MEMORY) == 0) {
        *ret_out = (struct ql_rpc_bytes){.data = half, .length = sizeof(half)};
        return true;
    }
    call->etag = "of memory";
    (void)ql_fail(call, QL_UNAVAILABLE, "FORGOTTEN", "what a fast handler says is not returned");
    ret_out->data = answer;
    ret_out->length = sizeof(answer) - 1;
    return strcmp(in->quest_id, ID_MEMORY) == 0;
}

QL_RPC_HANDLER(service_get_quest, GetQuestRequest, GetQuestResponse)
QL_RPC_FAST_HANDLER(service_get_quest_fast, GetQuestRequest)
QL_RPC_HANDLER(service_get_user, GetUserRequest, GetUserResponse)
QL_RPC_HANDLER(service_list_users, ListUsersRequest, ListUsersResponse)
QL_RPC_HANDLER(service_create_session, CreateSessionRequest, CreateSessionResponse)

static const struct ql_rpc_method service_methods[] = {
    QL_RPC_METHOD(METHOD_GET_USER, service_get_user, GetUserRequest, GetUserResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_FAST_METHOD(METHOD_GET_QUEST, service_get_quest_fast, service_get_quest, GetQuestRequest,
                       GetQuestResponse, QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(METHOD_LIST_USERS, service_list_users, ListUsersRequest, ListUsersResponse,
                  QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD(METHOD_CREATE_SESSION, service_create_session, CreateSessionRequest,
                  CreateSessionResponse, QL_RPC_POOL_HEAVY),
    {0},
};
static const struct ql_rpc_method *const service_lists[] = {service_methods, NULL};

#endif
