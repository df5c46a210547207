/* A table of pipes by id, filled by nng's notices, and the thread that compares what
 * each has received with what came of it. */
#include "platform/rpc/server/pipes.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/telemetry.h"

enum {
    CHAINS = 256,
    SWEEPS_PER_TIMEOUT = 4,
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

static struct pipe_entry *find(struct qli_pipes *pipes, nng_pipe pipe)
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
static void drop(struct qli_pipes *pipes, struct pipe_entry *entry)
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

/* True when the descriptor is a connection with that peer. */
static bool is_of_peer(int fd, const nng_sockaddr *peer)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&address;

    if (getpeername(fd, (struct sockaddr *)(void *)&address, &length) != 0)
        return false;
    if (peer->s_family == NNG_AF_INET)
        return address.ss_family == AF_INET && in->sin_port == peer->s_in.sa_port &&
               in->sin_addr.s_addr == peer->s_in.sa_addr;
    return peer->s_family == NNG_AF_INET6 && address.ss_family == AF_INET6 &&
           in6->sin6_port == peer->s_in6.sa_port &&
           memcmp(&in6->sin6_addr, peer->s_in6.sa_addr, sizeof(in6->sin6_addr)) == 0;
}

/* nng does not tell a pipe's descriptor: it is the one with the pipe's peer. */
static void find_descriptors(struct qli_pipes *pipes)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *found;

    if (folder == NULL)
        return;
    while ((found = readdir(folder)) != NULL) {
        int fd = (int)strtol(found->d_name, NULL, 10);

        for (size_t i = 0; fd > 2 && i < CHAINS; i++)
            for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
                if (entry->fd < 0 && is_of_peer(fd, &entry->peer))
                    entry->fd = fd;
    }
    closedir(folder);
}

/* Cuts a connection off as if its peer had gone. nng_pipe_close would not do: closed
 * between the header and the body of a message, a pipe of nng 1.5.2 is never reaped,
 * nor is any that is closed after it. With the lock held. */
static void cut(struct qli_pipes *pipes, struct pipe_entry *entry, const char *why)
{
    if (entry->fd < 0)
        find_descriptors(pipes);
    if (entry->fd >= 0 && is_of_peer(entry->fd, &entry->peer))
        (void)shutdown(entry->fd, SHUT_RDWR);
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
    cut(pipes, silent, "full"); /* NOLINT(clang-analyzer-core.NullDereference): it is full */
    drop(pipes, silent);
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
    entry = find(pipes, pipe);
    if (entry != NULL)
        drop(pipes, entry);
    pthread_mutex_unlock(&pipes->lock);
}

void qli_pipes_note_message(struct qli_pipes *pipes, nng_pipe pipe, size_t length,
                            char ret_address[QL_NETWORK_SIZE])
{
    struct pipe_entry *entry;

    snprintf(ret_address, QL_NETWORK_SIZE, "unknown");
    pthread_mutex_lock(&pipes->lock);
    entry = find(pipes, pipe);
    if (entry != NULL) {
        entry->n_messages++;
        entry->n_bytes += length + FRAME_BYTES;
        entry->spoke_ms = ql_monotonic_ms();
        memcpy(ret_address, entry->address, QL_NETWORK_SIZE);
    }
    pthread_mutex_unlock(&pipes->lock);
}

/* The bytes that the kernel has received of it; 0 when it is not known. */
static uint64_t bytes_received(struct pipe_entry *entry)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);

    if (entry->fd < 0)
        return 0;
    if (!is_of_peer(entry->fd, &entry->peer)) {
        entry->fd = -1; /* it is another's by now */
        return 0;
    }
    if (getsockopt(entry->fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

/* True when a message has begun and been under way for too long. */
static bool is_too_late(struct qli_pipes *pipes, struct pipe_entry *entry, int64_t now)
{
    bool is_partial = bytes_received(entry) > HANDSHAKE_BYTES + entry->n_bytes;

    if (!is_partial || entry->n_messages != entry->n_messages_seen)
        entry->partial_since_ms = 0;
    entry->n_messages_seen = entry->n_messages;
    if (is_partial && entry->partial_since_ms == 0)
        entry->partial_since_ms = now;
    return is_partial && now - entry->partial_since_ms >= pipes->options.message_timeout_ms;
}

/* With the lock held. */
static void sweep(struct qli_pipes *pipes)
{
    int64_t now = ql_monotonic_ms();
    bool is_any_new = false;

    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
            is_any_new = is_any_new || entry->fd < 0;
    if (is_any_new)
        find_descriptors(pipes);
    for (size_t i = 0; i < CHAINS; i++)
        for (struct pipe_entry *entry = pipes->chains[i]; entry != NULL; entry = entry->chain)
            if (is_too_late(pipes, entry, now))
                cut(pipes, entry, "half_message");
}

static void *sweep_main(void *argument)
{
    struct qli_pipes *pipes = argument;
    int64_t pause_ms = pipes->options.message_timeout_ms / SWEEPS_PER_TIMEOUT, next_ms;

    pthread_mutex_lock(&pipes->lock);
    while (!pipes->is_stopping) {
        struct timespec next;

        next_ms = ql_monotonic_ms() + pause_ms;
        next = (struct timespec){.tv_sec = next_ms / 1000, .tv_nsec = next_ms % 1000 * 1000000};
        if (pthread_cond_timedwait(&pipes->stopping, &pipes->lock, &next) == ETIMEDOUT &&
            pipes->options.is_plain_tcp)
            sweep(pipes);
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
    pthread_condattr_t monotonic;

    if (pipes == NULL)
        return NULL;
    pipes->options = *options;
    if (pipes->options.max == 0)
        pipes->options.max = QLI_PIPES_MAX;
    if (pipes->options.message_timeout_ms == 0)
        pipes->options.message_timeout_ms = QLI_MESSAGE_TIMEOUT_MS;
    pthread_mutex_init(&pipes->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pipes->stopping, &monotonic);
    pthread_condattr_destroy(&monotonic);
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
    entry = find(pipes, pipe);
    if (entry != NULL)
        cut(pipes, entry, "unread_reply");
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
            drop(pipes, pipes->chains[i]);
    pipes->options.limits = NULL;
    if (!is_socket_closed)
        return; /* nng may still tell of pipes */
    pthread_cond_destroy(&pipes->stopping);
    pthread_mutex_destroy(&pipes->lock);
    free(pipes->entries);
    free(pipes);
}
