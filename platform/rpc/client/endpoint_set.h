/* The endpoints of a channel as a list with gaps, and the choice among them.
 *
 * Nothing here locks; the balancer's lock guards it. */
#ifndef QL_RPC_CLIENT_ENDPOINT_SET_H
#define QL_RPC_CLIENT_ENDPOINT_SET_H

#include "platform/rpc/client/endpoint.h"

/* What a health check needs to know of an endpoint. */
struct qli_endpoint_view {
    uint64_t serial; /* 0: there is none with this index */
    enum qli_endpoint_state state;
    bool is_connected, is_doubted;
    int n_calls;
    int64_t quiet_since_ms;
};

struct qli_endpoint_set {
    struct qli_endpoint *endpoints[QLI_ENDPOINTS_MAX]; /* with gaps */
    uint64_t last_serial;
    int next_turn; /* where the next choice begins, so that equals take turns */
};

/* The endpoint at index *at or after it; *at moves on behind it. NULL: there are no
 * more. Begin with *at = 0. */
struct qli_endpoint *qli_endpoint_set_next(const struct qli_endpoint_set *set, int *at);

/* Gives the endpoint a free index and a serial. False: the set is full. */
bool qli_endpoint_set_add(struct qli_endpoint_set *set, struct qli_endpoint *endpoint);

/* How many there are, without those leaving. */
int qli_endpoint_set_count(const struct qli_endpoint_set *set);

/* A bit for each endpoint that is connected and IN, by its index. */
uint32_t qli_endpoint_set_available(const struct qli_endpoint_set *set);

/* The best connected endpoint: IN before out, untried before tried, then the one with
 * the fewest calls; equals take turns. NULL: none is connected. */
struct qli_endpoint *qli_endpoint_set_pick(struct qli_endpoint_set *set, uint32_t tried);

/* True when an endpoint of this address is in the set. */
bool qli_endpoint_set_has(const struct qli_endpoint_set *set, const char *address);

/* Of a target, those endpoints stay whose addresses are named; the others leave. One
 * that was leaving and is named again stays, too. */
void qli_endpoint_set_keep(struct qli_endpoint_set *set, int target,
                           const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses);

/* All endpoints by index. */
void qli_endpoint_set_view(const struct qli_endpoint_set *set,
                           struct qli_endpoint_view ret_views[QLI_ENDPOINTS_MAX]);

/* Gives up the exchanges that nothing will come of, or that are better made elsewhere,
 * on one of those available. */
void qli_endpoint_set_give_up(const struct qli_endpoint_set *set, uint32_t available);

/* One that nng does not connect, or that lost its connection at before_ms or earlier; NULL:
 * there is none. */
struct qli_endpoint *qli_endpoint_set_unreachable(const struct qli_endpoint_set *set,
                                                  int64_t before_ms);

/* Takes the endpoint out of the set; what is under way on it is given up. */
void qli_endpoint_set_remove(struct qli_endpoint_set *set, const struct qli_endpoint *endpoint);

/* Removes an endpoint that leaves and has no exchange under way. NULL: there is none. */
struct qli_endpoint *qli_endpoint_set_take_left(struct qli_endpoint_set *set);

#endif
