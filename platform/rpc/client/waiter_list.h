/* Calls that sleep on their timers until an endpoint is available.
 *
 * Nothing here locks; the balancer's lock guards it. */
#ifndef QL_RPC_CLIENT_WAITER_LIST_H
#define QL_RPC_CLIENT_WAITER_LIST_H

#include <stdbool.h>
#include <nng/nng.h>

struct qli_waiter {
    nng_aio *timer;
    struct qli_waiter *next, *previous;
    bool is_listed;
};

struct qli_waiter_list {
    struct qli_waiter *first;
};

void qli_waiter_list_add(struct qli_waiter_list *list, struct qli_waiter *waiter);
void qli_waiter_list_remove(struct qli_waiter_list *list, struct qli_waiter *waiter);

/* Cancels every timer; the waiters stay listed until they are removed. */
void qli_waiter_list_wake(const struct qli_waiter_list *list);

#endif
