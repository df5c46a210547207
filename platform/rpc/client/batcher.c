/* Which batch a call joins, and when a batch is sent.
 *
 *   free -> open -> [waiting] -> under way -> [arrived] -> free
 *
 * The lock guards the lists and what is in a batch that is not under way. */
#include "platform/rpc/client/batcher.h"

#include <stdlib.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/pb/schema/schema.h"
#include "platform/rpc/client/arrivals.h"
#include "platform/rpc/client/batch.h"
#include "platform/rpc/client/channel_parts.h"
#include "platform/rpc/client/request_pack.h"

enum { UNDER_WAY_PER_ENDPOINT = 2 };

struct ql_rpc_batcher {
    struct qli_dependent dependent; /* of the channel */
    struct qli_tick tick;
    struct qli_call_pool *calls;
    struct qli_balancer *balancer;
    struct qli_arrivals arrivals;
    bool has_new;                          /* since the last flush; the owner's thread only */
    uint8_t packed[QLI_BATCHED_BYTES_MAX]; /* a call; the owner's thread only */
    pthread_mutex_t lock;                  /* guards all below */
    struct qli_batch *first, *last;        /* not under way; the last one may take another call */
    struct qli_batch *free_list, *made;
    int n_under_way;
};

static void batch_exchanged(void *argument);
static void call_end(struct ql_rpc_pending *call, const struct qli_entry_report *report);

/* Fails the calls whose deadlines have passed. A batch under way is neither filled nor
 * cleared while the lock is held, and any other only with it. */
static void batcher_tick(void *argument, int64_t now_ms)
{
    struct ql_rpc_batcher *batcher = argument;

    pthread_mutex_lock(&batcher->lock);
    for (struct qli_batch *batch = batcher->made; batch != NULL; batch = batch->next_made)
        qli_batch_expire(batch, now_ms);
    pthread_mutex_unlock(&batcher->lock);
}

static void batcher_free(struct qli_dependent *dependent)
{
    struct ql_rpc_batcher *batcher = (struct ql_rpc_batcher *)(void *)dependent;
    struct qli_batch *batch;

    for (batch = batcher->made; batch != NULL; batch = batch->next_made)
        qli_batch_stop(batch);
    while ((batch = batcher->made) != NULL) {
        batcher->made = batch->next_made;
        qli_batch_free(batch);
    }
    qli_arrivals_done(&batcher->arrivals);
    pthread_mutex_destroy(&batcher->lock);
    free(batcher);
}

struct ql_rpc_batcher *ql_rpc_batcher_new(struct ql_rpc_channel *channel, ql_rpc_batcher_wake *wake,
                                          void *argument)
{
    struct ql_rpc_batcher *batcher = calloc(1, sizeof(*batcher));

    if (batcher == NULL)
        return NULL;
    batcher->calls = channel->calls;
    batcher->balancer = channel->balancer;
    qli_arrivals_init(&batcher->arrivals, wake, argument);
    pthread_mutex_init(&batcher->lock, NULL);
    batcher->dependent.free = batcher_free;
    qli_channel_add_dependent(channel, &batcher->dependent);
    batcher->tick =
        (struct qli_tick){.run = batcher_tick, .argument = batcher, .is_periodic = true};
    qli_ticker_add(channel->ticker, &batcher->tick);
    return batcher;
}

/* The caller holds the lock, as for the next. NULL without memory. */
static struct qli_batch *batch_make(struct ql_rpc_batcher *batcher)
{
    struct qli_batch *batch = qli_batch_new(batcher->balancer, qli_call_pool_arenas(batcher->calls),
                                            batch_exchanged, call_end, batcher);

    if (batch == NULL)
        return NULL;
    batch->next_made = batcher->made;
    batcher->made = batch;
    return batch;
}

/* The batch that takes one more call; NULL without memory. */
static struct qli_batch *batch_open(struct ql_rpc_batcher *batcher)
{
    struct qli_batch *batch = batcher->last;

    if (batch != NULL && batch->n_entries < QLI_BATCH_CALLS_MAX)
        return batch;
    batch = batcher->free_list;
    if (batch != NULL)
        batcher->free_list = batch->next;
    else
        batch = batch_make(batcher);
    if (batch == NULL)
        return NULL;
    batch->next = NULL;
    if (batcher->last != NULL)
        batcher->last->next = batch;
    else
        batcher->first = batch;
    batcher->last = batch;
    return batch;
}

