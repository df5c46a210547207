/* Gathering calls into batches, and sending them. */
#include "platform/rpc/gather_inside.h"

#include <stdlib.h>
#include <string.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/rpc/batch.h"

enum {
    UNDER_WAY_PER_REPLICA = 2,
    CALL_BYTES_MAX = 16 * 1024, /* a larger one travels alone */
    HEADER_MAX = 8,             /* tag and length of a Call */
    LATE_MS = 100,              /* for a batch after the last deadline of its calls */
};

/* Request.coalesced = true; Request.calls, length-delimited. */
static const uint8_t coalesced[] = {0x10, 0x01};
enum { CALLS_TAG = 0x0a };

struct ql_rpc_gather *ql_rpc_gather_new(struct ql_rpc_channel *channel)
{
    struct ql_rpc_gather *gather = calloc(1, sizeof(*gather));

    if (gather == NULL)
        return NULL;
    gather->channel = channel;
    pthread_mutex_lock(&channel->lock);
    gather->next = channel->gathers;
    channel->gathers = gather;
    channel->is_changed = true;
    pthread_cond_broadcast(&channel->changed); /* there are deadlines to look at */
    pthread_mutex_unlock(&channel->lock);
    return gather;
}

static void batch_free(struct qli_batch *batch)
{
    if (batch->receive != NULL)
        nng_aio_free(batch->receive);
    if (batch->send != NULL)
        nng_aio_free(batch->send);
    if (batch->message != NULL)
        nng_msg_free(batch->message);
    free(batch);
}

void qli_gathers_free(struct ql_rpc_channel *channel)
{
    struct ql_rpc_gather *gather;

    while ((gather = channel->gathers) != NULL) {
        struct qli_batch *batch;

        channel->gathers = gather->next;
        for (batch = gather->made; batch != NULL; batch = batch->next_made)
            nng_aio_stop(batch->receive);
        while ((batch = gather->made) != NULL) {
            gather->made = batch->next_made;
            batch_free(batch);
        }
        free(gather);
    }
}

/* Under the lock. NULL without memory. */
static struct qli_batch *batch_new(struct ql_rpc_gather *gather)
{
    struct qli_batch *batch = calloc(1, sizeof(*batch));

    if (batch == NULL)
        return NULL;
    batch->gather = gather;
    if (nng_aio_alloc(&batch->send, NULL, NULL) != 0 ||
        nng_aio_alloc(&batch->receive, qli_batch_event, batch) != 0) {
        batch_free(batch);
        return NULL;
    }
    batch->next_made = gather->made;
    gather->made = batch;
    return batch;
}

/* The batch that takes one more call. Under the lock. */
static struct qli_batch *batch_open(struct ql_rpc_gather *gather)
{
    struct qli_batch *batch = gather->last;

    if (batch != NULL && batch->n_places < QLI_BATCH_CALLS_MAX)
        return batch;
    batch = gather->free_list;
    if (batch != NULL)
        gather->free_list = batch->next;
    else
        batch = batch_new(gather);
    if (batch == NULL)
        return NULL;
    batch->next = NULL;
    if (gather->last != NULL)
        gather->last->next = batch;
    else
        gather->first = batch;
    gather->last = batch;
    return batch;
}

static size_t header_write(uint8_t *to, size_t length)
{
    size_t n = 0;

    to[n++] = CALLS_TAG;
    for (; length >= 0x80; length >>= 7)
        to[n++] = (uint8_t)(length | 0x80);
    to[n++] = (uint8_t)length;
    return n;
}

