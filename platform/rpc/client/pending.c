/* A call under way: sent, answered or lost, tried again where that is harmless,
 * and its one callback. */
#include "platform/rpc/client/channel_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/arena_allocator.h"
#include "platform/rpc/client/batcher_inside.h"
#include "platform/rpc/telemetry.h"
#include "questline/rpc/v1/names.h"

enum { TRIES_MAX = 3, BACKOFF_FIRST_MS = 20, CONNECT_AGAIN_MS = 2000 };

void qli_pending_release(struct ql_rpc_pending *pending)
{
    struct qli_replica *replica = pending->replica;

    if (pending->phase == QLI_PENDING_WAITING)
        pending->channel->n_waiting--;
    if (replica == NULL)
        return;
    replica->n_outstanding--;
    qli_replica_give_ctx(replica, pending->ctx);
    pending->replica = NULL;
}

void qli_pending_tell(struct ql_rpc_pending *pending, const struct ql_status *status,
                      const struct qli_result_view *result, nng_msg *owner)
{
    struct ql_rpc_result told = {.status = status, .owner = owner};

    if (result != NULL) {
        told.payload = result->payload.bytes;
        told.payload_length = result->payload.length;
        told.etag = (const char *)result->etag.bytes;
        told.etag_length = result->etag.length;
        told.is_replayed = result->is_replayed;
    }
    pending->done(pending->argument, &told);
    if (told.owner != NULL)
        nng_msg_free(told.owner);
}

void qli_pending_finish(struct ql_rpc_pending *pending, const struct ql_status *status,
                        const struct qli_result_view *result, nng_msg *owner)
{
    struct ql_rpc_channel *channel = pending->channel;

    if (pending->request != NULL)
        nng_msg_free(pending->request);
    pending->request = NULL;
    pthread_mutex_lock(&channel->lock);
    qli_pending_leave(pending);
    pthread_mutex_unlock(&channel->lock);
    qli_pending_tell(pending, status, result, owner);
    pthread_mutex_lock(&channel->lock);
    qli_pending_give(pending);
    pthread_mutex_unlock(&channel->lock);
}

static void pending_fail(struct ql_rpc_pending *pending, enum ql_code code, const char *reason,
                         const char *message)
{
    struct ql_call call = {.arena = NULL};

    ql_fail(&call, code, reason, "%s: %s", pending->channel->service, message);
    qli_pending_finish(pending, &call.status, NULL, NULL);
}

static void pending_fail_cancelled(struct ql_rpc_pending *pending)
{
    pending_fail(pending, QL_CANCELLED, "CANCELLED", "the call was cancelled");
}

