/* The way of a batch: aimed at a replica, answered or lost. */
#include "platform/rpc/batch.h"

#include <string.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/pb/wire_check.h"
#include "platform/rpc/telemetry.h"

enum { CONNECT_AGAIN_MS = 2000 };

/* Takes a call out of its place; whoever does tells its end. */
static struct ql_rpc_pending *place_clear(struct qli_place *place)
{
    struct ql_rpc_pending *pending = place->pending;

    if (pending != NULL) {
        pending->batch = NULL;
        pending->phase = QLI_PENDING_IDLE;
        place->pending = NULL;
    }
    return pending;
}

void qli_batch_leave(struct ql_rpc_pending *pending, enum ql_code code)
{
    (void)place_clear(&pending->batch->places[pending->place]);
    pending->failed = code;
    pending->phase = QLI_PENDING_FAILED;
    nng_sleep_aio(0, pending->timer);
}

/* Sends the call in the place alone, soon. Under the lock. */
static void place_go_alone(struct qli_batch *batch, struct qli_place *place)
{
    struct ql_rpc_pending *pending = place->pending;
    const uint8_t *bytes = (const uint8_t *)nng_msg_body(batch->message) + place->offset;
    int64_t until_ms = ql_monotonic_ms() + CONNECT_AGAIN_MS;

    if (nng_msg_alloc(&pending->request, place->length) != 0) {
        pending->request = NULL;
        qli_batch_leave(pending, QL_RESOURCE_EXHAUSTED);
        return;
    }
    memcpy(nng_msg_body(pending->request), bytes, place->length);
    (void)place_clear(place);
    if (pending->n_tries > 0)
        pending->connect_until_ms =
            until_ms < pending->deadline_ms ? until_ms : pending->deadline_ms;
    qli_pending_wait(pending, 0);
}

/* Under the lock. */
static int go_alone(struct qli_batch *batch)
{
    int n = 0;

    for (int i = 0; i < batch->n_places; i++) {
        if (batch->places[i].pending == NULL)
            continue;
        place_go_alone(batch, &batch->places[i]);
        n++;
    }
    return n;
}

static bool is_empty(const struct qli_batch *batch)
{
    for (int i = 0; i < batch->n_places; i++) {
        if (batch->places[i].pending != NULL)
            return false;
    }
    return true;
}

static void calls_aim(struct qli_batch *batch)
{
    struct qli_replica *replica = batch->replica;

    for (int i = 0; i < batch->n_places; i++) {
        struct ql_rpc_pending *pending = batch->places[i].pending;

        if (pending == NULL)
            continue;
        pending->tried |= UINT32_C(1) << replica->index;
        pending->n_tries++;
    }
    if (replica->n_outstanding == 0)
        replica->quiet_since_ms = ql_monotonic_ms();
    replica->n_outstanding += batch->n_places;
    ql_metric_add(&qli_rpc_metrics[QLI_REPLICA_CALLS], replica->label, batch->n_places);
}

bool qli_batch_aim(struct qli_batch *batch)
{
    struct qli_replica *replica;
    nng_msg *copy;

    if (is_empty(batch))
        return false;
    replica = qli_replica_choose(batch->gather->channel, 0);
    if (replica == NULL || nng_msg_dup(&copy, batch->message) != 0) {
        (void)go_alone(batch);
        return false;
    }
    if (!qli_replica_take_ctx(replica, &batch->ctx)) {
        nng_msg_free(copy);
        (void)go_alone(batch);
        return false;
    }
    batch->replica = replica;
    nng_aio_set_msg(batch->send, copy);
    calls_aim(batch);
    return true;
}

void qli_batch_recycle(struct qli_batch *batch)
{
    struct ql_rpc_gather *gather = batch->gather;

    if (batch->replica != NULL) {
        batch->replica->n_outstanding -= batch->n_places;
        qli_replica_give_ctx(batch->replica, batch->ctx);
        batch->replica = NULL;
    }
    if (batch->message != NULL)
        nng_msg_free(batch->message);
    batch->message = NULL;
    batch->n_places = 0;
    batch->last_deadline_ms = 0;
    batch->next = gather->free_list;
    gather->free_list = batch;
    gather->n_under_way--;
}

/* The place with the call's id: results mostly come in the order of the calls. */
static struct qli_place *place_find(struct qli_batch *batch, int guess, uint64_t id)
{
    for (int i = 0; i < batch->n_places; i++) {
        struct qli_place *place = &batch->places[(guess + i) % batch->n_places];

        if (place->pending != NULL && place->pending->id == id)
            return place;
    }
    return NULL;
}

/* The result's bytes in a message of their own, since the Reply is shared. */
static nng_msg *payload_copy(struct qli_span *payload)
{
    nng_msg *message;

    if (nng_msg_alloc(&message, payload->length) != 0)
        return NULL;
    if (payload->length > 0)
        memcpy(nng_msg_body(message), payload->bytes, payload->length);
    payload->bytes = nng_msg_body(message);
    return message;
}