/* False: the call is in no batch, and goes alone. */
static bool batcher_add(struct ql_rpc_batcher *batcher, struct ql_rpc_pending *call,
                        const struct ql_rpc_request *request)
{
    struct qli_batch *batch;
    bool is_added = false;
    size_t size;
    Call wire;

    qli_call_fill(&wire, request, call->attempt.id, request->deadline_ms - ql_monotonic_ms());
    size = Call_pack_size(&wire);
    if (size > sizeof(batcher->packed))
        return false;
    Call_pack(&wire, batcher->packed);
    pthread_mutex_lock(&batcher->lock);
    batch = batch_open(batcher);
    if (batch != NULL)
        is_added = qli_batch_add(batch, call, batcher->packed, size);
    pthread_mutex_unlock(&batcher->lock);
    return is_added;
}

struct ql_rpc_pending *ql_rpc_batcher_send(struct ql_rpc_batcher *batcher,
                                           const struct ql_rpc_request *request, ql_rpc_done *done,
                                           void *argument)
{
    struct ql_rpc_pending *call = qli_call_take(batcher->calls, done, argument);

    if (call == NULL)
        return NULL;
    if (!qli_call_prepare(call, request))
        return call;
    if (batcher_add(batcher, call, request))
        batcher->has_new = true;
    else
        qli_call_start(call, request);
    return call;
}

static int under_way_max(struct ql_rpc_batcher *batcher)
{
    int n = 0;

    for (uint32_t left = qli_balancer_available(batcher->balancer); left != 0; left &= left - 1)
        n++;
    return UNDER_WAY_PER_ENDPOINT * (n > 0 ? n : 1);
}

/* The first batch, which is under way from now on; NULL: none is there, or none may. */
static struct qli_batch *next_take(struct ql_rpc_batcher *batcher)
{
    int most = under_way_max(batcher);
    struct qli_batch *batch = NULL;

    pthread_mutex_lock(&batcher->lock);
    if (batcher->first != NULL && batcher->n_under_way < most) {
        batch = batcher->first;
        batcher->first = batch->next;
        if (batcher->first == NULL)
            batcher->last = NULL;
        batcher->n_under_way++;
    }
    pthread_mutex_unlock(&batcher->lock);
    return batch;
}

/* A batch that is no longer under way takes new calls. */
static void batch_recycle(struct ql_rpc_batcher *batcher, struct qli_batch *batch)
{
    pthread_mutex_lock(&batcher->lock);
    qli_batch_clear(batch);
    batch->next = batcher->free_list;
    batcher->free_list = batch;
    batcher->n_under_way--;
    pthread_mutex_unlock(&batcher->lock);
}

/* Sends what waits, as far as it may. Any thread. */
static void batches_send(struct ql_rpc_batcher *batcher)
{
    struct qli_batch *batch;

    while ((batch = next_take(batcher)) != NULL) {
        if (!qli_batch_start(batch))
            batch_recycle(batcher, batch);
    }
}

void ql_rpc_batcher_flush(struct ql_rpc_batcher *batcher)
{
    if (!batcher->has_new)
        return;
    batcher->has_new = false;
    batches_send(batcher);
}

static void call_end(struct ql_rpc_pending *call, const struct qli_entry_report *report)
{
    switch (report->end) {
    case QLI_ENTRY_ANSWERED:
        qli_call_finish(call, report->status, report->result, NULL);
        break;
    case QLI_ENTRY_ALONE:
        if (report->request == NULL)
            qli_attempt_fail(&call->attempt, QLI_FAILED_NO_MEMORY);
        else
            qli_attempt_go_on(&call->attempt, report->request, report->tried);
        break;
    case QLI_ENTRY_LOST:
        qli_attempt_fail(&call->attempt, QLI_FAILED_LOST);
        break;
    }
}

static void batch_end(struct ql_rpc_batcher *batcher, struct qli_batch *batch)
{
    qli_batch_finish(batch);
    batch_recycle(batcher, batch);
}

static void batches_end(struct ql_rpc_batcher *batcher, struct qli_batch *batch)
{
    while (batch != NULL) {
        struct qli_batch *next = batch->next;

        batch_end(batcher, batch);
        batch = next;
    }
}

static void batch_exchanged(void *argument)
{
    struct qli_batch *batch = argument;
    struct ql_rpc_batcher *batcher = batch->owner;

    if (qli_arrivals_put(&batcher->arrivals, batch))
        return;
    batch_end(batcher, batch);
    batches_send(batcher);
}

void ql_rpc_batcher_run_callbacks(struct ql_rpc_batcher *batcher)
{
    struct qli_batch *arrived = qli_arrivals_take(&batcher->arrivals);

    if (arrived != NULL)
        batcher->has_new = true; /* what waits may be sent */
    batches_end(batcher, arrived);
}

void ql_rpc_batcher_detach(struct ql_rpc_batcher *batcher)
{
    batches_end(batcher, qli_arrivals_close(&batcher->arrivals));
    batches_send(batcher);
}
