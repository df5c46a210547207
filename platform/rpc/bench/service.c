/* A service that touches no storage: what the benchmark looks up to measure the
 * path alone.
 *
 *   ql-bench-service tcp://127.0.0.1:8021 jwks.json      until SIGTERM or SIGINT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "platform/base/log.h"
#include "platform/nng/threads.h"
#include "platform/rpc/server/server.h"
#include "questline/catalog/v1/names.h"
#include "questline/user/v1/names.h"

enum { WORKERS = 8, HEAVY_QUEUE = 128, SLOW_MS = 50 };

/* Some 350 bytes as JSON. */
static enum ql_code bench_rpc_make_up(struct ql_call *call, const GetQuestRequest *in,
                                      GetQuestResponse *out)
{
    static char reward_id[] = "0192d3a4-0000-7000-8000-0000000000bb";
    static char name[] = "Sign in three times";
    static char description[] = "Come back on three days and ten diamonds are yours.";
    static char first_type[] = EVENT_NEW_USER_SIGN_IN, second_type[] = EVENT_USER_SIGN_IN;
    static char *event_types[] = {first_type, second_type};
    Google__Protobuf__Timestamp *revised_at = ql_arena_alloc(call->arena, sizeof(*revised_at));
    Quest *quest = ql_arena_alloc(call->arena, sizeof(*quest));

    if (quest == NULL || revised_at == NULL)
        return ql_fail_memory(call);
    google__protobuf__timestamp__init(revised_at);
    revised_at->seconds = 1767225600;
    Quest_init(quest);
    quest->quest_id = in->quest_id;
    quest->reward_id = reward_id;
    quest->name = name;
    quest->description = description;
    quest->streak = 3;
    quest->duplication = 2;
    quest->n_event_types = sizeof(event_types) / sizeof(event_types[0]);
    quest->event_types = event_types;
    quest->revision = 1;
    quest->revised_at = revised_at;
    out->quest = quest;
    return QL_OK;
}

static enum ql_code bench_rpc_make_up_slowly(struct ql_call *call, const GetQuestRequest *in,
                                             GetQuestResponse *out)
{
    nanosleep(&(struct timespec){.tv_nsec = SLOW_MS * 1000000L}, NULL);
    return bench_rpc_make_up(call, in, out);
}

QL_RPC_HANDLER(bench_rpc_make_up, GetQuestRequest, GetQuestResponse)
QL_RPC_HANDLER(bench_rpc_make_up_slowly, GetQuestRequest, GetQuestResponse)

static const struct ql_rpc_method methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.BenchService/GetMadeUpQuest", bench_rpc_make_up,
                  GetQuestRequest, GetQuestResponse, QL_RPC_POOL_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.BenchService/GetQuestSlowly", bench_rpc_make_up_slowly,
                  GetQuestRequest, GetQuestResponse, QL_RPC_POOL_NORMAL),
    {0},
};
static const struct ql_rpc_method *const lists[] = {methods, NULL};

static struct ql_rpc_server *start(const char *address, struct ql_verifier *verifier)
{
    char error[256] = "";
    struct ql_rpc_server *server =
        ql_rpc_server_start(&(struct ql_rpc_server_options){.service = "catalog",
                                                            .address = address,
                                                            .methods = lists,
                                                            .verifier = verifier,
                                                            .n_workers = WORKERS,
                                                            .heavy_queue = HEAVY_QUEUE},
                            error, sizeof(error));

    if (server == NULL)
        fprintf(stderr, "error: %s\n", error);
    return server;
}

int main(int argc, char **argv)
{
    char error[256] = "";
    struct ql_verifier *verifier;
    struct ql_rpc_server *server;
    enum ql_log_level level;
    sigset_t ends;
    int signal_number;

    if (argc != 3) {
        fprintf(stderr, "usage: ql-bench-service ADDRESS JWKS_FILE\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* As in a real service, a line of each call is part of the path. */
    if (!ql_log_level_parse(getenv("QL_LOG_LEVEL"), &level))
        level = QL_LOG_INFO;
    ql_log_setup("catalog", level);
    (void)ql_log_start();
    ql_nng_start();
    verifier = ql_verifier_new("catalog", argv[2], error, sizeof(error));
    if (verifier == NULL) {
        fprintf(stderr, "error: %s\n", error);
        return 1;
    }
    server = start(argv[1], verifier);
    if (server != NULL)
        sigwait(&ends, &signal_number);
    ql_rpc_server_stop(server);
    ql_verifier_free(verifier);
    ql_log_stop();
    return server != NULL ? 0 : 1;
}
