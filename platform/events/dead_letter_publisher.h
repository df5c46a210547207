/* Publishes the rejected messages of a consumer into its dead-letter queue, over a
 * connection of its own that is made with the first one, so that confirms and deliveries
 * never share a channel. Belongs to the consumer's thread. */
#ifndef QL_EVENTS_DEAD_LETTER_PUBLISHER_H
#define QL_EVENTS_DEAD_LETTER_PUBLISHER_H

#include "platform/base/call.h"
#include "platform/events/publisher_inside.h"
#include "platform/events/topology.h"

struct qli_dead_letter_publisher {
    const char *url; /* these three outlive it */
    const char *connection_name;
    const struct ql_queue *queue;
    int heartbeat_s;
    struct ql_publisher *publisher; /* NULL until there is a dead letter */
};

/* Publishes messages with their headers, within 10 s. QL_OK: the broker has all of them.
 * FAILED_PRECONDITION (DEAD_LETTER_QUEUE_MISSING, DEAD_LETTER_REFUSED) when it does not
 * take some, UNAVAILABLE (BROKER_UNAVAILABLE) without a connection: is_confirmed says
 * which ones it has all the same. */
enum ql_code qli_dead_letter_publisher_publish(struct ql_call *call,
                                               struct qli_dead_letter_publisher *letters,
                                               struct ql_message_out *messages,
                                               const struct qli_dead_letter_headers *headers,
                                               size_t n_messages) QL_MUST_CHECK;

/* Serves heartbeats; call at least every two seconds while idle. */
void qli_dead_letter_publisher_idle(struct qli_dead_letter_publisher *letters);

void qli_dead_letter_publisher_done(struct qli_dead_letter_publisher *letters);

#endif
