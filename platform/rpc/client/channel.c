/* Opening and closing a channel, and starting calls on it. */
#include "platform/rpc/client/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <nng/nng.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/rpc/client/channel_inside.h"
#include "platform/rpc/client/batcher_inside.h"
#include "platform/rpc/client/balancer.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/telemetry.h"

enum {
    CONNECT_WAIT_MS = 2000, /* a call waits no longer for a connection */
    MAX_IN_FLIGHT = 4096,
    IN_CALLBACK_MAX = 64, /* callbacks that run at once: nng has fewer threads */
    REPLY_ARENA_BYTES = 1024 * 1024,
};

static void channel_release(struct ql_rpc_channel *channel)
{
    qli_arena_pool_done(&channel->arenas);
    for (int i = 0; i < channel->n_targets; i++)
        free(channel->targets[i].address);
    pthread_cond_destroy(&channel->changed);
    pthread_cond_destroy(&channel->none_in_flight);
    pthread_mutex_destroy(&channel->lock);
    free(channel->all);
    free(channel->service);
    free(channel);
}

static struct ql_rpc_channel *channel_alloc(const struct ql_rpc_channel_options *options)
{
    struct ql_rpc_channel *channel = calloc(1, sizeof(*channel));
    pthread_condattr_t monotonic;

    if (channel == NULL)
        return NULL;
    channel->signer = options->signer;
    channel->max_in_flight = options->max_in_flight;
    pthread_mutex_init(&channel->lock, NULL);
    pthread_cond_init(&channel->none_in_flight, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&channel->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    qli_arena_pool_init(&channel->arenas, REPLY_ARENA_BYTES);
    channel->n_all_max = options->max_in_flight + IN_CALLBACK_MAX;
    channel->service = strdup(options->service);
    channel->all = calloc((size_t)channel->n_all_max, sizeof(struct ql_rpc_pending *));
    if (channel->service != NULL && channel->all != NULL)
        return channel;
    channel_release(channel);
    return NULL;
}

struct ql_rpc_channel *ql_rpc_channel_new(const struct ql_rpc_channel_options *options, char *error,
                                          size_t error_size)
{
    struct ql_rpc_channel *channel;

    qli_rpc_metrics_register();
    if (options->max_in_flight < 1 || options->max_in_flight > MAX_IN_FLIGHT) {
        snprintf(error, error_size, "rpc channel: max_in_flight must be 1 to %d", MAX_IN_FLIGHT);
        return NULL;
    }
    channel = channel_alloc(options);
    if (channel == NULL) {
        snprintf(error, error_size, "rpc channel: no memory");
        return NULL;
    }
    if (!qli_monitor_start(channel, options->address, error, error_size)) {
        ql_rpc_channel_free(channel);
        return NULL;
    }
    return channel;
}

void ql_rpc_channel_free(struct ql_rpc_channel *channel)
{
    if (channel == NULL)
        return;
    qli_monitor_stop(channel);
    pthread_mutex_lock(&channel->lock);
    for (int i = 0; i < channel->n_all; i++) {
        channel->all[i]->is_cancelled = true;
        qli_pending_interrupt(channel->all[i]);
    }
    while (channel->n_in_flight > 0)
        pthread_cond_wait(&channel->none_in_flight, &channel->lock);
    pthread_mutex_unlock(&channel->lock);
    for (int i = 0; i < channel->n_all; i++) {
        nng_aio_stop(channel->all[i]->aio); /* waits until its callback has returned */
        nng_aio_stop(channel->all[i]->timer);
    }
    qli_gathers_free(channel);
    for (int i = 0; i < QLI_REPLICAS_MAX; i++)
        qli_replica_free(channel->replicas[i]);
    for (int i = 0; i < channel->n_all; i++) {
        nng_aio_free(channel->all[i]->aio);
        nng_aio_free(channel->all[i]->timer);
        free(channel->all[i]);
    }
    if (!atomic_load(&channel->is_told_for_good))
        channel_release(channel);
}

/* The caller holds the lock. NULL without memory. */
static struct ql_rpc_pending *pending_new(struct ql_rpc_channel *channel)
{
    struct ql_rpc_pending *pending = calloc(1, sizeof(*pending));

    if (pending == NULL)
        return NULL;
    pending->channel = channel;
    if (nng_aio_alloc(&pending->aio, qli_pending_event, pending) != 0) {
        free(pending);
        return NULL;
    }
    if (nng_aio_alloc(&pending->timer, qli_pending_event, pending) != 0) {
        nng_aio_free(pending->aio);
        free(pending);
        return NULL;
    }
    nng_aio_set_timeout(pending->timer, NNG_DURATION_INFINITE);
    channel->all[channel->n_all++] = pending;
    return pending;
}

struct ql_rpc_pending *qli_pending_take(struct ql_rpc_channel *channel)
{
    struct ql_rpc_pending *pending;

