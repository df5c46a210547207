/* The set of endpoints under its lock. A function whose name ends in _locked is called
 * with the lock held. */
#include "platform/rpc/client/balancer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/reaper.h"
#include "platform/rpc/telemetry.h"

enum { LOST_MS = 1000 }; /* within which nng dials again */

struct qli_balancer {
    char *service;
    int contexts_max; /* kept free for each endpoint */
    struct qli_ticker *ticker;
    struct qli_tick tick;
    atomic_bool has_open_socket; /* one that could not be closed */
    pthread_mutex_t lock;        /* guards all below, and what changes of an endpoint */
    struct qli_endpoint_set set;
    struct qli_waiter_list waiters;
};

static void balancer_tick(void *argument, int64_t now_ms);

struct qli_balancer *qli_balancer_new(const char *service, int contexts_max,
                                      struct qli_ticker *ticker)
{
    struct qli_balancer *balancer = calloc(1, sizeof(*balancer));

    if (balancer == NULL)
        return NULL;
    balancer->service = strdup(service);
    if (balancer->service == NULL) {
        free(balancer);
        return NULL;
    }
    balancer->contexts_max = contexts_max;
    pthread_mutex_init(&balancer->lock, NULL);
    balancer->ticker = ticker;
    balancer->tick = (struct qli_tick){.run = balancer_tick, .argument = balancer};
    qli_ticker_add(ticker, &balancer->tick);
    return balancer;
}

static void endpoint_close(struct qli_balancer *balancer, struct qli_endpoint *endpoint)
{
    if (!qli_endpoint_free(endpoint))
        atomic_store(&balancer->has_open_socket, true);
}

bool qli_balancer_free(struct qli_balancer *balancer)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    if (balancer == NULL)
        return true;
    while ((endpoint = qli_endpoint_set_next(&balancer->set, &at)) != NULL)
        endpoint_close(balancer, endpoint);
    if (atomic_load(&balancer->has_open_socket))
        return false;
    pthread_mutex_destroy(&balancer->lock);
    free(balancer->service);
    free(balancer);
    return true;
}

uint32_t qli_balancer_available(struct qli_balancer *balancer)
{
    uint32_t available;

    pthread_mutex_lock(&balancer->lock);
    available = qli_endpoint_set_available(&balancer->set);
    pthread_mutex_unlock(&balancer->lock);
    return available;
}

int qli_balancer_count(struct qli_balancer *balancer)
{
    int n;

    pthread_mutex_lock(&balancer->lock);
    n = qli_endpoint_set_count(&balancer->set);
    pthread_mutex_unlock(&balancer->lock);
    return n;
}

bool qli_balancer_all_connected(struct qli_balancer *balancer)
{
    struct qli_endpoint *endpoint;
    bool result = true;
    int at = 0;

    pthread_mutex_lock(&balancer->lock);
    while ((endpoint = qli_endpoint_set_next(&balancer->set, &at)) != NULL)
        result = result && qli_endpoint_is_connected(endpoint);
    pthread_mutex_unlock(&balancer->lock);
    return result;
}

/* A new connection leads to a new process, or to an old one that answers. */
static void on_endpoint_event(void *owner, struct qli_endpoint *endpoint, uint32_t pipe,
                              bool is_added)
{
    struct qli_balancer *balancer = owner;

    pthread_mutex_lock(&balancer->lock);
    if (is_added) {
        qli_endpoint_add_pipe(endpoint, pipe);
        endpoint->quiet_since_ms = ql_monotonic_ms();
        if (endpoint->state != QLI_ENDPOINT_LEAVING)
            endpoint->state = QLI_ENDPOINT_IN;
    } else {
        qli_endpoint_remove_pipe(endpoint, pipe);
    }
    pthread_mutex_unlock(&balancer->lock);
    qli_ticker_kick(balancer->ticker);
}

static bool endpoint_link(struct qli_balancer *balancer, struct qli_endpoint *endpoint)
{
    bool is_linked;

    pthread_mutex_lock(&balancer->lock);
    is_linked = qli_endpoint_set_add(&balancer->set, endpoint);
    pthread_mutex_unlock(&balancer->lock);
    return is_linked;
}

static void endpoint_unlink(struct qli_balancer *balancer, const struct qli_endpoint *endpoint)
{
    pthread_mutex_lock(&balancer->lock);
    qli_endpoint_set_remove(&balancer->set, endpoint);
    pthread_mutex_unlock(&balancer->lock);
}

