/* The list of addresses, and the thread that resolves its names. */
#include "platform/rpc/client/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"

enum { RESOLVE_EVERY_MS = 5000, RESOLVE_SOON_MS = 1000, HOST_MAX = 128, PORT_MAX = 8 };

/* An address as it was given; the endpoints of a name come and go. */
struct target {
    char *address;
    bool is_name;
};

struct qli_resolver {
    struct qli_balancer *balancer;
    struct target targets[QLI_ENDPOINTS_MAX];
    int n_targets;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of is_stopping */
    pthread_cond_t stopping;
    bool is_stopping;
};

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

/* Numbers, and addresses of every other scheme, go to nng as they are. */
static bool is_name(const char *address)
{
    char host[HOST_MAX], port[PORT_MAX];
    struct in_addr number;

    return tcp_split(address, host, port) && host[0] != '[' &&
           inet_pton(AF_INET, host, &number) != 1;
}

static bool target_add(struct qli_resolver *resolver, const char *address, size_t length)
{
    struct target *target = &resolver->targets[resolver->n_targets];

    if (resolver->n_targets == QLI_ENDPOINTS_MAX || length == 0 || length >= QLI_ADDRESS_MAX)
        return false;
    target->address = strndup(address, length);
    if (target->address == NULL)
        return false;
    target->is_name = is_name(target->address);
    resolver->n_targets++;
    return true;
}

static bool targets_read(struct qli_resolver *resolver, const char *addresses)
{
    const char *at = addresses;

    for (;;) {
        size_t length = strcspn(at, ",");

        if (!target_add(resolver, at, length))
            return false;
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

/* False when there was no answer. */
static bool target_resolve(struct qli_resolver *resolver, int index)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char addresses[QLI_ENDPOINTS_MAX][QLI_ADDRESS_MAX], host[HOST_MAX], port[PORT_MAX];
    struct addrinfo *answer = NULL;
    int n = 0, rv;

    if (!tcp_split(resolver->targets[index].address, host, port))
        return false;
    rv = getaddrinfo(host, port, &hints, &answer);
    if (rv != 0) {
        QL_LOG(QL_LOG_DEBUG, NULL, QL_TEXT("event", "name_not_resolved"), QL_TEXT("name", host),
               QL_TEXT("detail", gai_strerror(rv)));
        return false;
    }
    for (struct addrinfo *info = answer; info != NULL && n < QLI_ENDPOINTS_MAX;
         info = info->ai_next) {
        if (info->ai_family == AF_INET || info->ai_family == AF_INET6)
            n += address_print(info, port, addresses[n]) ? 1 : 0;
    }
    freeaddrinfo(answer);
    if (n > 0)
        qli_balancer_follow(resolver->balancer, index, (const char(*)[QLI_ADDRESS_MAX])addresses,
                            n);
    return n > 0;
}

static bool resolve_all(struct qli_resolver *resolver)
{
    bool is_complete = true;

    for (int i = 0; i < resolver->n_targets; i++) {
        if (resolver->targets[i].is_name)
            is_complete = target_resolve(resolver, i) && is_complete;
    }
    return is_complete;
}

/* False: the resolver stops. */
static bool wait_until(struct qli_resolver *resolver, int64_t until_ms)
{
    bool is_stopping;

    pthread_mutex_lock(&resolver->lock);
    while (!resolver->is_stopping &&
           ql_condition_wait(&resolver->stopping, &resolver->lock, until_ms))
        continue;
    is_stopping = resolver->is_stopping;
    pthread_mutex_unlock(&resolver->lock);
    return !is_stopping;
}

/* Waits until the next resolution is due. False: there is none. */
static bool wait_for_turn(struct qli_resolver *resolver, bool is_complete)
{
    int64_t began_ms = ql_monotonic_ms();

    for (int64_t waited_ms = RESOLVE_SOON_MS; waited_ms <= RESOLVE_EVERY_MS;
         waited_ms += RESOLVE_SOON_MS) {
        if (!wait_until(resolver, began_ms + waited_ms))
            return false;
        if (!is_complete || !qli_balancer_all_connected(resolver->balancer))
            return true;
    }
    return true;
}

static void *resolver_main(void *argument)
{
    struct qli_resolver *resolver = argument;

    while (wait_for_turn(resolver, resolve_all(resolver)))
        continue;
    return NULL;
}

static struct qli_resolver *resolver_new(struct qli_balancer *balancer)
{
    struct qli_resolver *resolver = calloc(1, sizeof(*resolver));

    if (resolver == NULL)
        return NULL;
    resolver->balancer = balancer;
    pthread_mutex_init(&resolver->lock, NULL);
    ql_condition_init(&resolver->stopping);
    return resolver;
}

static bool numbers_add(struct qli_resolver *resolver, bool *ret_has_name, char *error,
                        size_t error_size)
{
    for (int i = 0; i < resolver->n_targets; i++) {
        const struct target *target = &resolver->targets[i];
        int rv = target->is_name ? 0 : qli_balancer_add(resolver->balancer, i, target->address);

        *ret_has_name = *ret_has_name || target->is_name;
        if (rv == 0)
            continue;
        snprintf(error, error_size, "rpc channel: cannot dial %s: %s", target->address,
                 nng_strerror(rv));
        return false;
    }
    return true;
}

static bool addresses_start(struct qli_resolver *resolver, const char *addresses, char *error,
                            size_t error_size)
{
    bool has_name = false;

    if (!targets_read(resolver, addresses)) {
        snprintf(error, error_size,
                 "rpc channel: %s is no list of at most %d addresses tcp://host:port", addresses,
                 QLI_ENDPOINTS_MAX);
        return false;
    }
    if (!numbers_add(resolver, &has_name, error, error_size))
        return false;
    resolver->has_thread =
        has_name && pthread_create(&resolver->thread, NULL, resolver_main, resolver) == 0;
    if (has_name == resolver->has_thread)
        return true;
    snprintf(error, error_size, "rpc channel: no thread for the names");
    return false;
}

struct qli_resolver *qli_resolver_start(struct qli_balancer *balancer, const char *addresses,
                                        char *error, size_t error_size)
{
    struct qli_resolver *resolver = resolver_new(balancer);

    if (resolver == NULL) {
        snprintf(error, error_size, "rpc channel: no memory");
        return NULL;
    }
    if (addresses_start(resolver, addresses, error, error_size))
        return resolver;
    qli_resolver_free(resolver);
    return NULL;
}

void qli_resolver_free(struct qli_resolver *resolver)
{
    if (resolver == NULL)
        return;
    pthread_mutex_lock(&resolver->lock);
    resolver->is_stopping = true;
    pthread_cond_signal(&resolver->stopping);
    pthread_mutex_unlock(&resolver->lock);
    if (resolver->has_thread)
        pthread_join(resolver->thread, NULL);
    for (int i = 0; i < resolver->n_targets; i++)
        free(resolver->targets[i].address);
    pthread_cond_destroy(&resolver->stopping);
    pthread_mutex_destroy(&resolver->lock);
    free(resolver);
}