/* One result: the call's end, or its next try alone. */
static void result_take(struct qli_batch *batch, int guess, uint64_t id,
                        const struct qli_result_view *result, struct ql_arena *arena)
{
    struct ql_rpc_channel *channel = batch->gather->channel;
    struct ql_call call = {.arena = arena};
    struct ql_rpc_pending *pending = NULL;
    struct qli_span payload = {0};
    struct qli_place *place;
    nng_msg *owner = NULL;

    if (qli_result_read(&call, result, &payload) != QL_OK)
        qli_replica_learn(batch->replica, &call.status);
    else if ((owner = payload_copy(&payload)) == NULL)
        ql_fail(&call, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the reply");
    pthread_mutex_lock(&channel->lock);
    place = place_find(batch, guess, id);
    if (place != NULL && qli_was_turned_away(&call.status)) {
        place->pending->tried &=
            strcmp(call.status.reason, "NOT_STARTED") == 0 ? 0 : place->pending->tried;
        place_go_alone(batch, place);
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, 1);
    } else if (place != NULL) {
        pending = place_clear(place);
    }
    pthread_mutex_unlock(&channel->lock);
    if (pending != NULL)
        qli_pending_finish(pending, &call.status, payload, owner);
    else if (owner != NULL)
        nng_msg_free(owner);
}

/* Calls without a result of their own: what the reply says about all of them. */
static void leftovers_end(struct qli_batch *batch, nng_msg *message, struct ql_arena *arena)
{
    for (int i = 0; i < batch->n_places; i++) {
        struct ql_call call = {.arena = arena};
        struct ql_rpc_pending *pending;
        struct qli_span payload;

        pthread_mutex_lock(&batch->gather->channel->lock);
        pending = place_clear(&batch->places[i]);
        pthread_mutex_unlock(&batch->gather->channel->lock);
        if (pending == NULL)
            continue;
        if (qli_reply_read(&call, message, pending->id, &payload) == QL_OK)
            ql_fail(&call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has two results");
        qli_pending_finish(pending, &call.status, (struct qli_span){0}, NULL);
        ql_arena_reset(arena);
    }
}

static void batch_answered(struct qli_batch *batch, nng_msg *message)
{
    struct ql_rpc_channel *channel = batch->gather->channel;
    struct ql_arena *arena = qli_arena_take(&channel->arenas);
    struct qli_span rest = {.bytes = nng_msg_body(message), .length = nng_msg_len(message)};
    struct ql_call call = {.arena = arena};
    struct qli_result_view result;
    uint64_t id;

    if (arena == NULL)
        return; /* its calls end with the batch */
    pthread_mutex_lock(&channel->lock);
    batch->replica->quiet_since_ms = ql_monotonic_ms();
    pthread_mutex_unlock(&channel->lock);
    if (ql_wire_check(&call, ql_schema_message(ql_schema_embedded(), Reply_descriptor.name),
                      rest.bytes, rest.length) == QL_OK) {
        for (int i = 0; qli_reply_next(&rest, &id, &result); i++) {
            result_take(batch, i, id, &result, arena);
            ql_arena_reset(arena);
        }
    }
    leftovers_end(batch, message, arena);
    qli_arena_give(&channel->arenas, arena);
}

/* Nothing came back. What was not sent, and what only reads, goes alone. */
static void batch_lost(struct qli_batch *batch, bool was_sent)
{
    struct ql_rpc_channel *channel = batch->gather->channel;
    int n = 0;

    pthread_mutex_lock(&channel->lock);
    for (int i = 0; i < batch->n_places; i++) {
        struct ql_rpc_pending *pending = batch->places[i].pending;

        if (pending == NULL)
            continue;
        if (was_sent && (!pending->is_safe || !qli_replica_has_untried(channel, pending->tried))) {
            qli_batch_leave(pending, QL_UNAVAILABLE);
        } else {
            place_go_alone(batch, &batch->places[i]);
            n++;
        }
    }
    pthread_mutex_unlock(&channel->lock);
    if (n > 0)
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, n);
}

/* True when the request left. Its message is ours again when it did not. */
static bool send_end(struct qli_batch *batch, bool is_answered)
{
    nng_msg *message;

    if (!is_answered)
        nng_aio_cancel(batch->send);
    nng_aio_wait(batch->send); /* short: answered, or cancelled */
    if (nng_aio_result(batch->send) == 0)
        return true;
    message = nng_aio_get_msg(batch->send);
    nng_aio_set_msg(batch->send, NULL);
    if (message != NULL)
        nng_msg_free(message);
    return false;
}

void qli_batch_event(void *argument)
{
    struct qli_batch *batch = argument;
    struct ql_rpc_gather *gather = batch->gather;
    bool is_answered = nng_aio_result(batch->receive) == 0, was_sent;
    nng_msg *message;

    was_sent = send_end(batch, is_answered);
    if (is_answered) {
        message = nng_aio_get_msg(batch->receive);
        nng_aio_set_msg(batch->receive, NULL);
        batch_answered(batch, message);
        nng_msg_free(message);
    }
    batch_lost(batch, was_sent);
    pthread_mutex_lock(&gather->channel->lock);
    qli_batch_recycle(batch);
    pthread_mutex_unlock(&gather->channel->lock);
    qli_gather_pump(gather);
}

void qli_gathers_look_after(struct ql_rpc_channel *channel, int64_t now_ms)
{
    for (int i = 0; i < channel->n_all; i++) {
        struct ql_rpc_pending *pending = channel->all[i];

        if (pending->phase == QLI_PENDING_GATHERED && pending->deadline_ms <= now_ms)
            qli_batch_leave(pending, QL_DEADLINE_EXCEEDED);
    }
    for (struct ql_rpc_gather *gather = channel->gathers; gather != NULL; gather = gather->next) {
        for (struct qli_batch *batch = gather->made; batch != NULL; batch = batch->next_made) {
            if (batch->replica != NULL && batch->replica->state == QLI_REPLICA_HUNG &&
                qli_replica_has_untried(channel, 0))
                nng_aio_cancel(batch->receive);
        }
    }
}
