/* For the tests of the module: callers that look up users until they are stopped. */
#ifndef QL_RPC_LOAD_FIXTURE_H
#define QL_RPC_LOAD_FIXTURE_H

#include "platform/rpc/client/pending_call.h"
#include "platform/rpc/client/unary_call.h"
#include "platform/rpc/testing/service_fixture.h"
#include "platform/rpc/telemetry.h"

/* When a connection is lost in the instant in which a request goes out on it, nng
 * 1.5 keeps that one message for good: req0_pipe_close closes the pipe's aio before
 * it takes the pipe from the list of those that may send. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): LSan's name */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:try_locked";
}

enum { LOAD_CALLERS = 8, LOAD_TIMEOUT_MS = 20000 };

struct load {
    struct ql_rpc_channel *channel;
    pthread_t threads[LOAD_CALLERS];
    atomic_bool is_over;
    atomic_int n_right, n_failed;
    char failure[QL_REASON_MAX]; /* of the first that failed */
};

static inline struct ql_rpc_channel *load_channel(const char *addresses, struct ql_signer *signer)
{
    char error[256] = "";
    struct ql_rpc_channel *channel = ql_rpc_channel_new(
        &(struct ql_rpc_channel_options){
            .service = "user", .address = addresses, .signer = signer, .max_in_flight = 64},
        error, sizeof(error));

    fixture_must(channel != NULL, error);
    return channel;
}

/* One look-up of a user by an id of the fixture's, within the time. */
static inline enum ql_code load_get_user(struct ql_call *call, struct ql_rpc_channel *channel,
                                         struct ql_arena *arena, const char *id, int64_t timeout_ms)
{
    GetUserRequest in;
    GetUserResponse *out;
    enum ql_code rc;

    ql_arena_reset(arena);
    ql_call_init(call, arena, "test", timeout_ms);
    GetUserRequest_init(&in);
    in.user_id = (char *)(uintptr_t)id;
    rc = ql_rpc_call(call, channel, METHOD_GET_USER, &in, &GetUserResponse_descriptor, &out);
    return rc == QL_OK && strcmp(out->user->user_id, id) != 0 ? QL_DATA_LOSS : rc;
}

static inline void *load_main(void *argument)
{
    struct load *load = argument;
    struct ql_arena *arena = ql_arena_new(1024 * 1024);
    struct ql_call call;

    while (!atomic_load(&load->is_over)) {
        if (load_get_user(&call, load->channel, arena, FIXTURE_USER_ID, LOAD_TIMEOUT_MS) == QL_OK)
            atomic_fetch_add(&load->n_right, 1);
        else if (atomic_fetch_add(&load->n_failed, 1) == 0)
            snprintf(load->failure, sizeof(load->failure), "%s", call.status.reason);
    }
    ql_arena_free(arena);
    return NULL;
}

static inline void load_start(struct load *load, struct ql_rpc_channel *channel)
{
    memset(load, 0, sizeof(*load));
    load->channel = channel;
    for (int i = 0; i < LOAD_CALLERS; i++)
        fixture_must(pthread_create(&load->threads[i], NULL, load_main, load) == 0, "a thread");
}

/* Waits until so many more look-ups went right. */
static inline void load_go_on(struct load *load, int n_more)
{
    int until = atomic_load(&load->n_right) + n_more;
    int64_t until_ms = ql_monotonic_ms() + 30000;

    while (atomic_load(&load->n_right) < until && ql_monotonic_ms() < until_ms)
        usleep(1000);
    fixture_must(atomic_load(&load->n_right) >= until, "the load stands still");
}

static inline void load_stop(struct load *load)
{
    atomic_store(&load->is_over, true);
    for (int i = 0; i < LOAD_CALLERS; i++)
        pthread_join(load->threads[i], NULL);
}

/* How many calls were sent to a replica, by this process. */
static inline int64_t load_sent_to(const char *address)
{
    return ql_metric_value(&qli_rpc_metrics[QLI_REPLICA_CALLS], address + strlen("tcp://"));
}

#endif
