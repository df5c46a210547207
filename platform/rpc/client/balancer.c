/* The thread that looks after a channel's replicas: it probes those in doubt,
 * moves calls away from those that are out, wakes calls that wait for a
 * connection, and closes replicas whose address is gone. */
#include "platform/rpc/client/balancer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/rpc/client/channel_inside.h"
#include "platform/rpc/client/batcher_inside.h"
#include "platform/rpc/client/resolver.h"

enum { TICK_MS = 100 };

/* A wait is over when a replica is in; a try is given up when it can be made
 * elsewhere without harm. */
static bool should_move(const struct ql_rpc_channel *channel, const struct ql_rpc_pending *pending)
{
    const struct qli_replica *replica = pending->replica;

    switch (pending->phase) {
    case QLI_PENDING_WAITING:
        return true;
    case QLI_PENDING_SENDING:
        return (replica->state == QLI_REPLICA_HUNG || !qli_replica_is_connected(replica)) &&
               qli_replica_has_untried(channel, pending->tried);
    case QLI_PENDING_RECEIVING:
        return replica->state == QLI_REPLICA_HUNG && pending->is_safe &&
               qli_replica_has_untried(channel, pending->tried);
    case QLI_PENDING_IDLE:
    case QLI_PENDING_GATHERED:
    case QLI_PENDING_FAILED:
        break;
    }
    return false;
}

static void calls_move(struct ql_rpc_channel *channel)
{
    for (int i = 0; i < channel->n_all; i++) {
        if (should_move(channel, channel->all[i]))
            qli_pending_move(channel->all[i]);
    }
}

static bool is_worth_moving(const struct ql_rpc_channel *channel)
{
    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        const struct qli_replica *replica = channel->replicas[i];

        if (replica != NULL && replica->n_outstanding > 0 &&
            (replica->state == QLI_REPLICA_HUNG || !qli_replica_is_connected(replica)))
            return true;
    }
    return channel->n_waiting > 0;
}

/* One that has left, unlinked, or NULL. */
static struct qli_replica *take_left(struct ql_rpc_channel *channel)
{
    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        struct qli_replica *replica = channel->replicas[i];

        if (replica != NULL && replica->state == QLI_REPLICA_LEAVING &&
            replica->n_outstanding == 0 && replica->probe.phase == QLI_PROBE_IDLE) {
            channel->replicas[i] = NULL;
            return replica;
        }
    }
    return NULL;
}

/* Under the lock. */
static void look_after(struct ql_rpc_channel *channel)
{
    struct qli_replica *left;

    if (qli_replica_count(channel) > 1) {
        for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
            if (channel->replicas[i] != NULL)
                qli_replica_probe(channel->replicas[i], ql_monotonic_ms());
        }
    }
    if (channel->gathers != NULL)
        qli_gathers_look_after(channel, ql_monotonic_ms());
    if (qli_replica_has_untried(channel, 0) && is_worth_moving(channel))
        calls_move(channel);
    while ((left = take_left(channel)) != NULL) {
        pthread_mutex_unlock(&channel->lock);
        qli_replica_free(left);
        pthread_mutex_lock(&channel->lock);
    }
}

/* With one replica nothing happens that is not signalled. */
static void wait_for_change(struct ql_rpc_channel *channel)
{
    int64_t until_ms = ql_monotonic_ms() + TICK_MS;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};
    int rv = 0;

    while (rv == 0 && !channel->is_changed && !channel->is_closing) {
        if (qli_replica_count(channel) > 1 || channel->has_resolver || channel->gathers != NULL)
            rv = pthread_cond_timedwait(&channel->changed, &channel->lock, &until);
        else
            rv = pthread_cond_wait(&channel->changed, &channel->lock);
    }
    channel->is_changed = false;
}

static void *monitor_main(void *argument)
{
    struct ql_rpc_channel *channel = argument;

    pthread_mutex_lock(&channel->lock);
    while (!channel->is_closing) {
        look_after(channel);
        wait_for_change(channel);
    }
    pthread_mutex_unlock(&channel->lock);
    return NULL;
}

static bool monitor_thread_start(struct ql_rpc_channel *channel, char *error, size_t error_size)
{
    bool has_name = false;

    for (int i = 0; i < channel->n_targets; i++)
        has_name = has_name || channel->targets[i].is_name;
    channel->has_resolver =
        has_name && pthread_create(&channel->resolver, NULL, qli_resolver_main, channel) == 0;
    if (has_name == channel->has_resolver) {
        channel->has_monitor = pthread_create(&channel->monitor, NULL, monitor_main, channel) == 0;
        if (channel->has_monitor)
            return true;
    }
    snprintf(error, error_size, "rpc channel: no thread for the replicas");
    return false;
}

bool qli_monitor_start(struct ql_rpc_channel *channel, const char *addresses, char *error,
                       size_t error_size)
{
    if (!qli_targets_read(channel, addresses, error, error_size))
        return false;
    for (int i = 0; i < channel->n_targets; i++) {
        int rv = channel->targets[i].is_name
                     ? 0
                     : qli_replica_add(channel, i, channel->targets[i].address);

        if (rv != 0) {
            snprintf(error, error_size, "rpc channel: cannot dial %s: %s",
                     channel->targets[i].address, nng_strerror(rv));
            return false;
        }
    }
    return monitor_thread_start(channel, error, error_size);
}

void qli_monitor_stop(struct ql_rpc_channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->is_closing = true;
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->lock);
    if (channel->has_resolver)
        pthread_join(channel->resolver, NULL);
    if (channel->has_monitor)
        pthread_join(channel->monitor, NULL);
}
