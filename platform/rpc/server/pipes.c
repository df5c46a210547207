/* A table of pipes by id, filled by nng's notices, and the thread that compares what
 * each has received with what came of it. */
#include "platform/rpc/server/pipes.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"
#include "platform/rpc/server/descriptor.h"
#include "platform/rpc/telemetry.h"

enum {
    CHAINS = 256,
    SWEEPS_PER_TIMEOUT = 4,
    SWEEP_MS_MAX = 500,
    UNREAD_MS = 1000, /* for a peer to read what the kernel keeps for it */
    HANDSHAKE_BYTES = 8,
    FRAME_BYTES = 8 + 4, /* of a message: its length, and the request id */
};

struct pipe_entry {
    struct pipe_entry *chain; /* of the table, or of those that are free */
    nng_pipe pipe;
    struct ql_client client;
    bool holds_limit;
    char address[QL_NETWORK_SIZE];
    nng_sockaddr peer;
    int fd; /* nng's; -1: not found yet */
    uint64_t n_messages, n_bytes;
    int64_t spoke_ms;         /* the last message, or the connection */
    uint64_t n_messages_seen; /* at the last sweep, as is the next */
    int64_t partial_since_ms; /* 0: no message has begun */
    uint64_t n_acknowledged;  /* bytes, at the last sweep */
    int64_t full_since_ms;    /* 0: it takes more bytes to send */
};

struct qli_pipes {
    struct qli_pipes_options options;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t stopping;
    struct pipe_entry *entries, *free_entries, *chains[CHAINS];
    size_t n_pipes;
    bool is_stopping;
    pthread_t thread;
};

static struct pipe_entry **chain_of(struct qli_pipes *pipes, nng_pipe pipe)
{
    return &pipes->chains[(unsigned)nng_pipe_id(pipe) % CHAINS];
}

static struct pipe_entry *pipe_find(struct qli_pipes *pipes, nng_pipe pipe)
{
    struct pipe_entry *entry = *chain_of(pipes, pipe);

    while (entry != NULL && nng_pipe_id(entry->pipe) != nng_pipe_id(pipe))
        entry = entry->chain;
    return entry;
}

static void address_text(const nng_sockaddr *address, char ret_text[QL_NETWORK_SIZE])
{
    ret_text[0] = '\0';
    if (address->s_family == NNG_AF_INET)
        (void)inet_ntop(AF_INET, &address->s_in.sa_addr, ret_text, QL_NETWORK_SIZE);
    else if (address->s_family == NNG_AF_INET6)
        (void)inet_ntop(AF_INET6, address->s_in6.sa_addr, ret_text, QL_NETWORK_SIZE);
}

/* With the lock held. */
static void pipe_drop(struct qli_pipes *pipes, struct pipe_entry *entry)
{
    struct pipe_entry **link = chain_of(pipes, entry->pipe);

    while (*link != entry)
        link = &(*link)->chain;
    *link = entry->chain;
    if (entry->holds_limit)
        ql_client_limit_give(pipes->options.limits, QL_LIMIT_PIPES, &entry->client, 1);
    entry->chain = pipes->free_entries;
    pipes->free_entries = entry;
    pipes->n_pipes--;
    ql_metric_add(&qli_rpc_metrics[QLI_PIPES], NULL, -1);
}

static void descriptor_found(void *argument, int fd)
{
    struct qli_pipes *pipes = argument;

    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
            if (entry->fd < 0 && qli_descriptor_has_peer(fd, &entry->peer))
                entry->fd = fd;
}

/* Cuts a connection off as if its peer had gone. nng_pipe_close would not do: closed
 * between the header and the body of a message, a pipe of nng 1.5.2 is never reaped,
 * nor is any that is closed after it. With the lock held. */
static void pipe_cut(struct qli_pipes *pipes, struct pipe_entry *entry, const char *why)
{
    if (entry->fd < 0)
        (void)qli_descriptors_visit(descriptor_found, pipes);
    if (entry->fd >= 0)
        qli_descriptor_shut_down(entry->fd, &entry->peer);
    ql_metric_add(&qli_rpc_metrics[QLI_PIPES_CLOSED], why, 1);
}