    if (channel->is_closing || channel->n_in_flight >= channel->max_in_flight)
        return NULL;
    pending = channel->free_list;
    if (pending != NULL)
        channel->free_list = pending->next_free;
    else if (channel->n_all < channel->n_all_max)
        pending = pending_new(channel);
    if (pending == NULL)
        return NULL;
    pending->is_cancelled = false;
    pending->is_moved = false;
    channel->n_in_flight++;
    return pending;
}

void qli_pending_leave(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;

    qli_pending_release(pending);
    pending->phase = QLI_PENDING_IDLE;
    if (--channel->n_in_flight == 0)
        pthread_cond_broadcast(&channel->none_in_flight);
}

void qli_pending_give(struct ql_rpc_pending *pending)
{
    struct ql_rpc_channel *channel = pending->channel;

    pending->next_free = channel->free_list;
    channel->free_list = pending;
}

void qli_call_fill(Call *call, const struct ql_rpc_request *request, uint64_t id,
                   int64_t remaining_ms)
{
    Call_init(call);
    call->id = id;
    call->method = (char *)(uintptr_t)request->method;
    call->payload.data = (uint8_t *)(uintptr_t)request->payload;
    call->payload.len = request->payload_length;
    call->deadline_unix_ms = ql_unix_ms() + remaining_ms;
    call->authorization = (char *)(uintptr_t)request->authorization;
    call->traceparent = (char *)(uintptr_t)request->traceparent;
    call->request_id = (char *)(uintptr_t)request->request_id;
    call->idempotency_key = (char *)(uintptr_t)request->idempotency_key;
    if (request->if_match != NULL)
        call->if_match = (char *)(uintptr_t)request->if_match;
    if (request->client_address != NULL)
        call->client_address = (char *)(uintptr_t)request->client_address;
}

enum ql_code qli_request_pack(const struct ql_rpc_request *request, uint64_t id,
                              int64_t remaining_ms, nng_msg **ret_message)
{
    Call call, *calls[] = {&call};
    Request wire;
    size_t size;

    qli_call_fill(&call, request, id, remaining_ms);
    Request_init(&wire);
    wire.calls = calls;
    wire.n_calls = 1;
    size = Request_pack_size(&wire);
    if (size > QLI_ENVELOPE_MAX)
        return QL_INVALID_ARGUMENT;
    if (nng_msg_alloc(ret_message, size) != 0)
        return QL_RESOURCE_EXHAUSTED;
    Request_pack(&wire, nng_msg_body(*ret_message));
    return QL_OK;
}

/* How long to wait for a connection: the caller must still be there to hear
 * that there is none. */
static int64_t connect_wait_ms(int64_t remaining_ms)
{
    int64_t wait_ms = remaining_ms - remaining_ms / 8;

    return wait_ms < CONNECT_WAIT_MS ? wait_ms : CONNECT_WAIT_MS;
}

uint64_t qli_pending_id(struct ql_rpc_channel *channel)
{
    return atomic_fetch_add(&channel->next_id, 1) + 1; /* 0 is nobody's */
}

enum ql_code qli_pending_fill(struct ql_rpc_pending *pending, uint64_t id,
                              const struct ql_rpc_request *request, ql_rpc_done *done,
                              void *argument)
{
    const struct ql_method *method = ql_schema_method(ql_schema_embedded(), request->method);
    int64_t now_ms = ql_monotonic_ms(), remaining_ms = request->deadline_ms - now_ms;

    pending->id = id;
    pending->deadline_ms = request->deadline_ms;
    pending->connect_until_ms = now_ms + connect_wait_ms(remaining_ms);
    pending->done = done;
    pending->argument = argument;
    pending->tried = 0;
    pending->n_tries = 0;
    pending->ask_again_until_ms = 0;
    pending->is_safe = method != NULL && method->is_safe;
    return remaining_ms > 0 ? QL_OK : QL_DEADLINE_EXCEEDED;
}

void qli_pending_send(struct ql_rpc_pending *pending, const struct ql_rpc_request *request)
{
    if (pending->failed == QL_OK)
        pending->failed = qli_request_pack(
            request, pending->id, request->deadline_ms - ql_monotonic_ms(), &pending->request);
    if (pending->failed != QL_OK)
        qli_pending_start_failed(pending);
    else
        qli_pending_start(pending);
}

struct ql_rpc_pending *ql_rpc_send(struct ql_rpc_channel *channel,
                                   const struct ql_rpc_request *request, ql_rpc_done *done,
                                   void *argument)
{
    struct ql_rpc_pending *pending;

    pthread_mutex_lock(&channel->lock);
    pending = qli_pending_take(channel);
    pthread_mutex_unlock(&channel->lock);
    if (pending == NULL)
        return NULL;
    pending->failed = qli_pending_fill(pending, qli_pending_id(channel), request, done, argument);
    qli_pending_send(pending, request);
    return pending;
}

void ql_rpc_cancel(struct ql_rpc_pending *pending)
{
    pthread_mutex_lock(&pending->channel->lock);
    pending->is_cancelled = true;
    qli_pending_interrupt(pending);
    pthread_mutex_unlock(&pending->channel->lock);
}
