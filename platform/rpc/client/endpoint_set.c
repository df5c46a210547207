/* The list of endpoints and the choice among them. */
#include "platform/rpc/client/endpoint_set.h"

#include <string.h>

struct qli_endpoint *qli_endpoint_set_next(const struct qli_endpoint_set *set, int *at)
{
    while (*at < QLI_ENDPOINTS_MAX) {
        struct qli_endpoint *endpoint = set->endpoints[(*at)++];

        if (endpoint != NULL)
            return endpoint;
    }
    return NULL;
}

bool qli_endpoint_set_add(struct qli_endpoint_set *set, struct qli_endpoint *endpoint)
{
    for (int i = 0; i < QLI_ENDPOINTS_MAX; i++) {
        if (set->endpoints[i] != NULL)
            continue;
        endpoint->index = i;
        endpoint->serial = ++set->last_serial;
        set->endpoints[i] = endpoint;
        return true;
    }
    return false;
}

int qli_endpoint_set_count(const struct qli_endpoint_set *set)
{
    struct qli_endpoint *endpoint;
    int n = 0, at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL)
        n += endpoint->state != QLI_ENDPOINT_LEAVING;
    return n;
}

uint32_t qli_endpoint_set_available(const struct qli_endpoint_set *set)
{
    struct qli_endpoint *endpoint;
    uint32_t available = 0;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        if (endpoint->state == QLI_ENDPOINT_IN && qli_endpoint_is_connected(endpoint))
            available |= UINT32_C(1) << endpoint->index;
    }
    return available;
}

/* Lower is better. */
static int preference_of(const struct qli_endpoint *endpoint, uint32_t tried)
{
    switch (endpoint->state) {
    case QLI_ENDPOINT_IN:
        return (tried >> endpoint->index & 1) == 0 ? 0 : 1;
    case QLI_ENDPOINT_CLOSED:
        return 2;
    case QLI_ENDPOINT_HUNG:
        return 3;
    case QLI_ENDPOINT_LEAVING:
        break;
    }
    return 4;
}

struct qli_endpoint *qli_endpoint_set_pick(struct qli_endpoint_set *set, uint32_t tried)
{
    struct qli_endpoint *best = NULL;

    for (int i = 0; i < QLI_ENDPOINTS_MAX; i++) {
        struct qli_endpoint *endpoint = set->endpoints[(set->next_turn + i) % QLI_ENDPOINTS_MAX];
        int difference;

        if (endpoint == NULL || !qli_endpoint_is_connected(endpoint))
            continue;
        difference =
            best == NULL ? -1 : preference_of(endpoint, tried) - preference_of(best, tried);
        if (difference < 0 || (difference == 0 && endpoint->n_calls < best->n_calls))
            best = endpoint;
    }
    if (best != NULL)
        set->next_turn = best->index + 1;
    return best;
}

bool qli_endpoint_set_has(const struct qli_endpoint_set *set, const char *address)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        if (strcmp(endpoint->address, address) == 0)
            return true;
    }
    return false;
}

static bool is_among(const char *address, const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    for (int i = 0; i < n_addresses; i++) {
        if (strcmp(addresses[i], address) == 0)
            return true;
    }
    return false;
}

void qli_endpoint_set_keep(struct qli_endpoint_set *set, int target,
                           const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        if (endpoint->target != target)
            continue;
        if (!is_among(endpoint->address, addresses, n_addresses))
            endpoint->state = QLI_ENDPOINT_LEAVING;
        else if (endpoint->state == QLI_ENDPOINT_LEAVING)
            endpoint->state = QLI_ENDPOINT_IN;
    }
}

void qli_endpoint_set_view(const struct qli_endpoint_set *set,
                           struct qli_endpoint_view ret_views[QLI_ENDPOINTS_MAX])
{
    struct qli_endpoint *endpoint;
    int at = 0;

    memset(ret_views, 0, QLI_ENDPOINTS_MAX * sizeof(*ret_views));
    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL)
        ret_views[endpoint->index] =
            (struct qli_endpoint_view){.serial = endpoint->serial,
                                       .state = endpoint->state,
                                       .is_connected = qli_endpoint_is_connected(endpoint),
                                       .is_doubted = endpoint->is_doubted,
                                       .n_calls = endpoint->n_calls,
                                       .quiet_since_ms = endpoint->quiet_since_ms};
}

/* An exchange that is still under way without a connection was never sent: nng ends
 * those that were. One on an endpoint that hangs is given up when its calls can be
 * made elsewhere. */
static bool should_give_up(const struct qli_endpoint *endpoint, const struct qli_lease *lease,
                           uint32_t available)
{
    if (!qli_endpoint_is_connected(endpoint))
        return true;
    return endpoint->state == QLI_ENDPOINT_HUNG && lease->is_safe &&
           (available & ~lease->tried) != 0;
}

void qli_endpoint_set_give_up(const struct qli_endpoint_set *set, uint32_t available)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        for (struct qli_lease *lease = endpoint->leases; lease != NULL; lease = lease->next) {
            if (should_give_up(endpoint, lease, available))
                nng_aio_cancel(lease->receive);
        }
    }
}

struct qli_endpoint *qli_endpoint_set_unreachable(const struct qli_endpoint_set *set,
                                                  int64_t before_ms)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        bool is_lost = endpoint->lost_ms != 0 && endpoint->lost_ms <= before_ms;

        if (endpoint->state != QLI_ENDPOINT_LEAVING && (is_lost || endpoint->is_unreachable))
            return endpoint;
    }
    return NULL;
}

void qli_endpoint_set_remove(struct qli_endpoint_set *set, const struct qli_endpoint *endpoint)
{
    for (const struct qli_lease *lease = endpoint->leases; lease != NULL; lease = lease->next)
        nng_aio_cancel(lease->receive);
    set->endpoints[endpoint->index] = NULL;
}

struct qli_endpoint *qli_endpoint_set_take_left(struct qli_endpoint_set *set)
{
    struct qli_endpoint *endpoint;
    int at = 0;

    while ((endpoint = qli_endpoint_set_next(set, &at)) != NULL) {
        if (endpoint->state == QLI_ENDPOINT_LEAVING && endpoint->leases == NULL) {
            qli_endpoint_set_remove(set, endpoint);
            return endpoint;
        }
    }
    return NULL;
}
