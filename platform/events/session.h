/* Methods on a connection's channel: declaring exchanges and queues, binding, consuming.
 * Arguments are made by argument.h. Each returns true on success; else the connection is
 * dropped, and its `trouble` names the action. Module-internal. */
#ifndef QL_EVENTS_SESSION_H
#define QL_EVENTS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <amqp.h>

#include "platform/events/connection.h"

enum qli_lifetime {
    QLI_DURABLE, /* survives the broker's restart */
    QLI_PRIVATE, /* exclusive to this connection, and deleted with it */
};

bool qli_session_declare_exchange(struct qli_connection *connection, const char *name,
                                  const char *type, enum qli_lifetime lifetime);
bool qli_session_declare_queue(struct qli_connection *connection, const char *name,
                               enum qli_lifetime lifetime, amqp_table_entry_t *arguments,
                               int n_arguments);
bool qli_session_bind(struct qli_connection *connection, const char *queue, const char *exchange,
                      const char *key);

/* Subscribes to the queue with acknowledgements; prefetch bounds the unacknowledged
 * deliveries. */
bool qli_session_consume(struct qli_connection *connection, const char *queue, uint16_t prefetch,
                         bool is_exclusive, amqp_table_entry_t *arguments, int n_arguments);

#endif