/* Adds the call to the batch's message. */
static bool call_append(struct qli_batch *batch, struct ql_rpc_pending *pending, const Call *call,
                        size_t size)
{
    struct qli_place *place = &batch->places[batch->n_places];
    uint8_t header[HEADER_MAX];
    size_t header_size = header_write(header, size), before;

    if (batch->message == NULL) {
        if (nng_msg_alloc(&batch->message, 0) != 0)
            return false;
        if (nng_msg_append(batch->message, coalesced, sizeof(coalesced)) != 0)
            return false;
    }
    before = nng_msg_len(batch->message);
    if (nng_msg_realloc(batch->message, before + header_size + size) != 0)
        return false;
    place->offset = before;
    place->length = header_size + size;
    memcpy((uint8_t *)nng_msg_body(batch->message) + before, header, header_size);
    Call_pack(call, (uint8_t *)nng_msg_body(batch->message) + before + header_size);
    place->pending = pending;
    pending->batch = batch;
    pending->place = batch->n_places++;
    pending->phase = QLI_PENDING_GATHERED;
    if (pending->deadline_ms > batch->last_deadline_ms)
        batch->last_deadline_ms = pending->deadline_ms;
    return true;
}

static bool gather_add(struct ql_rpc_gather *gather, struct ql_rpc_pending *pending,
                       const struct ql_rpc_request *request)
{
    struct qli_batch *batch;
    bool is_added = false;
    size_t size;
    Call call;

    qli_call_fill(&call, request, pending->id, request->deadline_ms - ql_monotonic_ms());
    size = Call_pack_size(&call);
    if (size > CALL_BYTES_MAX)
        return false;
    pthread_mutex_lock(&gather->channel->lock);
    batch = batch_open(gather);
    if (batch != NULL)
        is_added = call_append(batch, pending, &call, size);
    pthread_mutex_unlock(&gather->channel->lock);
    return is_added;
}

struct ql_rpc_pending *ql_rpc_gather_send(struct ql_rpc_gather *gather,
                                          const struct ql_rpc_request *request, ql_rpc_done *done,
                                          void *argument)
{
    struct ql_rpc_pending *pending = qli_pending_take(gather->channel);

    if (pending == NULL)
        return NULL;
    pending->failed = qli_pending_fill(pending, request, done, argument);
    if (pending->failed == QL_OK && gather_add(gather, pending, request)) {
        gather->has_new = true;
        return pending;
    }
    if (pending->failed == QL_OK)
        pending->failed = qli_request_pack(
            request, pending->id, request->deadline_ms - ql_monotonic_ms(), &pending->request);
    if (pending->failed != QL_OK)
        qli_pending_start_failed(pending);
    else
        qli_pending_start(pending);
    return pending;
}

static int most_under_way(const struct ql_rpc_channel *channel)
{
    int n = 0;

    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        const struct qli_replica *replica = channel->replicas[i];

        if (replica != NULL && replica->state == QLI_REPLICA_IN &&
            qli_replica_is_connected(replica))
            n++;
    }
    return UNDER_WAY_PER_REPLICA * (n > 0 ? n : 1);
}

/* Puts the first batch that has calls under way. Under the lock. NULL: none may. */
static struct qli_batch *batch_next(struct ql_rpc_gather *gather)
{
    struct qli_batch *batch;

    while ((batch = gather->first) != NULL &&
           gather->n_under_way < most_under_way(gather->channel)) {
        gather->first = batch->next;
        if (gather->first == NULL)
            gather->last = NULL;
        gather->n_under_way++;
        if (qli_batch_aim(batch))
            return batch;
        qli_batch_recycle(batch);
    }
    return NULL;
}

static void batch_launch(struct qli_batch *batch)
{
    int64_t remaining_ms = batch->last_deadline_ms + LATE_MS - ql_monotonic_ms();
    nng_duration timeout = remaining_ms > 1 ? (nng_duration)remaining_ms : 1;

    nng_aio_set_timeout(batch->send, timeout);
    nng_aio_set_timeout(batch->receive, timeout);
    nng_ctx_send(batch->ctx, batch->send);
    nng_ctx_recv(batch->ctx, batch->receive);
}

void qli_gather_pump(struct ql_rpc_gather *gather)
{
    struct qli_batch *batch;

    do {
        pthread_mutex_lock(&gather->channel->lock);
        batch = batch_next(gather);
        pthread_mutex_unlock(&gather->channel->lock);
        if (batch != NULL)
            batch_launch(batch);
    } while (batch != NULL);
}

void ql_rpc_gather_flush(struct ql_rpc_gather *gather)
{
    if (!gather->has_new)
        return;
    gather->has_new = false;
    qli_gather_pump(gather);
}
