/* An endpoint: one process that serves the channel's service, with a REQ socket of
 * its own, on which resending is off.
 *
 * Nothing here locks. What changes while calls are under way is guarded by the lock
 * of the balancer that has the endpoint. */
#ifndef QL_RPC_CLIENT_ENDPOINT_H
#define QL_RPC_CLIENT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <nng/nng.h>

#include "platform/base/attributes.h"

enum { QLI_ENDPOINTS_MAX = 32, QLI_ADDRESS_MAX = 160 };

enum qli_endpoint_state {
    QLI_ENDPOINT_IN = 0,  /* it takes calls, when it is connected */
    QLI_ENDPOINT_CLOSED,  /* it turns calls away: draining, or without its database */
    QLI_ENDPOINT_HUNG,    /* it is connected, but nothing comes back */
    QLI_ENDPOINT_LEAVING, /* its address is gone; it is closed when its calls have ended */
};

struct qli_endpoint;

/* An endpoint and one of its contexts, taken for one exchange. */
struct qli_lease {
    struct qli_endpoint *endpoint; /* NULL: none is taken */
    struct qli_lease *next, *previous;
    nng_ctx context;
    bool has_context; /* false: it was closed, and does not go back */
    nng_aio *receive; /* cancelled when the exchange is to be given up */
    int n_calls;      /* how many calls it carries; 0: a health check */
    bool is_safe;     /* its calls may be repeated elsewhere, though they were sent */
    uint32_t tried;   /* a bit for each endpoint that its calls were sent to */
};

/* Called on nng's thread when the endpoint got a connection (a pipe) or lost one. */
typedef void qli_endpoint_event(void *owner, struct qli_endpoint *endpoint, uint32_t pipe,
                                bool is_added);

struct qli_endpoint {
    char address[QLI_ADDRESS_MAX];
    const char *label; /* the address without its scheme */
    int target;        /* the listed address that it came from */
    int index;         /* in the balancer, and its bit in a lease's tried */
    uint64_t serial;   /* unlike every other endpoint's of the balancer */
    nng_socket socket;
    nng_ctx *contexts; /* those that are free */
    int n_contexts, contexts_max;
    qli_endpoint_event *on_event;
    void *owner; /* of the event */
    enum qli_endpoint_state state;
    uint32_t pipe;            /* the connection; 0: none */
    uint32_t removed_pipe;    /* the one that was lost last */
    int64_t lost_ms;          /* when that was; 0: none was lost since the last came */
    bool is_unreachable;      /* nng will not connect it again, or has not noticed its loss */
    int n_calls;              /* outstanding, without health checks */
    int64_t quiet_since_ms;   /* the last answer, or the first call after none */
    bool is_doubted;          /* an answer, or none in time, asks for a health check */
    struct qli_lease *leases; /* every exchange under way on it */
};

/* Makes an endpoint with its socket, which does not dial yet. At most contexts_max
 * free contexts are kept. 0 or nng's error. */
int qli_endpoint_new(const char *address, int contexts_max, qli_endpoint_event *on_event,
                     void *owner, struct qli_endpoint **ret_endpoint) QL_MUST_CHECK;

/* Dials in the background, and again whenever the connection is lost. 0 or nng's
 * error. */
int qli_endpoint_dial(struct qli_endpoint *endpoint) QL_MUST_CHECK;

/* Closes the socket and releases the endpoint; nothing may be under way on it. False
 * when the socket could not be closed in time: then nng may still report events of
 * it, and endpoint and owner must stay until the process ends. Threads: any but
 * nng's. */
bool qli_endpoint_free(struct qli_endpoint *endpoint);

bool qli_endpoint_is_connected(const struct qli_endpoint *endpoint);

/* Notes a pipe that nng added or removed. The two events of one pipe may come in any
 * order, and of one that was refused only the second. */
void qli_endpoint_add_pipe(struct qli_endpoint *endpoint, uint32_t pipe);
void qli_endpoint_remove_pipe(struct qli_endpoint *endpoint, uint32_t pipe);

/* Takes the endpoint, with a context of its own, for a lease whose n_calls, is_safe, tried
 * and receive are set. False without memory. */
bool qli_endpoint_lease(struct qli_endpoint *endpoint, struct qli_lease *lease) QL_MUST_CHECK;
void qli_endpoint_release(struct qli_lease *lease);

#endif