/* Makes a place free. The connection that was silent longest loses it. */
static void drop_most_silent(struct qli_pipes *pipes)
{
    struct pipe_entry *silent = NULL;

    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
            if (silent == NULL || entry->spoke_ms < silent->spoke_ms)
                silent = entry;
    pipe_cut(pipes, silent, "full"); /* NOLINT(clang-analyzer-core.NullDereference): it is full */
    pipe_drop(pipes, silent);
}

static void on_pipe_added(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct qli_pipes *pipes = argument;
    struct pipe_entry added = {.pipe = pipe, .fd = -1, .spoke_ms = ql_monotonic_ms()};
    struct ql_limits *limits = pipes->options.limits;
    struct pipe_entry *entry;

    (void)event;
    if (nng_pipe_get_addr(pipe, NNG_OPT_REMADDR, &added.peer) != 0)
        added.peer.s_family = NNG_AF_UNSPEC;
    address_text(&added.peer, added.address);
    if (limits != NULL) {
        ql_client_of_address(limits, added.address, &added.client);
        added.holds_limit = ql_client_limit_take(limits, QL_LIMIT_PIPES, &added.client, 1);
        if (!added.holds_limit) {
            ql_metric_add(&qli_rpc_metrics[QLI_PIPES_CLOSED], "address", 1);
            nng_pipe_close(pipe);
            return;
        }
    }
    pthread_mutex_lock(&pipes->lock);
    if (pipes->n_pipes == pipes->options.max)
        drop_most_silent(pipes);
    entry = pipes->free_entries;
    pipes->free_entries = entry->chain;
    added.chain = *chain_of(pipes, pipe);
    *entry = added;
    *chain_of(pipes, pipe) = entry;
    pipes->n_pipes++;
    ql_metric_add(&qli_rpc_metrics[QLI_PIPES], NULL, 1);
    pthread_mutex_unlock(&pipes->lock);
}

static void on_pipe_removed(nng_pipe pipe, nng_pipe_ev event, void *argument)
{
    struct qli_pipes *pipes = argument;
    struct pipe_entry *entry;

    (void)event;
    pthread_mutex_lock(&pipes->lock);
    entry = pipe_find(pipes, pipe);
    if (entry != NULL)
        pipe_drop(pipes, entry);
    pthread_mutex_unlock(&pipes->lock);
}

void qli_pipes_note_message(struct qli_pipes *pipes, nng_pipe pipe, size_t length,
                            char ret_address[QL_NETWORK_SIZE])
{
    struct pipe_entry *entry;

    snprintf(ret_address, QL_NETWORK_SIZE, "unknown");
    pthread_mutex_lock(&pipes->lock);
    entry = pipe_find(pipes, pipe);
    if (entry != NULL) {
        entry->n_messages++;
        entry->n_bytes += length + FRAME_BYTES;
        entry->spoke_ms = ql_monotonic_ms();
        memcpy(ret_address, entry->address, QL_NETWORK_SIZE);
    }
    pthread_mutex_unlock(&pipes->lock);
}

/* True when a message has begun and been under way for too long. */
static bool is_too_late(struct qli_pipes *pipes, struct pipe_entry *entry, uint64_t received,
                        int64_t now)
{
    bool is_partial = received > HANDSHAKE_BYTES + entry->n_bytes;

    if (!is_partial || entry->n_messages != entry->n_messages_seen)
        entry->partial_since_ms = 0;
    entry->n_messages_seen = entry->n_messages;
    if (is_partial && entry->partial_since_ms == 0)
        entry->partial_since_ms = now;
    return is_partial && now - entry->partial_since_ms >= pipes->options.message_timeout_ms;
}

/* True when replies have waited for too long for the peer to read those before them. That
 * is the kernel's to say: in a process that gets no time, they wait in vain as well. */
static bool is_unread(struct pipe_entry *entry, const struct qli_descriptor_state *state,
                      int64_t now)
{
    if (!state->is_full || state->acknowledged != entry->n_acknowledged)
        entry->full_since_ms = 0;
    entry->n_acknowledged = state->acknowledged;
    if (state->is_full && entry->full_since_ms == 0)
        entry->full_since_ms = now;
    return state->is_full && now - entry->full_since_ms >= UNREAD_MS;
}

