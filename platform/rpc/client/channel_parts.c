/* The list of what ends with a channel. */
#include "platform/rpc/client/channel_parts.h"

void qli_channel_add_dependent(struct ql_rpc_channel *channel, struct qli_dependent *dependent)
{
    dependent->next = atomic_load(&channel->dependents);
    while (!atomic_compare_exchange_weak(&channel->dependents, &dependent->next, dependent))
        continue;
}

void qli_channel_free_dependents(struct ql_rpc_channel *channel)
{
    struct qli_dependent *dependent = atomic_load(&channel->dependents);

    while (dependent != NULL) {
        struct qli_dependent *next = dependent->next;

        dependent->free(dependent);
        dependent = next;
    }
}
