/* Replicas: their sockets, and the choice among them. */
#include "platform/rpc/client/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <nng/protocol/reqrep0/req.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/client/channel_inside.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/socket_close.h"
#include "platform/rpc/telemetry.h"

enum { RECONNECT_MIN_MS = 50, RECONNECT_MAX_MS = 1000 };

/* nng's thread. A new connection is a new process, or an old one that answers. */
static void pipe_event(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct qli_replica *replica = argument;
    struct ql_rpc_channel *channel = replica->channel;

    (void)pipe;
    pthread_mutex_lock(&channel->lock);
    if (event == NNG_PIPE_EV_ADD_POST) {
        replica->n_pipes++;
        replica->quiet_since_ms = ql_monotonic_ms();
        if (replica->state != QLI_REPLICA_LEAVING)
            replica->state = QLI_REPLICA_IN;
    } else {
        replica->n_pipes--;
    }
    channel->is_changed = true;
    pthread_cond_broadcast(&channel->changed);
    pthread_mutex_unlock(&channel->lock);
}

static int socket_open(struct qli_replica *replica)
{
    nng_socket *socket = &replica->socket;
    int rv = nng_req0_open(socket);

    if (rv != 0)
        return rv;
    rv = nng_socket_set_ms(*socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    if (rv == 0)
        rv = nng_socket_set_ms(*socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    if (rv == 0)
        rv = nng_socket_set_size(*socket, NNG_OPT_RECVMAXSZ, QL_RPC_MAX_BYTES);
    if (rv == 0)
        rv = nng_ctx_open(&replica->probe.ctx, *socket);
    if (rv == 0)
        rv = nng_aio_alloc(&replica->probe.aio, qli_probe_event, replica);
    if (rv == 0)
        rv = nng_pipe_notify(*socket, NNG_PIPE_EV_ADD_POST, pipe_event, replica);
    if (rv == 0)
        rv = nng_pipe_notify(*socket, NNG_PIPE_EV_REM_POST, pipe_event, replica);
    if (rv != 0)
        nng_close(*socket);
    return rv;
}

static void replica_release(struct qli_replica *replica)
{
    if (replica->probe.aio != NULL)
        nng_aio_free(replica->probe.aio);
    free(replica->free_ctxs);
    free(replica);
}

/* Closing waits until the last event of a pipe has been told. */
void qli_replica_free(struct qli_replica *replica)
{
    if (replica == NULL)
        return;
    nng_aio_stop(replica->probe.aio);
    /* What cannot be closed may still tell of a pipe: then it is left, whole. */
    if (qli_socket_close(replica->socket))
        replica_release(replica);
    else
        atomic_store(&replica->channel->is_told_for_good, true);
}

static bool replica_link(struct ql_rpc_channel *channel, struct qli_replica *replica)
{
    bool is_linked = false;

    pthread_mutex_lock(&channel->lock);
    for (int i = 0; i < QLI_REPLICAS_MAX && !is_linked; i++) {
        if (channel->replicas[i] != NULL)
            continue;
        replica->index = i;
        channel->replicas[i] = replica;
        is_linked = true;
    }
    pthread_mutex_unlock(&channel->lock);
    return is_linked;
}

static void replica_unlink(struct ql_rpc_channel *channel, struct qli_replica *replica)
{
    pthread_mutex_lock(&channel->lock);
    channel->replicas[replica->index] = NULL;
    pthread_mutex_unlock(&channel->lock);
}

int qli_replica_add(struct ql_rpc_channel *channel, int target, const char *address)
{
    struct qli_replica *replica = calloc(1, sizeof(*replica));
    const char *scheme_end;
    int rv;

    if (replica == NULL)
        return NNG_ENOMEM;
    replica->channel = channel;
    replica->target = target;
    snprintf(replica->address, sizeof(replica->address), "%s", address);
    scheme_end = strstr(replica->address, "://");
    replica->label = scheme_end != NULL ? scheme_end + 3 : replica->address;
    replica->free_ctxs = calloc((size_t)channel->n_all_max, sizeof(*replica->free_ctxs));
    rv = replica->free_ctxs == NULL ? NNG_ENOMEM : socket_open(replica);
    if (rv != 0) {
        replica_release(replica);
        return rv;
    }
    if (!replica_link(channel, replica)) {
        qli_replica_free(replica);
        return NNG_ENOSPC;
    }
    rv = nng_dial(replica->socket, address, NULL, NNG_FLAG_NONBLOCK);
    if (rv != 0) {
        replica_unlink(channel, replica);
        qli_replica_free(replica);
    }
    return rv;
}

static bool is_among(const char *address, const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    for (int i = 0; i < n_addresses; i++) {
        if (strcmp(addresses[i], address) == 0)
            return true;
    }
    return false;
}

/* Under the lock. An address that returns before its replica is gone stays. */
static void let_go(struct ql_rpc_channel *channel, int target,
                   const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        struct qli_replica *replica = channel->replicas[i];

        if (replica == NULL || replica->target != target)
            continue;
        if (!is_among(replica->address, addresses, n_addresses))
            replica->state = QLI_REPLICA_LEAVING;
        else if (replica->state == QLI_REPLICA_LEAVING)
            replica->state = QLI_REPLICA_IN;
    }
    channel->is_changed = true;
    pthread_cond_broadcast(&channel->changed);
}

static bool is_known(struct ql_rpc_channel *channel, const char *address)
{
    bool found = false;

    pthread_mutex_lock(&channel->lock);
    for (int i = 0; i < QLI_REPLICAS_MAX; i++)
        found = found || (channel->replicas[i] != NULL &&
                          strcmp(channel->replicas[i]->address, address) == 0);
    pthread_mutex_unlock(&channel->lock);
    return found;
}

void qli_replicas_follow(struct ql_rpc_channel *channel, int target,
                         const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    for (int i = 0; i < n_addresses; i++) {
        int rv =
            is_known(channel, addresses[i]) ? 0 : qli_replica_add(channel, target, addresses[i]);

        if (rv != 0)
            QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "replica_refused"),
                   QL_TEXT("replica", addresses[i]), QL_TEXT("detail", nng_strerror(rv)));
    }
    pthread_mutex_lock(&channel->lock);
    let_go(channel, target, addresses, n_addresses);
    pthread_mutex_unlock(&channel->lock);
}