int qli_balancer_add(struct qli_balancer *balancer, int target, const char *address)
{
    struct qli_endpoint *endpoint;
    int rv;

    rv = qli_endpoint_new(address, balancer->contexts_max, on_endpoint_event, balancer, &endpoint);
    if (rv != 0)
        return rv;
    endpoint->target = target;
    if (!endpoint_link(balancer, endpoint)) {
        endpoint_close(balancer, endpoint);
        return NNG_ENOSPC;
    }
    rv = qli_endpoint_dial(endpoint);
    if (rv != 0) {
        endpoint_unlink(balancer, endpoint);
        endpoint_close(balancer, endpoint);
    }
    return rv;
}

static bool has_address(struct qli_balancer *balancer, const char *address)
{
    bool found;

    pthread_mutex_lock(&balancer->lock);
    found = qli_endpoint_set_has(&balancer->set, address);
    pthread_mutex_unlock(&balancer->lock);
    return found;
}

void qli_balancer_follow(struct qli_balancer *balancer, int target,
                         const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    for (int i = 0; i < n_addresses; i++) {
        int rv = has_address(balancer, addresses[i])
                     ? 0
                     : qli_balancer_add(balancer, target, addresses[i]);

        if (rv != 0)
            QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "replica_refused"),
                   QL_TEXT("replica", addresses[i]), QL_TEXT("detail", nng_strerror(rv)));
    }
    pthread_mutex_lock(&balancer->lock);
    qli_endpoint_set_keep(&balancer->set, target, addresses, n_addresses);
    pthread_mutex_unlock(&balancer->lock);
    qli_ticker_kick(balancer->ticker);
}

bool qli_balancer_pick(struct qli_balancer *balancer, struct qli_lease *lease)
{
    struct qli_endpoint *endpoint;
    bool is_picked = false;

    pthread_mutex_lock(&balancer->lock);
    endpoint = qli_endpoint_set_pick(&balancer->set, lease->tried);
    if (endpoint != NULL)
        is_picked = qli_endpoint_lease(endpoint, lease);
    pthread_mutex_unlock(&balancer->lock);
    if (is_picked)
        ql_metric_add(&qli_rpc_metrics[QLI_REPLICA_CALLS], endpoint->label, lease->n_calls);
    return is_picked;
}

bool qli_balancer_pick_checked(struct qli_balancer *balancer, int index, uint64_t serial,
                               struct qli_lease *lease)
{
    struct qli_endpoint *endpoint;
    bool is_picked = false;

    pthread_mutex_lock(&balancer->lock);
    endpoint = balancer->set.endpoints[index];
    if (endpoint != NULL && endpoint->serial == serial && qli_endpoint_is_connected(endpoint))
        is_picked = qli_endpoint_lease(endpoint, lease);
    if (is_picked)
        endpoint->is_doubted = false;
    pthread_mutex_unlock(&balancer->lock);
    return is_picked;
}

static void eject_locked(struct qli_balancer *balancer, struct qli_endpoint *endpoint,
                         enum qli_endpoint_state state)
{
    bool was_in = endpoint->state == QLI_ENDPOINT_IN;

    if (endpoint->state == QLI_ENDPOINT_LEAVING || endpoint->state == state ||
        qli_endpoint_set_count(&balancer->set) < 2)
        return;
    endpoint->state = state;
    if (!was_in)
        return;
    ql_metric_add(&qli_rpc_metrics[QLI_EJECTED], NULL, 1);
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "replica_out"),
           QL_TEXT("service", balancer->service), QL_TEXT("replica", endpoint->label),
           QL_TEXT("reason", state == QLI_ENDPOINT_HUNG ? "hung" : "closed"));
}

void qli_balancer_release(struct qli_balancer *balancer, struct qli_lease *lease,
                          const struct qli_signs *signs)
{
    struct qli_endpoint *endpoint = lease->endpoint;
    bool is_in_trouble = signs->is_doubted || signs->is_reset, has_left;

    pthread_mutex_lock(&balancer->lock);
    if (signs->has_answered)
        endpoint->quiet_since_ms = ql_monotonic_ms();
    if (signs->turns_away)
        eject_locked(balancer, endpoint, QLI_ENDPOINT_CLOSED);
    if (is_in_trouble)
        endpoint->is_doubted = true;
    if (signs->is_reset && qli_reaper_is_stuck())
        endpoint->is_unreachable = true;
    qli_endpoint_release(lease);
    has_left = endpoint->state == QLI_ENDPOINT_LEAVING && endpoint->leases == NULL;
    pthread_mutex_unlock(&balancer->lock);
    /* A loss looks like this that nng does not report, since something else, as a pipe of
     * this process's server, has stuck its reaper. */
    if (is_in_trouble)
        qli_reaper_probe();
    if (has_left || is_in_trouble)
        qli_ticker_kick(balancer->ticker);
}

