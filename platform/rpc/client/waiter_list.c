/* A doubly linked list. */
#include "platform/rpc/client/waiter_list.h"

void qli_waiter_list_add(struct qli_waiter_list *list, struct qli_waiter *waiter)
{
    waiter->is_listed = true;
    waiter->previous = NULL;
    waiter->next = list->first;
    if (waiter->next != NULL)
        waiter->next->previous = waiter;
    list->first = waiter;
}

void qli_waiter_list_remove(struct qli_waiter_list *list, struct qli_waiter *waiter)
{
    if (!waiter->is_listed)
        return;
    if (waiter->previous != NULL)
        waiter->previous->next = waiter->next;
    else
        list->first = waiter->next;
    if (waiter->next != NULL)
        waiter->next->previous = waiter->previous;
    waiter->is_listed = false;
}

void qli_waiter_list_wake(const struct qli_waiter_list *list)
{
    for (struct qli_waiter *waiter = list->first; waiter != NULL; waiter = waiter->next)
        nng_aio_cancel(waiter->timer);
}