bool qli_replica_is_connected(const struct qli_replica *replica)
{
    return replica->n_pipes > 0;
}

/* Lower is better; what is not connected has none. */
static int rank_of(const struct qli_replica *replica, uint32_t tried)
{
    switch (replica->state) {
    case QLI_REPLICA_IN:
        return (tried >> replica->index & 1) == 0 ? 0 : 1;
    case QLI_REPLICA_CLOSED:
        return 2;
    case QLI_REPLICA_HUNG:
        return 3;
    case QLI_REPLICA_LEAVING:
        break;
    }
    return 4;
}

struct qli_replica *qli_replica_choose(struct ql_rpc_channel *channel, uint32_t tried)
{
    struct qli_replica *best = NULL;
    int best_rank = 0;

    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        struct qli_replica *replica =
            channel->replicas[(channel->next_turn + i) % QLI_REPLICAS_MAX];
        int rank;

        if (replica == NULL || !qli_replica_is_connected(replica))
            continue;
        rank = rank_of(replica, tried);
        if (best == NULL || rank < best_rank ||
            (rank == best_rank && replica->n_outstanding < best->n_outstanding)) {
            best = replica;
            best_rank = rank;
        }
    }
    if (best != NULL)
        channel->next_turn = best->index + 1;
    return best;
}

bool qli_replica_has_untried(const struct ql_rpc_channel *channel, uint32_t tried)
{
    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        const struct qli_replica *replica = channel->replicas[i];

        if (replica != NULL && qli_replica_is_connected(replica) && rank_of(replica, tried) == 0)
            return true;
    }
    return false;
}

int qli_replica_count(const struct ql_rpc_channel *channel)
{
    int n = 0;

    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        if (channel->replicas[i] != NULL && channel->replicas[i]->state != QLI_REPLICA_LEAVING)
            n++;
    }
    return n;
}

bool qli_replica_take_ctx(struct qli_replica *replica, nng_ctx *ret_ctx)
{
    if (replica->n_free_ctxs > 0) {
        *ret_ctx = replica->free_ctxs[--replica->n_free_ctxs];
        return true;
    }
    return nng_ctx_open(ret_ctx, replica->socket) == 0;
}

void qli_replica_give_ctx(struct qli_replica *replica, nng_ctx ctx)
{
    if (replica->n_free_ctxs < replica->channel->n_all_max)
        replica->free_ctxs[replica->n_free_ctxs++] = ctx;
    else
        nng_ctx_close(ctx);
}

void qli_replica_eject(struct qli_replica *replica, enum qli_replica_state state)
{
    bool was_in = replica->state == QLI_REPLICA_IN;

    if (replica->state == QLI_REPLICA_LEAVING || replica->state == state ||
        qli_replica_count(replica->channel) < 2)
        return;
    replica->state = state;
    if (!was_in)
        return;
    ql_metric_add(&qli_rpc_metrics[QLI_EJECTED], NULL, 1);
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "replica_out"),
           QL_TEXT("service", replica->channel->service), QL_TEXT("replica", replica->label),
           QL_TEXT("reason", state == QLI_REPLICA_HUNG ? "hung" : "closed"));
}
