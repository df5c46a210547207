/* The endpoints of a channel: which of them an exchange uses, and what exchanges show
 * about them.
 *
 * An endpoint that is connected and IN is available. What its exchanges show takes it
 * out: it turns calls away (CLOSED), or it leaves a health check unanswered (HUNG). A
 * health check that passes, or a new connection, brings it back. The only endpoint is
 * never taken out: there is no other.
 *
 * The balancer's tick gives up exchanges on endpoints that are out, wakes what waits
 * for an endpoint, replaces endpoints that nng no longer connects (platform/rpc/reaper.h),
 * and closes endpoints whose address is gone. The lock is
 * balancer.c's alone; nothing that is called with it blocks or calls back. */
#ifndef QL_RPC_CLIENT_BALANCER_H
#define QL_RPC_CLIENT_BALANCER_H

#include "platform/rpc/client/endpoint_set.h"
#include "platform/rpc/client/ticker.h"
#include "platform/rpc/client/waiter_list.h"

struct qli_balancer;

/* What an exchange showed about its endpoint. */
struct qli_signs {
    bool has_answered;
    bool turns_away; /* it takes no calls */
    bool is_doubted; /* it is unavailable in part, or too slow */
    bool is_reset;   /* it lost its connection */
};

/* A balancer without endpoints, which adds its tick to the ticker; service names it in
 * the log. NULL without memory. */
struct qli_balancer *qli_balancer_new(const char *service, int contexts_max,
                                      struct qli_ticker *ticker);

/* Closes all endpoints, on which no exchange may be under way, after the ticker's
 * stop. False when a socket could not be closed in time, of which nng may report
 * events until the process ends: the ticker must stay, too. NULL is fine. */
bool qli_balancer_free(struct qli_balancer *balancer);

/* Adds the endpoint of an address and dials. 0 or nng's error. */
int qli_balancer_add(struct qli_balancer *balancer, int target, const char *address) QL_MUST_CHECK;

/* Lets the endpoints of a target be those of the addresses: adds what is new and lets
 * go what is gone. */
void qli_balancer_follow(struct qli_balancer *balancer, int target,
                         const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses);

int qli_balancer_count(struct qli_balancer *balancer); /* without those leaving */
bool qli_balancer_all_connected(struct qli_balancer *balancer);

/* A bit for each endpoint that is available, by its index. */
uint32_t qli_balancer_available(struct qli_balancer *balancer);

/* Takes the best connected endpoint for the lease, whose n_calls, is_safe, tried and
 * receive are the caller's to set; tried gains the endpoint's bit. False: none is
 * connected, or no memory. Any thread. */
bool qli_balancer_pick(struct qli_balancer *balancer, struct qli_lease *lease) QL_MUST_CHECK;

/* The same with this endpoint, for a health check, which ends its doubt. False: it is
 * gone or not connected, or no memory. */
bool qli_balancer_pick_checked(struct qli_balancer *balancer, int index, uint64_t serial,
                               struct qli_lease *lease) QL_MUST_CHECK;

/* Ends a lease; what the exchange showed is taken into account. */
void qli_balancer_release(struct qli_balancer *balancer, struct qli_lease *lease,
                          const struct qli_signs *signs);

/* Lists a waiter, whose timer runs already, until it is removed; the timer is
 * cancelled as soon as an endpoint is available. */
void qli_balancer_add_waiter(struct qli_balancer *balancer, struct qli_waiter *waiter);
void qli_balancer_remove_waiter(struct qli_balancer *balancer, struct qli_waiter *waiter);

/* All endpoints by index. */
void qli_balancer_view(struct qli_balancer *balancer,
                       struct qli_endpoint_view ret_views[QLI_ENDPOINTS_MAX]);

/* The verdict of a health check, while it holds its lease: takes the endpoint out,
 * unless it is the only one, or brings it back. */
void qli_balancer_eject(struct qli_balancer *balancer, struct qli_endpoint *endpoint,
                        enum qli_endpoint_state state);
void qli_balancer_readmit(struct qli_balancer *balancer, struct qli_endpoint *endpoint);

#endif
