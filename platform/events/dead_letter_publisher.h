/* Publishes the rejected messages of a consumer into its dead-letter queue, over a
 * connection of its own that is made with the first one, so that confirms and deliveries
 * never share a channel. Belongs to the consumer's thread. */
#ifndef QL_EVENTS_DEAD_LETTER_PUBLISHER_H
#define QL_EVENTS_DEAD_LETTER_PUBLISHER_H

#include "platform/base/call.h"
#include "platform/events/batch.h"
#include "platform/events/topology.h"

struct qli_dead_letter_publisher {
    const char *url; /* these three outlive it */
    const char *connection_name;
    const struct ql_queue *queue;
    int heartbeat_s;
    struct ql_publisher *publisher; /* NULL until there is a dead letter */
};

/* Publishes the dead letters of the batch that the broker has not confirmed yet, within
 * 10 s. FAILED_PRECONDITION (DEAD_LETTER_QUEUE_MISSING, DEAD_LETTER_REFUSED) when the
 * broker does not take them, UNAVAILABLE (BROKER_UNAVAILABLE) without a connection; what
 * was confirmed has left the batch all the same. */
enum ql_code qli_dead_letter_publisher_publish(struct ql_call *call,
                                               struct qli_dead_letter_publisher *letters,
                                               struct qli_batch *batch) QL_MUST_CHECK;

/* Serves heartbeats; call at least every two seconds while idle. */
void qli_dead_letter_publisher_idle(struct qli_dead_letter_publisher *letters);

void qli_dead_letter_publisher_done(struct qli_dead_letter_publisher *letters);

#endif
