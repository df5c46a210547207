/* A call under way: sent, answered or lost, and its one callback. */
#include "platform/rpc/channel_inside.h"

#include <stdio.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/pb/message.h"
#include "platform/pb/wire_check.h"
#include "platform/rpc/reply_view.h"

/* Tells the caller, once, and recycles. owner is the message that payload lies
 * in, or NULL. */
static void pending_finish(struct ql_rpc_pending *pending, const struct ql_status *status,
                           struct qli_span payload, nng_msg *owner)
{
    struct ql_rpc_result result = {.status = status,
                                   .payload = payload.bytes,
                                   .payload_length = payload.length,
                                   .owner = owner};

    qli_pending_leave(pending);
    pending->done(pending->argument, &result);
    if (result.owner != NULL)
        nng_msg_free(result.owner);
    qli_pending_give(pending);
}

static void pending_fail(struct ql_rpc_pending *pending, enum ql_code code, const char *reason,
                         const char *message)
{
    struct ql_call call = {.arena = NULL};

    ql_fail(&call, code, reason, "%s: %s", pending->channel->service, message);
    pending_finish(pending, &call.status, (struct qli_span){0}, NULL);
}

static void pending_fail_early(struct ql_rpc_pending *pending)
{
    if (pending->is_cancelled)
        pending_fail(pending, QL_CANCELLED, "CANCELLED", "the call was cancelled");
    else if (pending->failed == QL_DEADLINE_EXCEEDED)
        pending_fail(pending, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                     "the deadline passed before the call was sent");
    else if (pending->failed == QL_INVALID_ARGUMENT)
        pending_fail(pending, QL_INVALID_ARGUMENT, "REQUEST_TOO_LARGE",
                     "the request does not fit into a message");
    else
        pending_fail(pending, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the request");
}

static void pending_sent(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;
    int rv = nng_aio_result(pending->aio);
    int64_t remaining_ms = pending->deadline_ms - ql_monotonic_ms();
    bool is_cancelled;

    if (rv != 0) {
        nng_msg_free(nng_aio_get_msg(pending->aio));
        nng_aio_set_msg(pending->aio, NULL);
        if (rv == NNG_ECANCELED)
            pending_fail(pending, QL_CANCELLED, "CANCELLED", "the call was cancelled");
        else
            pending_fail(pending, QL_UNAVAILABLE, "CHANNEL_DISCONNECTED",
                         "no connection to the service");
        return;
    }
    /* Under the lock, so that a cancel comes before this look or after the
     * receive began, but never unseen between. */
    pthread_mutex_lock(&channel->lock);
    is_cancelled = pending->is_cancelled;
    if (!is_cancelled) {
        pending->phase = QLI_PENDING_RECEIVING;
        nng_aio_set_timeout(pending->aio, remaining_ms > 1 ? (nng_duration)remaining_ms : 1);
        nng_ctx_recv(pending->ctx, pending->aio);
    }
    pthread_mutex_unlock(&channel->lock);
    if (is_cancelled)
        pending_fail(pending, QL_CANCELLED, "CANCELLED", "the call was cancelled");
}

static enum ql_code status_read(struct ql_call *call, struct qli_span bytes)
{
    ProtobufCAllocator allocator;
    const Status *wire;
    enum ql_code code;

    ql_arena_allocator(call->arena, &allocator);
    wire = Status_unpack(&allocator, bytes.length, bytes.bytes);
    if (wire == NULL)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's status cannot be read");
    if (wire->code == QL_OK)
        return QL_OK;
    code = wire->code > QL_OK && wire->code <= QL_UNAUTHENTICATED ? (enum ql_code)wire->code
                                                                  : QL_UNKNOWN;
    ql_fail(call, code, wire->reason, "%s", wire->message);
    for (size_t i = 0; i < wire->n_violations && i < QL_VIOLATIONS_MAX; i++) {
        struct ql_violation *violation = &call->status.violations[call->status.n_violations++];

        violation->field = wire->violations[i]->field;
        violation->description = wire->violations[i]->description;
    }
    ql_retry_after(call, wire->retry_delay_ms > 0 ? wire->retry_delay_ms : 0);
    return code;
}

/* The outcome that a reply holds for the call with this id. */
static enum ql_code reply_read(struct ql_call *call, nng_msg *message, uint64_t id,
                               struct qli_span *ret_payload)
{
    const struct ql_message *type = ql_schema_message(ql_schema_embedded(), Reply_descriptor.name);
    const void *bytes = nng_msg_body(message);
    size_t length = nng_msg_len(message);
    struct qli_result_view result;

    if (ql_wire_check(call, type, bytes, length) != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply is malformed");
    if (!qli_reply_find(bytes, length, id, &result)) {
        if (!qli_reply_find(bytes, length, 0, &result) || result.status.bytes == NULL ||
            status_read(call, result.status) == QL_OK)
            return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has no result");
        return call->status.code; /* what it said about the whole Request */
    }
    if (result.is_not_started)
        return ql_fail(call, QL_UNAVAILABLE, "NOT_STARTED", "the callee did not start the call");
    if (result.status.bytes != NULL && status_read(call, result.status) != QL_OK)
        return call->status.code;
    *ret_payload = result.payload;
    return QL_OK;
}

static void pending_answered(struct ql_rpc_pending *pending, nng_msg *message)
{
    struct qli_arena_pool *pool = &pending->channel->arenas;
    struct ql_arena *arena = qli_arena_take(pool);
    struct ql_call call = {.arena = arena};
    struct qli_span payload = {0};

    if (arena == NULL) {
        nng_msg_free(message);
        pending_fail(pending, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the reply");
        return;
    }
    if (reply_read(&call, message, pending->id, &payload) != QL_OK) {
        nng_msg_free(message);
        message = NULL;
    }
    /* The pool outlives the pending: a channel waits for its callbacks. */
    pending_finish(pending, &call.status, payload, message);
    qli_arena_give(pool, arena);
}

static void pending_received(struct ql_rpc_pending *pending)
{
    int rv = nng_aio_result(pending->aio);
    nng_msg *message;

    if (rv == NNG_ECANCELED || (rv != 0 && pending->is_cancelled)) {
        pending_fail(pending, QL_CANCELLED, "CANCELLED", "the call was cancelled");
    } else if (rv == NNG_ETIMEDOUT) {
        pending_fail(pending, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "no answer in time");
    } else if (rv != 0) {
        pending_fail(pending, QL_UNAVAILABLE, "CONNECTION_LOST",
                     "the connection was lost before the answer came");
    } else {
        message = nng_aio_get_msg(pending->aio);
        nng_aio_set_msg(pending->aio, NULL);
        pending_answered(pending, message);
    }
}

void qli_pending_event(void *argument)
{
    struct ql_rpc_pending *pending = argument;

    switch (pending->phase) {
    case QLI_PENDING_SENDING:
        pending_sent(pending);
        break;
    case QLI_PENDING_RECEIVING:
        pending_received(pending);
        break;
    case QLI_PENDING_FAILED:
        pending_fail_early(pending);
        break;
    }
}

void *ql_rpc_result_take(struct ql_rpc_result *result)
{
    void *taken = result->owner;

    result->owner = NULL;
    return taken;
}

void ql_rpc_result_free(void *taken)
{
    if (taken != NULL)
        nng_msg_free(taken);
}
