/* A consumer for each of the service's subscriptions, each with a thread and a connection:
 * a queue whose handler fails stops no other. */
#include "platform/service/consumers.h"

#include <stdio.h>

#include "platform/events/topology.h"

enum { NAME_MAX_BYTES = 128 };

/* A check of the readiness. */
static bool consumers_work(void *context, char *ret_reason, size_t reason_size)
{
    struct qli_assembly *assembly = context;

    for (size_t i = 0; i < QLI_SUBSCRIPTIONS_MAX && assembly->consumers[i] != NULL; i++) {
        if (ql_consumer_stuck_ms(assembly->consumers[i], ret_reason, reason_size) >=
            assembly->settings.consumer_patience_ms)
            return false;
    }
    return true;
}

void qli_consumers_stop(void *context)
{
    struct qli_assembly *assembly = context;

    qli_readiness_unwatch(assembly->readiness, assembly);
    for (size_t i = 0; i < QLI_SUBSCRIPTIONS_MAX; i++) {
        ql_consumer_stop(assembly->consumers[i]);
        assembly->consumers[i] = NULL;
    }
}

/* NULL when it cannot be started. */
static struct ql_consumer *start_consumer(const struct qli_assembly *assembly,
                                          const struct ql_subscription *subscription)
{
    const struct ql_queue *queue = ql_queue_find(subscription->queue);
    char name[NAME_MAX_BYTES];

    if (queue == NULL)
        return NULL;
    snprintf(name, sizeof(name), "%s consumer", queue->short_name);
    return ql_consumer_start(assembly->settings.amqp_url, name, subscription,
                             assembly->service->app);
}

enum ql_code qli_consumers_start(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    const struct ql_subscription *subscription = assembly->service->subscriptions;
    size_t n = 0;

    for (; subscription != NULL && subscription->queue != NULL; subscription++) {
        if (n < QLI_SUBSCRIPTIONS_MAX)
            assembly->consumers[n] = start_consumer(assembly, subscription);
        if (n == QLI_SUBSCRIPTIONS_MAX || assembly->consumers[n] == NULL) {
            qli_consumers_stop(assembly);
            return ql_fail(call, QL_INTERNAL, "START_FAILED", "cannot consume %s",
                           subscription->queue);
        }
        n++;
    }
    if (!qli_readiness_watch(assembly->readiness, consumers_work, assembly)) {
        qli_consumers_stop(assembly);
        return ql_fail(call, QL_INTERNAL, "START_FAILED", "too many parts decide on readiness");
    }
    return QL_OK;
}
