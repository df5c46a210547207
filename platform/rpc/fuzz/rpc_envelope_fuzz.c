/* A Request from a stranger through everything a server does between two
 * sockets: reading, planning, authorizing, unpacking, the handler, the Reply;
 * and the same bytes as a Reply to a caller.
 *
 * Nobody can guess a signature: in place of the texts "user", "admin" and
 * "service" a call gets the token of such a caller. */
#include <fcntl.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/rpc/client/reply_view.h"
#include "platform/rpc/server/server.h"
#include "platform/rpc/server/work_run.h"
#include "platform/rpc/testing/keys_fixture.h"
#include "questline/catalog/v1/quest_command_service.pb-c.h"
#include "questline/catalog/v1/quest_query_service.pb-c.h"
#include "questline/catalog/v1/reward_command_service.pb-c.h"
#include "questline/catalog/v1/reward_query_service.pb-c.h"
#include "questline/processing/v1/event_service.pb-c.h"
#include "questline/processing/v1/progress_service.pb-c.h"
#include "questline/rpc/v1/health_service.pb-c.h"
#include "questline/user/v1/claim_service.pb-c.h"
#include "questline/user/v1/session_service.pb-c.h"
#include "questline/user/v1/user_service.pb-c.h"

enum { NAME_SIZE = 128, METHODS_MAX = 64, SIGN_AGAIN_MS = 20000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCServiceDescriptor *const services[] = {
    &questline__catalog__v1__quest_command_service__descriptor,
    &questline__catalog__v1__quest_query_service__descriptor,
    &questline__catalog__v1__reward_command_service__descriptor,
    &questline__catalog__v1__reward_query_service__descriptor,
    &questline__processing__v1__event_service__descriptor,
    &questline__processing__v1__progress_service__descriptor,
    &questline__rpc__v1__health_service__descriptor,
    &questline__user__v1__claim_service__descriptor,
    &questline__user__v1__session_service__descriptor,
    &questline__user__v1__user_service__descriptor,
};

static struct {
    struct keys_fixture keys;
    struct qli_dispatcher dispatcher;
    char names[METHODS_MAX][NAME_SIZE];
    struct ql_rpc_method methods[METHODS_MAX + 1];
    struct ql_arena *call_arena;
    int64_t signed_ms;
} world;

/* Any method: reads its request as a caller's log or page would show it, and
 * refuses some with the text itself, which the Reply must be able to carry. */
static enum ql_code handle(struct ql_call *call, const void *in, void *out)
{
    const ProtobufCMessage *request = in;
    uint8_t *bytes;
    size_t length;
    char *json;
    enum ql_code rc;

