/* Synchronous AMQP methods with the arguments that this module uses. */
#include "platform/events/session.h"

bool qli_session_declare_exchange(struct qli_connection *connection, const char *name,
                                  const char *type, enum qli_lifetime lifetime)
{
    amqp_exchange_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name),
                          amqp_cstring_bytes(type), /* passive= */ 0, lifetime == QLI_DURABLE,
                          /* auto_delete= */ lifetime == QLI_PRIVATE, /* internal= */ 0,
                          amqp_empty_table);
    return qli_connection_answered(connection, "declare an exchange");
}

bool qli_session_declare_queue(struct qli_connection *connection, const char *name,
                               enum qli_lifetime lifetime, amqp_table_entry_t *arguments,
                               int n_arguments)
{
    amqp_table_t table = {n_arguments, arguments};

    amqp_queue_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name), /* passive= */ 0,
                       lifetime == QLI_DURABLE, /* exclusive= */ lifetime == QLI_PRIVATE,
                       /* auto_delete= */ lifetime == QLI_PRIVATE, table);
    return qli_connection_answered(connection, "declare a queue");
}

bool qli_session_bind(struct qli_connection *connection, const char *queue, const char *exchange,
                      const char *key)
{
    amqp_queue_bind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue),
                    amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), amqp_empty_table);
    return qli_connection_answered(connection, "bind a queue");
}

bool qli_session_consume(struct qli_connection *connection, const char *queue, uint16_t prefetch,
                         bool is_exclusive, amqp_table_entry_t *arguments, int n_arguments)
{
    amqp_table_t table = {n_arguments, arguments};

    amqp_basic_qos(connection->state, QLI_CHANNEL, 0, prefetch, 0);
    if (!qli_connection_answered(connection, "bound the prefetch"))
        return false;
    amqp_basic_consume(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes,
                       /* no_local= */ 0, /* no_ack= */ 0, is_exclusive, table);
    return qli_connection_answered(connection, "consume");
}
