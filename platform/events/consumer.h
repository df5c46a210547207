/* Consuming a queue in batches, on a thread of its own.
 *
 * The handler's effects are committed before the acknowledgement, so an event is handled at
 * least once, and its inbox row makes its effect happen once. A handler that ends in a
 * database conflict is run again (platform/base/rerun.h). After any other failure it is
 * called again with the first half of the batch, after a growing pause (50 ms to 2 s) in
 * which heartbeats are served: no message is requeued, skipped or reordered. A delivery that
 * the handler rejects is published to the dead-letter queue with its reason, and confirmed
 * before the acknowledgement. Envelopes that cannot be read, and types that do not fit their
 * routing key, are rejected before the handler. */
#ifndef QL_EVENTS_CONSUMER_H
#define QL_EVENTS_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/delivery.h"

/* Work of the consumer's thread beside deliveries, in steps of a second at most, as no
 * heartbeat is served during a step. *ret_has_more: the next step is due at once, after a
 * batch if one has arrived. A failure is reported as a handler's is, and the step is tried
 * again after a growing pause. */
typedef enum ql_code ql_consumer_chore(struct ql_call *call, bool *ret_has_more);

struct ql_subscription {
    const char *queue; /* name in the topology; NULL ends a list */
    ql_delivery_handler *handler;
    int max_batch; /* 1..500 */
    /* NULL: none. Run until it has no more steps before the first event; then one step after
     * each batch, and every half second while nothing arrives. */
    ql_consumer_chore *chore;
};

struct ql_consumer;

/* Starts the thread. subscription and app must outlive the consumer. NULL for an unknown
 * queue, or without memory or thread. */
struct ql_consumer *ql_consumer_start(const char *url, const char *connection_name,
                                      const struct ql_subscription *subscription, void *app);
/* For how many ms the consumer has been stuck; 0: it works, or waits for a broker, database
 * or service that is unavailable. ret_reason has the reason, for people. It is stuck on
 * faults that need an operator: a queue that does not exist or for which the account has no
 * right, dead letters that no queue accepts, a handler that fails. Any thread; never blocks
 * for long. */
int64_t ql_consumer_stuck_ms(struct ql_consumer *consumer, char *ret_reason, size_t reason_size);

/* Stops: takes no further message, waits for the handler's attempt, acknowledges, closes.
 * Unacknowledged messages are delivered to the next consumer. */
void ql_consumer_stop(struct ql_consumer *consumer); /* NULL is fine */

#endif
