/* Publishing with confirms: an event is published when the broker has confirmed
 * that it lies in every queue bound to its key. */
#ifndef QL_EVENTS_PUBLISHER_H
#define QL_EVENTS_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

struct ql_publisher;

/* A publisher that connects at the first use, and again after a failure. Every message
 * names the connection's account. Belongs to one thread. */
struct ql_publisher *ql_publisher_new(const char *url, const char *connection_name);
void ql_publisher_free(struct ql_publisher *publisher); /* NULL is fine */

struct ql_message_out {
    const char *event_id; /* AMQP message_id */
    const char *type;     /* AMQP type */
    const char *routing_key;
    const void *bytes; /* the packed envelope */
    size_t length;
    bool is_confirmed; /* set by ql_publisher_publish, as is ... */
    bool is_returned;  /* ... no queue takes the key */
};

/* Publishes messages in order, mandatory and persistent, in a window of 256,
 * and waits for the confirms, until the call's deadline. is_confirmed tells for
 * each whether the broker has it; a RETURN or NACK counts as not. UNAVAILABLE
 * (BROKER_UNAVAILABLE) when the connection was lost or never made: those not
 * confirmed may or may not be there; publish them again. */
enum ql_code ql_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                  struct ql_message_out *messages, size_t n_messages) QL_MUST_CHECK;

/* Serves heartbeats; call at least every two seconds while idle. */
void ql_publisher_idle(struct ql_publisher *publisher);

#endif