static void pending_fail_early(struct ql_rpc_pending *pending)
{
    if (pending->is_cancelled)
        pending_fail_cancelled(pending);
    else if (pending->failed == QL_DEADLINE_EXCEEDED)
        pending_fail(pending, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                     "the deadline passed before an answer came");
    else if (pending->failed == QL_INVALID_ARGUMENT)
        pending_fail(pending, QL_INVALID_ARGUMENT, "REQUEST_TOO_LARGE",
                     "the request does not fit into a message");
    else if (pending->failed == QL_UNAVAILABLE)
        pending_fail(pending, QL_UNAVAILABLE, "CONNECTION_LOST",
                     "the connection was lost before the answer came");
    else
        pending_fail(pending, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the request");
}

/* Takes a replica, and a context and a copy of the request for it. Under the
 * lock. False: none is connected, or no memory. */
static bool pending_aim(struct ql_rpc_pending *pending)
{
    struct qli_replica *replica = qli_replica_choose(pending->channel, pending->tried);
    nng_msg *copy;

    if (replica == NULL || nng_msg_dup(&copy, pending->request) != 0)
        return false;
    if (!qli_replica_take_ctx(replica, &pending->ctx)) {
        nng_msg_free(copy);
        return false;
    }
    if (replica->n_outstanding++ == 0)
        replica->quiet_since_ms = ql_monotonic_ms();
    pending->replica = replica;
    pending->tried |= UINT32_C(1) << replica->index;
    pending->n_tries++;
    pending->is_moved = false;
    pending->phase = QLI_PENDING_SENDING;
    nng_aio_set_msg(pending->aio, copy);
    ql_metric_add(&qli_rpc_metrics[QLI_REPLICA_CALLS], replica->label, 1);
    return true;
}

static void pending_launch(struct ql_rpc_pending *pending)
{
    int64_t wait_ms = pending->connect_until_ms - ql_monotonic_ms();

    nng_aio_set_timeout(pending->aio, wait_ms > 1 ? (nng_duration)wait_ms : 1);
    nng_ctx_send(pending->ctx, pending->aio);
}

void qli_pending_wait(struct ql_rpc_pending *pending, int64_t wait_ms)
{
    pending->phase = QLI_PENDING_WAITING;
    pending->is_moved = false;
    pending->channel->n_waiting++;
    if (wait_ms > 0)
        nng_sleep_aio((nng_duration)wait_ms, pending->timer);
    else
        qli_pending_soon(pending);
}

/* A sleep of 0 ms nng 1.5.2 ends a millisecond late, and its thread spins until then. */
void qli_pending_soon(struct ql_rpc_pending *pending)
{
    if (nng_aio_begin(pending->timer))
        nng_aio_finish(pending->timer, 0);
}

void qli_pending_start(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;
    bool is_aimed;

    pthread_mutex_lock(&channel->lock);
    is_aimed = pending_aim(pending);
    if (!is_aimed)
        qli_pending_wait(pending, pending->connect_until_ms - ql_monotonic_ms());
    pthread_mutex_unlock(&channel->lock);
    if (is_aimed)
        pending_launch(pending);
}

void qli_pending_start_failed(struct ql_rpc_pending *pending)
{
    pthread_mutex_lock(&pending->channel->lock);
    pending->phase = QLI_PENDING_FAILED;
    pthread_mutex_unlock(&pending->channel->lock);
    qli_pending_soon(pending);
}

void qli_pending_move(struct ql_rpc_pending *pending)
{
    pending->is_moved = true;
    qli_pending_interrupt(pending);
}

void qli_pending_interrupt(struct ql_rpc_pending *pending)
{
    if (pending->phase == QLI_PENDING_GATHERED) {
        qli_batch_leave(pending, QL_CANCELLED);
        return;
    }
    nng_aio_cancel(pending->aio);
    nng_aio_cancel(pending->timer);
}

/* The wait is over: a replica is there, or the time is. */
static void pending_waited(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;
    int64_t remaining_ms;
    bool goes_on = true, is_cancelled;

    pthread_mutex_lock(&channel->lock);
    qli_pending_release(pending);
    pending->phase = QLI_PENDING_IDLE;
    is_cancelled = pending->is_cancelled;
    remaining_ms = pending->connect_until_ms - ql_monotonic_ms();
    if (is_cancelled)
        goes_on = false;
    else if (pending_aim(pending))
        pending_launch(pending);
    else if (remaining_ms > 0)
        qli_pending_wait(pending, remaining_ms);
    else
        goes_on = false;
    pthread_mutex_unlock(&channel->lock);
    if (goes_on)
        return;
    if (is_cancelled)
        pending_fail_cancelled(pending);
    else
        pending_fail(pending, QL_UNAVAILABLE, "CHANNEL_DISCONNECTED",
                     "no connection to the service");
}

/* How long to wait before a replica is asked that was asked before. */
static int64_t backoff_ms(int n_tries)
{
    char random_hex[5];
    int64_t most_ms = (int64_t)BACKOFF_FIRST_MS << (n_tries < 3 ? n_tries : 3);

    ql_random_hex(random_hex, 2);
    return most_ms / 2 + strtol(random_hex, NULL, 16) % (most_ms / 2);
}

/* Whether replicas that turned the call away are asked again: a few times, or for as
 * long as one of several may take to come back. Under the lock. */
static bool may_ask_again(struct ql_rpc_pending *pending, int64_t now_ms)
{
    if (pending->ask_again_until_ms == 0)
        pending->ask_again_until_ms = now_ms + CONNECT_AGAIN_MS;
    return pending->n_tries < TRIES_MAX ||
           (qli_replica_count(pending->channel) > 1 && now_ms < pending->ask_again_until_ms);
}

/* Tries again if a replica is there for it: at once on one that was not tried,
 * else, where that is worth it, after a pause. False: the call ends here. */
static bool pending_retry(struct ql_rpc_pending *pending, bool needs_another)
{
    struct ql_rpc_channel *channel = pending->channel;
    int64_t now_ms = ql_monotonic_ms(), remaining_ms = pending->deadline_ms - now_ms, pause_ms;
    bool has_untried, is_retried = false;

    pthread_mutex_lock(&channel->lock);
    has_untried = qli_replica_has_untried(channel, pending->tried);
    pause_ms = has_untried ? 0 : backoff_ms(pending->n_tries - 1);
    if (!pending->is_cancelled && remaining_ms > pause_ms &&
        (has_untried || (!needs_another && may_ask_again(pending, now_ms)))) {
        qli_pending_release(pending);
        pending->connect_until_ms =
            now_ms + (remaining_ms < CONNECT_AGAIN_MS ? remaining_ms : CONNECT_AGAIN_MS);
        if (has_untried && pending_aim(pending))
            pending_launch(pending);
        else
            qli_pending_wait(pending, pause_ms);
        is_retried = true;
    }
    pthread_mutex_unlock(&channel->lock);
    if (is_retried)
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, 1);
    return is_retried;
}

