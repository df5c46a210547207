/* Names of replicas. A name may have many addresses, each one a replica, and
 * they change while we run: it is asked for every few seconds, and sooner while
 * something is not connected. An answer that fails changes nothing. */
#include "platform/rpc/client/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/client/channel_inside.h"

enum { ASK_EVERY_MS = 5000, ASK_SOON_MS = 1000, HOST_MAX = 128, PORT_MAX = 8 };

static const char tcp_scheme[] = "tcp://";

/* The host and port of "tcp://host:port"; false for anything else. */
static bool tcp_split(const char *address, char ret_host[HOST_MAX], char ret_port[PORT_MAX])
{
    const char *host = address + sizeof(tcp_scheme) - 1, *colon = strrchr(address, ':');

    if (strncmp(address, tcp_scheme, sizeof(tcp_scheme) - 1) != 0 || colon <= host ||
        (size_t)(colon - host) >= HOST_MAX || strlen(colon + 1) >= PORT_MAX)
        return false;
    snprintf(ret_host, HOST_MAX, "%.*s", (int)(colon - host), host);
    snprintf(ret_port, PORT_MAX, "%s", colon + 1);
    return true;
}

/* nng takes numbers, and every other scheme, as they are. */
static bool is_name(const char *address)
{
    char host[HOST_MAX], port[PORT_MAX];
    struct in_addr number;

    return tcp_split(address, host, port) && host[0] != '[' &&
           inet_pton(AF_INET, host, &number) != 1;
}

static bool target_add(struct ql_rpc_channel *channel, const char *address, size_t length)
{
    struct qli_target *target = &channel->targets[channel->n_targets];

    if (channel->n_targets == QLI_REPLICAS_MAX || length == 0 || length >= QLI_ADDRESS_MAX)
        return false;
    target->address = strndup(address, length);
    if (target->address == NULL)
        return false;
    target->is_name = is_name(target->address);
    channel->n_targets++;
    return true;
}

bool qli_targets_read(struct ql_rpc_channel *channel, const char *addresses, char *error,
                      size_t error_size)
{
    const char *at = addresses;

    for (;;) {
        size_t length = strcspn(at, ",");

        if (!target_add(channel, at, length)) {
            snprintf(error, error_size,
                     "rpc channel: %s is no list of at most %d addresses tcp://host:port",
                     addresses, QLI_REPLICAS_MAX);
            return false;
        }
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

static bool address_print(const struct addrinfo *info, const char *port,
                          char ret_address[QLI_ADDRESS_MAX])
{
    char number[INET6_ADDRSTRLEN];
    const void *bytes = info->ai_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)info->ai_addr)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)info->ai_addr)->sin_addr;

    if (inet_ntop(info->ai_family, bytes, number, sizeof(number)) == NULL)
        return false;
    snprintf(ret_address, QLI_ADDRESS_MAX,
             info->ai_family == AF_INET6 ? "tcp://[%s]:%s" : "tcp://%s:%s", number, port);
    return true;
}

/* Asks for one name. False when there was no answer. */
static bool target_resolve(struct ql_rpc_channel *channel, int index)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char addresses[QLI_REPLICAS_MAX][QLI_ADDRESS_MAX], host[HOST_MAX], port[PORT_MAX];
    struct addrinfo *answer = NULL;
    int n = 0, rv;

    if (!tcp_split(channel->targets[index].address, host, port))
        return false;
    rv = getaddrinfo(host, port, &hints, &answer);
    if (rv != 0) {
        QL_LOG(QL_LOG_DEBUG, NULL, QL_TEXT("event", "name_not_resolved"), QL_TEXT("name", host),
               QL_TEXT("detail", gai_strerror(rv)));
        return false;
    }
    for (struct addrinfo *info = answer; info != NULL && n < QLI_REPLICAS_MAX;
         info = info->ai_next) {
        if (info->ai_family == AF_INET || info->ai_family == AF_INET6)
            n += address_print(info, port, addresses[n]) ? 1 : 0;
    }
    freeaddrinfo(answer);
    if (n > 0)
        qli_replicas_follow(channel, index, (const char(*)[QLI_ADDRESS_MAX])addresses, n);
    return n > 0;
}

static bool resolve_all(struct ql_rpc_channel *channel)
{
    bool is_complete = true;

    for (int i = 0; i < channel->n_targets; i++) {
        if (channel->targets[i].is_name)
            is_complete = target_resolve(channel, i) && is_complete;
    }
    return is_complete;
}

/* Under the lock. */
static bool all_connected(const struct ql_rpc_channel *channel)
{
    for (int i = 0; i < QLI_REPLICAS_MAX; i++) {
        if (channel->replicas[i] != NULL && !qli_replica_is_connected(channel->replicas[i]))
            return false;
    }
    return true;
}

/* Waits until the next question is due; false: no more questions. */
static bool wait_for_turn(struct ql_rpc_channel *channel, bool is_complete)
{
    int64_t began_ms = ql_monotonic_ms(), now_ms = began_ms;
    bool goes_on;

    pthread_mutex_lock(&channel->lock);
    while (!channel->is_closing) {
        int64_t wait_ms = is_complete && all_connected(channel) ? ASK_EVERY_MS : ASK_SOON_MS;
        int64_t until_ms = began_ms + wait_ms;
        struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                                 .tv_nsec = (long)(until_ms % 1000) * 1000000};

        if (now_ms >= until_ms)
            break;
        pthread_cond_timedwait(&channel->changed, &channel->lock, &until);
        now_ms = ql_monotonic_ms();
    }
    goes_on = !channel->is_closing;
    pthread_mutex_unlock(&channel->lock);
    return goes_on;
}

void *qli_resolver_main(void *argument)
{
    struct ql_rpc_channel *channel = argument;

    while (wait_for_turn(channel, resolve_all(channel)))
        continue;
    return NULL;
}
