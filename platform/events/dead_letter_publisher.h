/* Publishes the rejected messages of a consumer to its dead-letter queue, over a connection
 * of its own, opened for the first one, so that confirms and deliveries do not share a
 * channel. Belongs to the consumer's thread. Module-internal. */
#ifndef QL_EVENTS_DEAD_LETTER_PUBLISHER_H
#define QL_EVENTS_DEAD_LETTER_PUBLISHER_H

#include "platform/base/call.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/publisher.h"
#include "platform/events/topology.h"

struct qli_dead_letter_publisher {
    const char *url; /* must outlive this, as the next two */
    const char *connection_name;
    const struct ql_queue *queue;
    int heartbeat_s;
    struct ql_publisher *publisher; /* NULL until the first dead letter */
};

/* Publishes messages with their headers, within 10 s. QL_OK: the broker has all of them.
 * FAILED_PRECONDITION (DEAD_LETTER_QUEUE_MISSING, DEAD_LETTER_REFUSED) when it refused some,
 * UNAVAILABLE (BROKER_UNAVAILABLE) without a connection. is_confirmed is set for those that
 * it has in any case. */
enum ql_code qli_dead_letter_publisher_publish(struct ql_call *call,
                                               struct qli_dead_letter_publisher *dead_letters,
                                               struct ql_message_out *messages,
                                               const struct qli_dead_letter_headers *headers,
                                               size_t n_messages) QL_MUST_CHECK;

/* Serves heartbeats; call at least every two seconds while idle. */
void qli_dead_letter_publisher_idle(struct qli_dead_letter_publisher *dead_letters);

void qli_dead_letter_publisher_done(struct qli_dead_letter_publisher *dead_letters);

#endif
