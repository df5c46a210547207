/* Publishing with confirms: an event is published once the broker has confirmed that it is
 * in every queue bound to its key. */
#ifndef QL_EVENTS_PUBLISHER_H
#define QL_EVENTS_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/message_out.h"

struct ql_publisher;
struct qli_dead_letter_headers;

/* A publisher that connects at the first use, and again after a failure. Every message
 * names the connection's account. Belongs to one thread. NULL without memory. */
struct ql_publisher *ql_publisher_new(const char *url, const char *connection_name);
/* The same with another heartbeat, for a thread that serves none for a while. */
struct ql_publisher *qli_publisher_new(const char *url, const char *connection_name,
                                       int heartbeat_s);
void ql_publisher_free(struct ql_publisher *publisher); /* NULL is fine */

/* Publishes messages in order, mandatory and persistent, in a window of 256, and waits for
 * the confirms, until the call's deadline. is_confirmed is true for each message that the
 * broker has; a RETURN or NACK counts as not. UNAVAILABLE (BROKER_UNAVAILABLE) when the
 * connection was lost or never made: messages not confirmed may have been published, and
 * have to be published again. */
enum ql_code ql_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                  struct ql_message_out *messages, size_t n_messages) QL_MUST_CHECK;

/* The same to any exchange. headers has one element for each message, or is NULL. */
enum ql_code qli_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                   const char *exchange, struct ql_message_out *messages,
                                   const struct qli_dead_letter_headers *headers,
                                   size_t n_messages) QL_MUST_CHECK;

/* Serves heartbeats; call at least every two seconds while idle. */
void ql_publisher_idle(struct ql_publisher *publisher);

#endif
