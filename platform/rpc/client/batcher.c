/* Gathering calls into batches, and sending them. */
#include "platform/rpc/client/batcher_inside.h"

#include <stdlib.h>
#include <string.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/rpc/client/batch.h"

enum {
    UNDER_WAY_PER_REPLICA = 2,
    HEADER_MAX = 8, /* tag and length of a Call */
    LATE_MS = 100,  /* for a batch after the last deadline of its calls */
};

/* Request.coalesced = true; Request.calls, length-delimited. */
static const uint8_t coalesced[] = {0x10, 0x01};
enum { CALLS_TAG = 0x0a };

struct ql_rpc_gather *ql_rpc_gather_new(struct ql_rpc_channel *channel, ql_rpc_gather_wake *wake,
                                        void *argument)
{
    struct ql_rpc_gather *gather = calloc(1, sizeof(*gather));

    if (gather == NULL)
        return NULL;
    gather->channel = channel;
    gather->wake = wake;
    gather->wake_argument = argument;
    gather->come_end = &gather->come;
    pthread_mutex_init(&gather->come_lock, NULL);
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
        pthread_mutex_destroy(&gather->come_lock);
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

/* Adds the packed call to the batch's message. */
static bool call_append(struct qli_batch *batch, struct ql_rpc_pending *pending,
                        const uint8_t *call, size_t size)
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
    if (nng_msg_append(batch->message, header, header_size) != 0)
        return false;
    if (nng_msg_append(batch->message, call, size) != 0) {
        (void)nng_msg_chop(batch->message, header_size);
        return false;
    }
    place->offset = before;
    place->length = header_size + size;
    place->pending = pending;
    pending->batch = batch;
    pending->place = batch->n_places++;
    pending->phase = QLI_PENDING_GATHERED;
    if (pending->deadline_ms > batch->last_deadline_ms)
        batch->last_deadline_ms = pending->deadline_ms;
    return true;
}

/* Everything under one hold of the lock. False: pending, if there is one, is not
 * in a batch. */
static bool gather_add(struct ql_rpc_gather *gather, const struct ql_rpc_request *request,
                       ql_rpc_done *done, void *argument, struct ql_rpc_pending **ret_pending)
{
    struct ql_rpc_channel *channel = gather->channel;
    int64_t remaining_ms = request->deadline_ms - ql_monotonic_ms();
    uint64_t id = qli_pending_id(channel);
    struct ql_rpc_pending *pending;
    struct qli_batch *batch = NULL;
    bool is_added = false;
    size_t size;
    Call call;

    qli_call_fill(&call, request, id, remaining_ms);
    size = Call_pack_size(&call);
    if (size <= sizeof(gather->call))
        Call_pack(&call, gather->call);
    pthread_mutex_lock(&channel->lock);
    *ret_pending = pending = qli_pending_take(channel);
    if (pending != NULL) {
        pending->failed = qli_pending_fill(pending, id, request, done, argument);
        if (pending->failed == QL_OK && size <= sizeof(gather->call))
            batch = batch_open(gather);
        if (batch != NULL)
            is_added = call_append(batch, pending, gather->call, size);
    }
    pthread_mutex_unlock(&channel->lock);
    return is_added;
}

struct ql_rpc_pending *ql_rpc_gather_send(struct ql_rpc_gather *gather,
                                          const struct ql_rpc_request *request, ql_rpc_done *done,
                                          void *argument)
{
    struct ql_rpc_pending *pending;

    if (gather_add(gather, request, done, argument, &pending))
        gather->has_new = true;
    else if (pending != NULL)
        qli_pending_send(pending, request);
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

/* Under come_lock. */
static struct qli_batch *take_come(struct ql_rpc_gather *gather)
{
    struct qli_batch *come = gather->come;

    gather->come = NULL;
    gather->come_end = &gather->come;
    return come;
}

static void end_come(struct qli_batch *come)
{
    while (come != NULL) {
        struct qli_batch *batch = come;

        come = batch->next_come;
        qli_batch_end(batch);
    }
}

void ql_rpc_gather_take(struct ql_rpc_gather *gather)
{
    struct qli_batch *come;

    pthread_mutex_lock(&gather->come_lock);
    come = take_come(gather);
    pthread_mutex_unlock(&gather->come_lock);
    if (come != NULL)
        gather->has_new = true; /* there is room for what waits */
    end_come(come);
}

void ql_rpc_gather_leave(struct ql_rpc_gather *gather)
{
    struct qli_batch *come;

    pthread_mutex_lock(&gather->come_lock);
    gather->wake = NULL;
    come = take_come(gather);
    pthread_mutex_unlock(&gather->come_lock);
    end_come(come);
    qli_gather_pump(gather);
}

bool qli_gather_hand_over(struct qli_batch *batch)
{
    struct ql_rpc_gather *gather = batch->gather;
    bool has_owner;

    pthread_mutex_lock(&gather->come_lock);
    has_owner = gather->wake != NULL;
    if (has_owner) {
        bool was_empty = gather->come == NULL;

        batch->next_come = NULL;
        *gather->come_end = batch;
        gather->come_end = &batch->next_come;
        if (was_empty)
            gather->wake(gather->wake_argument);
    }
    pthread_mutex_unlock(&gather->come_lock);
    return has_owner;
}
