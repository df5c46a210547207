/* Consuming a queue in batches, on a thread of its own.
 *
 * The handler's effects are committed before the acknowledgement, so an event is
 * handled at least once and its inbox row makes it exactly once. A handler that ends
 * in a database conflict is run again (platform/base/rerun.h). A handler that
 * answers anything else but QL_OK is called again with the first half of it, after a
 * growing pause (50 ms to 2 s) in which heartbeats are served: nothing is given
 * back, skipped or reordered. Only what the handler rejects goes, event by
 * event, to the dead-letter queue with its reason, confirmed before the
 * acknowledgement. Envelopes that cannot be read, and types that do not fit
 * their key, are rejected before the handler sees them. */
#ifndef QL_EVENTS_CONSUMER_H
#define QL_EVENTS_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/event.h"

struct ql_delivery {
    struct ql_event event;
    const char *routing_key;
    const char *account; /* of the broker: who published it at first; "" when nobody says */
    char reject_reason[QL_REASON_MAX]; /* "" : accepted */
    char reject_text[QL_MESSAGE_MAX];
};

/* Handles deliveries in order, all or nothing: QL_OK means that the effects of
 * every delivery not rejected are committed. call->app is the service's. The
 * call's arena is fresh for each attempt; its deadline is 10 s away. */
typedef enum ql_code ql_delivery_handler(struct ql_call *call, struct ql_delivery *deliveries,
                                         size_t n_deliveries);

/* Marks one delivery as never to succeed. */
void ql_delivery_reject(struct ql_delivery *delivery, const char *reason, const char *format, ...)
    QL_PRINTF(3, 4);

/* Work of the consumer's thread beside deliveries, in steps of a second at most:
 * while a step runs no heartbeat is served. *ret_has_more: the next step is due
 * at once, behind a batch if one waits. A failure is reported as a handler's is,
 * and the step is tried again after a growing pause. */
typedef enum ql_code ql_consumer_chore(struct ql_call *call, bool *ret_has_more);

struct ql_subscription {
    const char *queue; /* name in the topology; NULL ends a list */
    ql_delivery_handler *handler;
    int max_batch; /* 1..500 */
    /* NULL: none. Run to its end before the first event is taken; then a step
     * after each batch, and every half second while nothing arrives. */
    ql_consumer_chore *chore;
};

struct ql_consumer;

/* Starts the thread. subscription and app must outlive the consumer. */
struct ql_consumer *ql_consumer_start(const char *url, const char *connection_name,
                                      const struct ql_subscription *subscription, void *app);
/* For how long the consumer has not been able to go on, ms; 0: it works, or waits for a
 * broker, database or service that is away and will come back by itself. ret_reason says
 * why, for people. What counts is what somebody must mend: a queue that is gone or closed
 * to the account, dead letters that no queue takes, a handler that fails. Any thread;
 * never blocks for long. */
int64_t ql_consumer_stuck_ms(struct ql_consumer *consumer, char *ret_reason, size_t reason_size);

/* Takes no further message, lets the handler finish its attempt, acknowledges,
 * closes. What was not acknowledged is delivered again to the next consumer. */
void ql_consumer_stop(struct ql_consumer *consumer); /* NULL is fine */

#endif
