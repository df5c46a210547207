/* The way of a batch: aimed at a replica, answered or lost. */
#include "platform/rpc/client/batch.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/rpc/telemetry.h"
#include "questline/rpc/v1/names.h"

enum { CONNECT_AGAIN_MS = 2000 };

struct ql_rpc_pending *qli_place_clear(struct qli_place *place)
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
    (void)qli_place_clear(&pending->batch->places[pending->place]);
    pending->failed = code;
    pending->phase = QLI_PENDING_FAILED;
    qli_pending_soon(pending);
}

void qli_place_go_alone(struct qli_batch *batch, struct qli_place *place)
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
    (void)qli_place_clear(place);
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
        qli_place_go_alone(batch, &batch->places[i]);
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
            qli_place_go_alone(batch, &batch->places[i]);
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

void qli_batch_end(struct qli_batch *batch)
{
    struct ql_rpc_channel *channel = batch->gather->channel;
    nng_msg *message = NULL;

    if (nng_aio_result(batch->receive) == 0)
        message = nng_aio_get_msg(batch->receive);
    if (message != NULL) {
        nng_aio_set_msg(batch->receive, NULL);
        qli_batch_answered(batch, message);
        nng_msg_free(message);
    }
    batch_lost(batch, batch->was_sent);
    pthread_mutex_lock(&channel->lock);
    qli_batch_recycle(batch);
    pthread_mutex_unlock(&channel->lock);
}

void qli_batch_event(void *argument)
{
    struct qli_batch *batch = argument;
    struct ql_rpc_gather *gather = batch->gather;

    batch->was_sent = send_end(batch, nng_aio_result(batch->receive) == 0);
    if (qli_gather_hand_over(batch))
        return;
    qli_batch_end(batch);
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