static void pending_not_sent(struct ql_rpc_pending *pending)
{
    nng_msg_free(nng_aio_get_msg(pending->aio));
    nng_aio_set_msg(pending->aio, NULL);
    if (pending->is_cancelled)
        pending_fail_cancelled(pending);
    else if (!pending_retry(pending, !pending->is_moved))
        pending_fail(pending, QL_UNAVAILABLE, "CHANNEL_DISCONNECTED",
                     "no connection to the service");
}

static void pending_sent(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;
    int64_t remaining_ms = pending->deadline_ms - ql_monotonic_ms();
    bool is_cancelled;

    if (nng_aio_result(pending->aio) != 0) {
        pending_not_sent(pending);
        return;
    }
    /* Under the lock, so that a cancel comes before this look or after the
     * receive began, but never unseen between. */
    pthread_mutex_lock(&channel->lock);
    is_cancelled = pending->is_cancelled;
    if (!is_cancelled) {
        pending->phase = QLI_PENDING_RECEIVING;
        pending->is_moved = false;
        nng_aio_set_timeout(pending->aio, remaining_ms > 1 ? (nng_duration)remaining_ms : 1);
        nng_ctx_recv(pending->ctx, pending->aio);
    }
    pthread_mutex_unlock(&channel->lock);
    if (is_cancelled)
        pending_fail_cancelled(pending);
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

enum ql_code qli_result_read(struct ql_call *call, const struct qli_result_view *result)
{
    if (result->is_not_started)
        return ql_fail(call, QL_UNAVAILABLE, "NOT_STARTED", "the callee did not start the call");
    if (result->status.bytes != NULL && status_read(call, result->status) != QL_OK)
        return call->status.code;
    return QL_OK;
}

enum ql_code qli_reply_read(struct ql_call *call, nng_msg *message, uint64_t id,
                            struct qli_result_view *ret_result)
{
    const struct ql_message *type = ql_schema_message(ql_schema_embedded(), Reply_descriptor.name);
    const void *bytes = nng_msg_body(message);
    size_t length = nng_msg_len(message);

    if (ql_wire_check(call, type, bytes, length) != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply is malformed");
    if (!qli_reply_find(bytes, length, id, ret_result)) {
        if (!qli_reply_find(bytes, length, 0, ret_result) || ret_result->status.bytes == NULL ||
            status_read(call, ret_result->status) == QL_OK)
            return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has no result");
        return call->status.code; /* what it said about the whole Request */
    }
    return qli_result_read(call, ret_result);
}

void qli_replica_learn(struct qli_replica *replica, const struct ql_status *status)
{
    pthread_mutex_lock(&replica->channel->lock);
    replica->quiet_since_ms = ql_monotonic_ms();
    if (strcmp(status->reason, "DRAINING") == 0)
        qli_replica_eject(replica, QLI_REPLICA_CLOSED);
    else if (status->code == QL_UNAVAILABLE)
        replica->probe.is_wanted = true;
    pthread_mutex_unlock(&replica->channel->lock);
}

bool qli_was_turned_away(const struct ql_status *status)
{
    return status->code == QL_UNAVAILABLE &&
           (strcmp(status->reason, "DRAINING") == 0 || strcmp(status->reason, "NOT_STARTED") == 0);
}

static void pending_answered(struct ql_rpc_pending *pending, nng_msg *message)
{
    struct qli_arena_pool *pool = &pending->channel->arenas;
    struct ql_arena *arena = qli_arena_take(pool);
    struct ql_call call = {.arena = arena};
    struct qli_result_view result = {.is_not_started = false};

    if (arena == NULL) {
        nng_msg_free(message);
        pending_fail(pending, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the reply");
        return;
    }
    if (qli_reply_read(&call, message, pending->id, &result) != QL_OK) {
        nng_msg_free(message);
        message = NULL;
    }
    qli_replica_learn(pending->replica, &call.status);
    /* The pool outlives the pending: a channel waits for its callbacks. */
    if (!qli_was_turned_away(&call.status) || !pending_retry(pending, false))
        qli_pending_finish(pending, &call.status, message != NULL ? &result : NULL, message);
    qli_arena_give(pool, arena);
}

/* No answer in time: too slow, or not running; a probe tells. */
static void pending_timed_out(struct ql_rpc_pending *pending)
{
    pthread_mutex_lock(&pending->channel->lock);
    pending->replica->probe.is_wanted = true;
    pthread_mutex_unlock(&pending->channel->lock);
    pending_fail(pending, QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "no answer in time");
}

static void pending_received(struct ql_rpc_pending *pending)
{
    int rv = nng_aio_result(pending->aio);
    nng_msg *message;

    if (rv == 0) {
        message = nng_aio_get_msg(pending->aio);
        nng_aio_set_msg(pending->aio, NULL);
        pending_answered(pending, message);
    } else if (pending->is_cancelled || (rv == NNG_ECANCELED && !pending->is_moved)) {
        pending_fail_cancelled(pending);
    } else if (rv == NNG_ETIMEDOUT) {
        pending_timed_out(pending);
    } else if (!pending->is_safe || !pending_retry(pending, true)) {
        pending_fail(pending, QL_UNAVAILABLE, "CONNECTION_LOST",
                     "the connection was lost before the answer came");
    }
}

void qli_pending_event(void *argument)
{
    struct ql_rpc_pending *pending = argument;

    switch (pending->phase) {
    case QLI_PENDING_WAITING:
        pending_waited(pending);
        break;
    case QLI_PENDING_SENDING:
        pending_sent(pending);
        break;
    case QLI_PENDING_RECEIVING:
        pending_received(pending);
        break;
    case QLI_PENDING_FAILED:
        pending_fail_early(pending);
        break;
    case QLI_PENDING_IDLE:
    case QLI_PENDING_GATHERED:
        break; /* nothing of its own is under way then */
    }
}

/* A payload that lies in a Reply of many results is copied. */
void *ql_rpc_result_take(struct ql_rpc_result *result)
{
    nng_msg *taken = result->owner;

    result->owner = NULL;
    if (taken != NULL || result->payload_length == 0)
        return taken;
    if (nng_msg_alloc(&taken, result->payload_length) != 0)
        return NULL;
    memcpy(nng_msg_body(taken), result->payload, result->payload_length);
    result->payload = nng_msg_body(taken);
    return taken;
}

void ql_rpc_result_free(void *taken)
{
    if (taken != NULL)
        nng_msg_free(taken);
}