    (void)out;
    rc = ql_message_pack(call, request, &bytes, &length);
    if (rc == QL_OK)
        rc = ql_message_to_json(call, request->descriptor->name, bytes, length, &json);
    if (rc != QL_OK)
        return rc;
    switch (length % 4) {
    case 1:
        return ql_violate(call, json, "not %s", json);
    case 2:
        return ql_fail(call, QL_NOT_FOUND, "NOT_FOUND", "%s", json);
    case 3:
        return ql_fail(call, QL_INTERNAL, "BROKEN", "secret detail %s", json);
    default:
        return QL_OK;
    }
}

static void sign(void)
{
    ql_arena_reset(world.keys.arena);
    keys_sign_tokens(&world.keys);
    world.signed_ms = ql_monotonic_ms();
}

static void tear_down(void)
{
    keys_tear_down(&world.keys);
    qli_method_table_done(&world.dispatcher.table);
    ql_arena_free(world.call_arena);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char error[256] = "";
    size_t n = 0;

    (void)argc, (void)argv;
    ql_log_setup("fuzz", QL_LOG_DEBUG);
    ql_log_redirect(open("/dev/null", O_WRONLY | O_CLOEXEC));
    keys_set_up(&world.keys);
    sign();
    for (size_t s = 0; s < QL_ARRAY_LENGTH(services); s++) {
        for (unsigned m = 0; m < services[s]->n_methods && n < METHODS_MAX; m++, n++) {
            const ProtobufCMethodDescriptor *method = &services[s]->methods[m];

            snprintf(world.names[n], NAME_SIZE, "%s/%s", services[s]->name, method->name);
            world.methods[n] =
                (struct ql_rpc_method){.name = world.names[n],
                                       .handler = handle,
                                       .input = method->input,
                                       .output = method->output,
                                       .pool = m % 2 == 0 ? QL_RPC_POOL_NORMAL : QL_RPC_POOL_HEAVY};
        }
    }
    FUZZ_CLAIM(NULL, n < METHODS_MAX); /* or some may be missing */
    world.dispatcher.verifier = world.keys.verifier;
    fixture_must(qli_method_table_add(&world.dispatcher.table, world.methods, NULL, false, error,
                                      sizeof(error)) &&
                     qli_method_table_sort(&world.dispatcher.table, error, sizeof(error)),
                 error);
    world.call_arena = ql_arena_new(QL_RPC_CALL_ARENA_BYTES);
    fixture_must(world.call_arena != NULL && atexit(tear_down) == 0, "no memory");
    return 0;
}

static void tokens_put(const Request *request)
{
    const struct {
        const char *text;
        char *token;
    } tokens[] = {{"user", world.keys.user_token},
                  {"admin", world.keys.admin_token},
                  {"service", world.keys.service_token}};

    for (size_t i = 0; i < request->n_calls; i++) {
        for (size_t t = 0; t < QL_ARRAY_LENGTH(tokens); t++) {
            if (strcmp(request->calls[i]->authorization, tokens[t].text) == 0)
                request->calls[i]->authorization = tokens[t].token;
        }
    }
}

/* Every call has its result, and the caller can read all of it. */
static void claim_answers(const Request *request, const void *bytes, size_t length)
{
    struct ql_call *call = fuzz_call_begin();
    Reply *reply;
    enum ql_code rc;

    FUZZ_CLAIM(call, length <= QLI_ENVELOPE_MAX);
    rc = ql_message_unpack(call, &Reply_descriptor, bytes, length, &reply);
    FUZZ_CLAIM(call, rc == QL_OK);
    FUZZ_CLAIM(call, reply->n_results == request->n_calls);
    for (size_t i = 0; i < reply->n_results; i++) {
        const Result *result = reply->results[i];
        struct qli_result_view view;

        FUZZ_CLAIM(call, result->id == request->calls[i]->id);
        FUZZ_CLAIM(call, qli_reply_find(bytes, length, result->id, &view));
        if (result->status == NULL)
            continue;
        FUZZ_CLAIM(call, result->status->code > QL_OK && result->status->reason[0] != '\0');
        FUZZ_CLAIM(call, strstr(result->status->message, "secret detail") == NULL ||
                             result->status->code != QL_INTERNAL);
    }
}

static void serve(const uint8_t *data, size_t size)
{
    /* The envelope outlives claim_answers' call: an arena of its own. */
    static struct ql_arena *arena;
    struct qli_work work = {.verdict = QLI_RUN};
    struct qli_reply reply;
    struct ql_call call;
    enum ql_code rc;

    if (arena == NULL)
        arena = ql_arena_new(4 * QLI_ENVELOPE_MAX);
    FUZZ_CLAIM(NULL, arena != NULL);
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "fuzz", 60000);
    rc = qli_work_read(&call, &world.dispatcher, data, size, &work);
    if (rc != QL_OK) {
        fuzz_claim_refused(&call, rc, " MALFORMED_ENVELOPE TOO_MANY_CALLS MEMORY_LIMIT ");
        return;
    }
    tokens_put(work.request);
    if (qli_work_admit(&call, &world.dispatcher, &work, "192.0.2.7") != QL_OK)
        return; /* no memory for the clients */
    (void)qli_work_route(&work);
    qli_reply_init(&reply, work.request->n_calls);
    FUZZ_CLAIM(&call, reply.message != NULL);
    qli_work_run(&world.dispatcher, &work, world.call_arena, &reply);
    claim_answers(work.request, nng_msg_body(reply.message), nng_msg_len(reply.message));
    nng_msg_free(reply.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct qli_result_view view;

    if (ql_monotonic_ms() - world.signed_ms > SIGN_AGAIN_MS)
        sign();
    serve(data, size);
    (void)qli_reply_find(data, size, 1, &view);
    return 0;
}