void qli_balancer_eject(struct qli_balancer *balancer, struct qli_endpoint *endpoint,
                        enum qli_endpoint_state state)
{
    pthread_mutex_lock(&balancer->lock);
    /* The loss of its connection is not reported, perhaps. */
    endpoint->is_unreachable = state == QLI_ENDPOINT_HUNG && qli_reaper_is_stuck();
    eject_locked(balancer, endpoint, state);
    pthread_mutex_unlock(&balancer->lock);
    qli_ticker_kick(balancer->ticker);
}

void qli_balancer_readmit(struct qli_balancer *balancer, struct qli_endpoint *endpoint)
{
    pthread_mutex_lock(&balancer->lock);
    endpoint->quiet_since_ms = ql_monotonic_ms();
    if (endpoint->state == QLI_ENDPOINT_CLOSED || endpoint->state == QLI_ENDPOINT_HUNG) {
        endpoint->state = QLI_ENDPOINT_IN;
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "replica_in"),
               QL_TEXT("service", balancer->service), QL_TEXT("replica", endpoint->label));
    }
    pthread_mutex_unlock(&balancer->lock);
    qli_ticker_kick(balancer->ticker);
}

void qli_balancer_view(struct qli_balancer *balancer,
                       struct qli_endpoint_view ret_views[QLI_ENDPOINTS_MAX])
{
    pthread_mutex_lock(&balancer->lock);
    qli_endpoint_set_view(&balancer->set, ret_views);
    pthread_mutex_unlock(&balancer->lock);
}

/* An endpoint that became available between the caller's pick and now causes no tick
 * any more: the timer is cancelled at once then. */
void qli_balancer_add_waiter(struct qli_balancer *balancer, struct qli_waiter *waiter)
{
    pthread_mutex_lock(&balancer->lock);
    qli_waiter_list_add(&balancer->waiters, waiter);
    if (qli_endpoint_set_available(&balancer->set) != 0)
        nng_aio_cancel(waiter->timer);
    pthread_mutex_unlock(&balancer->lock);
}

void qli_balancer_remove_waiter(struct qli_balancer *balancer, struct qli_waiter *waiter)
{
    pthread_mutex_lock(&balancer->lock);
    qli_waiter_list_remove(&balancer->waiters, waiter);
    pthread_mutex_unlock(&balancer->lock);
}

/* nng connects nothing anew while its reaper is stuck: another socket does. What is left of
 * the old one stays until the process ends. Only this thread takes endpoints away. */
static void unreachable_replace(struct qli_balancer *balancer, int64_t now_ms)
{
    struct qli_endpoint *endpoint;

    pthread_mutex_lock(&balancer->lock);
    endpoint = qli_endpoint_set_unreachable(&balancer->set, now_ms - LOST_MS);
    pthread_mutex_unlock(&balancer->lock);
    if (endpoint == NULL)
        return;
    qli_reaper_probe();
    if (!qli_reaper_is_stuck() ||
        qli_balancer_add(balancer, endpoint->target, endpoint->address) != 0)
        return;
    atomic_store(&balancer->has_open_socket, true);
    pthread_mutex_lock(&balancer->lock);
    qli_endpoint_set_remove(&balancer->set, endpoint);
    pthread_mutex_unlock(&balancer->lock);
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "replica_replaced"),
           QL_TEXT("service", balancer->service), QL_TEXT("replica", endpoint->label));
}

/* Time matters only where there is an endpoint to change to, or one to replace. */
static void balancer_tick(void *argument, int64_t now_ms)
{
    struct qli_balancer *balancer = argument;
    struct qli_endpoint *left;
    uint32_t available;

    unreachable_replace(balancer, now_ms);
    pthread_mutex_lock(&balancer->lock);
    balancer->tick.is_periodic = qli_endpoint_set_count(&balancer->set) > 1 ||
                                 qli_endpoint_set_unreachable(&balancer->set, now_ms) != NULL ||
                                 qli_reaper_is_probed();
    available = qli_endpoint_set_available(&balancer->set);
    qli_endpoint_set_give_up(&balancer->set, available);
    if (available != 0)
        qli_waiter_list_wake(&balancer->waiters);
    left = qli_endpoint_set_take_left(&balancer->set);
    pthread_mutex_unlock(&balancer->lock);
    if (left == NULL)
        return;
    endpoint_close(balancer, left);
    qli_ticker_kick(balancer->ticker); /* there may be another */
}
