/* Signing, sending, waiting, unpacking. */
#include "platform/rpc/client/unary_call.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "platform/pb/schema/message.h"
#include "platform/pb/schema/schema.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/client/pending_call.h"

enum { UNPACK_MS = 50 }; /* of the deadline, kept for what follows the answer */

/* The outcome, left by the callback for the thread that waits. */
struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t is_done;
    bool done;
    struct ql_call *call; /* its thread sleeps: the callback may fill status and arena */
    void *taken;
    const void *payload;
    size_t payload_length;
};

/* Copies the status whose texts vanish with the callback. */
static void status_copy(struct ql_call *call, const struct ql_status *status)
{
    ql_fail(call, status->code, status->reason, "%s", status->message);
    for (size_t i = 0; i < status->n_violations; i++) {
        struct ql_violation *copy = &call->status.violations[call->status.n_violations];

        copy->field = ql_arena_strdup(call->arena, status->violations[i].field);
        copy->description = ql_arena_strdup(call->arena, status->violations[i].description);
        copy->reason = ql_arena_strdup(call->arena, status->violations[i].reason);
        if (copy->field == NULL || copy->description == NULL || copy->reason == NULL)
            break;
        call->status.n_violations++;
    }
    ql_retry_after(call, status->retry_delay_ms);
    call->status.is_precondition_failed = status->is_precondition_failed;
}

static void waiter_done(void *argument, struct ql_rpc_result *result)
{
    struct waiter *waiter = argument;

    pthread_mutex_lock(&waiter->lock);
    if (result->status->code != QL_OK)
        status_copy(waiter->call, result->status);
    waiter->payload = result->payload;
    waiter->payload_length = result->payload_length;
    waiter->taken = ql_rpc_result_take(result);
    waiter->done = true;
    pthread_cond_signal(&waiter->is_done);
    pthread_mutex_unlock(&waiter->lock);
}

static void waiter_free(struct waiter *waiter)
{
    ql_rpc_result_free(waiter->taken);
    pthread_cond_destroy(&waiter->is_done);
    pthread_mutex_destroy(&waiter->lock);
}

/* The wait needs no limit of its own: the callback always comes. */
static enum ql_code call_wait(struct ql_call *call, struct ql_rpc_channel *channel,
                              const struct ql_rpc_request *request, struct waiter *waiter)
{
    ql_call_clear_status(call);
    if (ql_rpc_send(channel, request, waiter_done, waiter) == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "CHANNEL_FULL",
                       "too many calls to %s are in flight", channel->service);
    pthread_mutex_lock(&waiter->lock);
    while (!waiter->done)
        pthread_cond_wait(&waiter->is_done, &waiter->lock);
    pthread_mutex_unlock(&waiter->lock);
    return call->status.code;
}

/* Fills what is the same for every call that waits. */
static void request_fill(struct ql_call *call, struct ql_rpc_request *request,
                         const char *traceparent)
{
    int64_t remaining_ms = ql_call_remaining_ms(call);

    request->traceparent = traceparent;
    request->request_id = call->request_id;
    request->idempotency_key = call->idempotency_key != NULL ? call->idempotency_key : "";
    request->deadline_ms =
        call->deadline_ms - (remaining_ms / 4 < UNPACK_MS ? remaining_ms / 4 : UNPACK_MS);
}

enum ql_code ql_rpc_call_bytes(struct ql_call *call, struct ql_rpc_channel *channel,
                               const char *authorization, const char *method, const void *payload,
                               size_t payload_length, void **ret_payload, size_t *ret_length)
{
    struct waiter waiter = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .is_done = PTHREAD_COND_INITIALIZER, .call = call};
    char traceparent[QL_TRACEPARENT_SIZE];
    struct ql_rpc_request request = {.method = method,
                                     .authorization = authorization,
                                     .payload = payload,
                                     .payload_length = payload_length};
    enum ql_code rc;

    ql_trace_format(&call->trace, traceparent);
    request_fill(call, &request, traceparent);
    rc = call_wait(call, channel, &request, &waiter);
    if (rc == QL_OK) {
        *ret_payload = ql_arena_memdup(call->arena, waiter.payload, waiter.payload_length);
        *ret_length = waiter.payload_length;
        if (*ret_payload == NULL)
            rc = ql_fail_memory(call);
    }
    waiter_free(&waiter);
    return rc;
}

static enum ql_code call_and_unpack(struct ql_call *call, struct ql_rpc_channel *channel,
                                    const struct ql_rpc_request *request,
                                    const ProtobufCMessageDescriptor *output, void *ret_out)
{
    struct waiter waiter = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .is_done = PTHREAD_COND_INITIALIZER, .call = call};
    enum ql_code rc;

    rc = call_wait(call, channel, request, &waiter);
    if (rc == QL_OK) {
        rc = ql_message_unpack(call, output, waiter.payload, waiter.payload_length, ret_out);
        if (rc != QL_OK && rc != QL_RESOURCE_EXHAUSTED)
            rc = ql_fail(call, QL_INTERNAL, "BAD_REPLY", "%s sent a malformed %s", channel->service,
                         output->name);
    }
    waiter_free(&waiter);
    return rc;
}

/* The Idempotency-Key of the call that a handler serves is not for what it only reads. */
static bool is_safe(const char *method)
{
    const struct ql_method *contract = ql_schema_method(ql_schema_embedded(), method);

    return contract != NULL && contract->is_safe;
}

enum ql_code ql_rpc_call_as(struct ql_call *call, struct ql_rpc_channel *channel,
                            const char *authorization, const char *method, const void *in,
                            const ProtobufCMessageDescriptor *output, void *ret_out)
{
    char traceparent[QL_TRACEPARENT_SIZE];
    struct ql_rpc_request request = {.method = method, .authorization = authorization};
    uint8_t *bytes;
    enum ql_code rc;

    rc = ql_message_pack(call, in, &bytes, &request.payload_length);
    if (rc != QL_OK)
        return rc;
    ql_trace_format(&call->trace, traceparent);
    request.payload = bytes;
    request_fill(call, &request, traceparent);
    if (is_safe(method))
        request.idempotency_key = "";
    return call_and_unpack(call, channel, &request, output, ret_out);
}

enum ql_code ql_rpc_call(struct ql_call *call, struct ql_rpc_channel *channel, const char *method,
                         const void *in, const ProtobufCMessageDescriptor *output, void *ret_out)
{
    char token[QL_TOKEN_MAX] = "";
    enum ql_code rc = QL_OK;

    if (channel->signer != NULL)
        rc = ql_sign_service_token(call, channel->signer, channel->service, token);
    if (rc != QL_OK)
        return rc;
    return ql_rpc_call_as(call, channel, token, method, in, output, ret_out);
}
