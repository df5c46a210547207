/* The queues and streams of the contract, and declaring them. Declaring an existing one with
 * the same arguments changes nothing, so that it can be repeated at any time. */
#include "platform/events/topology.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/base/arena.h"
#include "platform/base/attributes.h"
#include "platform/events/argument.h"
#include "platform/events/session.h"
#include "platform/events/topology_table.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/events.h"

enum {
    TABLE_BYTES_MAX = 1024 * 1024,
    DEAD_LETTERS_MAX = 100000,
    STREAM_FILE_BYTES = 1 << 20, /* small, as expired messages are deleted by whole files */
    HEARTBEAT_S = 10,
};
#define STREAM_MAX_AGE "1h"

/* Built once from the embedded contract, never freed. */
static struct qli_topology_table table;
static struct ql_arena *table_arena;

static void table_make(void)
{
    table_arena = ql_arena_new(TABLE_BYTES_MAX);
    if (table_arena == NULL ||
        !qli_topology_table_fill(&table, table_arena, ql_schema_embedded())) {
        fputs("the topology: out of memory\n", stderr);
        abort();
    }
}

static void table_ensure(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, table_make);
}

const struct ql_queue *ql_queues(size_t *ret_count)
{
    table_ensure();
    *ret_count = table.n_queues;
    return table.queues;
}

const struct ql_queue *ql_queue_find(const char *name)
{
    table_ensure();
    for (size_t i = 0; i < table.n_queues; i++) {
        if (strcmp(table.queues[i].name, name) == 0)
            return &table.queues[i];
    }
    return NULL;
}

const struct ql_queue *ql_queue_find_short(const char *short_name)
{
    table_ensure();
    for (size_t i = 0; i < table.n_queues; i++) {
        if (strcmp(table.queues[i].short_name, short_name) == 0)
            return &table.queues[i];
    }
    return NULL;
}

const struct ql_stream *ql_streams(size_t *ret_count)
{
    table_ensure();
    *ret_count = table.n_streams;
    return table.streams;
}

const struct ql_stream *ql_stream_of_type(const char *type)
{
    const struct ql_event_type *stated = ql_schema_event_type(ql_schema_embedded(), type);

    table_ensure();
    for (size_t i = 0; stated != NULL && i < table.n_streams; i++) {
        if (qli_stream_keeps(&table.streams[i], stated->routing_key))
            return &table.streams[i];
    }
    return NULL;
}

bool ql_key_is_of_events(const char *routing_key)
{
    return strncmp(routing_key, QLI_DEAD_LETTER_PREFIX, strlen(QLI_DEAD_LETTER_PREFIX)) != 0;
}

static bool declare_quorum_queue(struct qli_connection *connection, const char *name,
                                 amqp_table_entry_t second_argument)
{
    amqp_table_entry_t entries[] = {qli_argument_text("x-queue-type", "quorum"), second_argument};

    return qli_session_declare_queue(connection, name, QLI_DURABLE, entries,
                                     (int)QL_ARRAY_LENGTH(entries));
}

/* Earlier versions bound a queue to everything. Its new bindings exist already, so that no
 * message is missed; removing a binding that does not exist changes nothing. */
static bool remove_old_binding(struct qli_connection *connection, const struct ql_queue *queue)
{
    amqp_queue_unbind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue->name),
                      amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes("#"), amqp_empty_table);
    return qli_connection_answered(connection, "remove a binding");
}

static bool declare_service_queue(struct qli_connection *connection, const struct ql_queue *queue)
{
    if (!declare_quorum_queue(connection, queue->dead_letter,
                              qli_argument_int32("x-max-length", DEAD_LETTERS_MAX)) ||
        !qli_session_bind(connection, queue->dead_letter, QL_EXCHANGE, queue->dead_letter_key) ||
        !declare_quorum_queue(connection, queue->name,
                              qli_argument_flag("x-single-active-consumer", true)))
        return false;
    for (const char *const *pattern = queue->bindings; *pattern != NULL; pattern++) {
        if (!qli_session_bind(connection, queue->name, QL_EXCHANGE, *pattern))
            return false;
    }
    return remove_old_binding(connection, queue) &&
           qli_session_declare_exchange(connection, queue->replay, "fanout", QLI_DURABLE) &&
           qli_session_bind(connection, queue->name, queue->replay, "");
}

static bool declare_stream(struct qli_connection *connection, const struct ql_stream *stream)
{
    amqp_table_entry_t entries[] = {
        qli_argument_text("x-queue-type", "stream"),
        qli_argument_text("x-max-age", STREAM_MAX_AGE),
        qli_argument_int32("x-stream-max-segment-size-bytes", STREAM_FILE_BYTES),
    };

    if (!qli_session_declare_queue(connection, stream->name, QLI_DURABLE, entries,
                                   (int)QL_ARRAY_LENGTH(entries)))
        return false;
    for (const char *const *pattern = stream->bindings; *pattern != NULL; pattern++) {
        if (!qli_session_bind(connection, stream->name, QL_EXCHANGE, *pattern))
            return false;
    }
    return true;
}

bool qli_topology_declare(struct qli_connection *connection)
{
    if (!qli_session_declare_exchange(connection, QL_EXCHANGE, "topic", QLI_DURABLE))
        return false;
    table_ensure();
    for (size_t i = 0; i < table.n_queues; i++) {
        if (!declare_service_queue(connection, &table.queues[i]))
            return false;
    }
    for (size_t i = 0; i < table.n_streams; i++) {
        if (!declare_stream(connection, &table.streams[i]))
            return false;
    }
    return true;
}

enum ql_code ql_topology_declare(struct ql_call *call, const char *url)
{
    struct qli_connection connection = {0};
    enum ql_code rc = qli_connection_open(call, &connection, url, "topology", HEARTBEAT_S);

    if (rc == QL_OK && !qli_topology_declare(&connection))
        rc = ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection.trouble);
    qli_connection_close(&connection);
    return rc;
}