/* What has no connection any more is forgotten: nng says so later, or never (reaper.h). */
static void entry_sweep(struct qli_pipes *pipes, struct pipe_entry *entry, int64_t now)
{
    struct qli_descriptor_state state;

    if (entry->fd < 0 || !qli_descriptor_look(entry->fd, &entry->peer, &state))
        pipe_drop(pipes, entry);
    else if (is_too_late(pipes, entry, state.received, now))
        pipe_cut(pipes, entry, "half_message");
    else if (is_unread(entry, &state, now))
        pipe_cut(pipes, entry, "unread_reply");
}

/* With the lock held. */
static void pipes_sweep(struct qli_pipes *pipes)
{
    int64_t now = ql_monotonic_ms();
    bool is_any_new = false;

    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
            is_any_new = is_any_new || entry->fd < 0;
    if (is_any_new && !qli_descriptors_visit(descriptor_found, pipes))
        return;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i], *next; entry != NULL; entry = next) {
            next = entry->chain;
            entry_sweep(pipes, entry, now);
        }
}

static void *sweep_main(void *argument)
{
    struct qli_pipes *pipes = argument;
    int64_t pause_ms = pipes->options.message_timeout_ms / SWEEPS_PER_TIMEOUT;

    if (pause_ms > SWEEP_MS_MAX)
        pause_ms = SWEEP_MS_MAX;
    pthread_mutex_lock(&pipes->lock);
    while (!pipes->is_stopping) {
        if (!ql_condition_wait(&pipes->stopping, &pipes->lock, ql_monotonic_ms() + pause_ms) &&
            pipes->options.is_plain_tcp)
            pipes_sweep(pipes);
    }
    pthread_mutex_unlock(&pipes->lock);
    return NULL;
}

static bool add_entries(struct qli_pipes *pipes)
{
    pipes->entries = calloc(pipes->options.max, sizeof(*pipes->entries));
    for (size_t i = 0; pipes->entries != NULL && i < pipes->options.max; i++) {
        pipes->entries[i].chain = pipes->free_entries;
        pipes->free_entries = &pipes->entries[i];
    }
    return pipes->entries != NULL;
}

struct qli_pipes *qli_pipes_start(nng_socket socket, const struct qli_pipes_options *options)
{
    struct qli_pipes *pipes = calloc(1, sizeof(*pipes));

    if (pipes == NULL)
        return NULL;
    pipes->options = *options;
    if (pipes->options.max == 0)
        pipes->options.max = QLI_PIPES_MAX;
    if (pipes->options.message_timeout_ms == 0)
        pipes->options.message_timeout_ms = QLI_MESSAGE_TIMEOUT_MS;
    pthread_mutex_init(&pipes->lock, NULL);
    ql_condition_init(&pipes->stopping);
    if (!add_entries(pipes) || pthread_create(&pipes->thread, NULL, sweep_main, pipes) != 0) {
        pthread_cond_destroy(&pipes->stopping);
        pthread_mutex_destroy(&pipes->lock);
        free(pipes->entries);
        free(pipes);
        return NULL;
    }
    (void)nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, on_pipe_added, pipes);
    (void)nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, on_pipe_removed, pipes);
    return pipes;
}

void qli_pipes_cut(struct qli_pipes *pipes, nng_pipe pipe)
{
    struct pipe_entry *entry;

    pthread_mutex_lock(&pipes->lock);
    entry = pipe_find(pipes, pipe);
    if (entry != NULL)
        pipe_cut(pipes, entry, "unread_reply");
    pthread_mutex_unlock(&pipes->lock);
}

void qli_pipes_stop(struct qli_pipes *pipes, bool is_socket_closed)
{
    if (pipes == NULL)
        return;
    pthread_mutex_lock(&pipes->lock);
    pipes->is_stopping = true;
    pthread_cond_signal(&pipes->stopping);
    pthread_mutex_unlock(&pipes->lock);
    pthread_join(pipes->thread, NULL);
    for (size_t i = 0; i < CHAINS; i++)
        while (pipes->chains[i] != NULL)
            pipe_drop(pipes, pipes->chains[i]);
    pipes->options.limits = NULL;
    if (!is_socket_closed)
        return; /* nng may still report pipes */
    pthread_cond_destroy(&pipes->stopping);
    pthread_mutex_destroy(&pipes->lock);
    free(pipes->entries);
    free(pipes);
}
