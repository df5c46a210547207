/* The table of queues, and declaring it. Declaring what is there already, with
 * the same arguments, changes nothing, so that it can be repeated at any time. */
#include "platform/events/topology.h"

#include <string.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/base/attributes.h"
#include "platform/events/argument.h"
#include "platform/events/connection.h"

/* A stream's files are deleted whole: small ones keep little that is too old. */
enum { DEAD_LETTERS_MAX = 100000, STREAM_FILE_BYTES = 1 << 20, HEARTBEAT_S = 10 };
#define STREAM_MAX_AGE "1h"

/* Every family of keys by name: "#" would also take dead letters. */
static const char *const processing_bindings[] = {"user.*",  "quest.*",  "catalog.*",
                                                  "audit.*", "custom.#", NULL};
static const char *const catalog_bindings[] = {"catalog.*", NULL};
static const char *const user_bindings[] = {"quest.completed", NULL};

#define QUEUE(service)                                                                             \
    {                                                                                              \
        .name = "questline." #service ".v1", .dead_letter = "questline." #service ".v1.dead",      \
        .dead_letter_key = "dead." #service, .replay = "questline." #service ".v1.replay",         \
        .bindings = service##_bindings,                                                            \
    }

const struct ql_queue ql_queues[] = {
    QUEUE(processing),
    QUEUE(catalog),
    QUEUE(user),
    {.name = NULL},
};

static const char *const revocation_bindings[] = {"user.tokens_revoked", NULL};

const struct ql_stream ql_streams[] = {
    {QL_REVOCATIONS_STREAM, revocation_bindings},
    {NULL, NULL},
};

const struct ql_queue *ql_queue_find(const char *name)
{
    for (const struct ql_queue *queue = ql_queues; queue->name != NULL; queue++) {
        if (strcmp(queue->name, name) == 0)
            return queue;
    }
    return NULL;
}

bool ql_key_is_of_events(const char *routing_key)
{
    return strncmp(routing_key, "dead.", strlen("dead.")) != 0;
}

static bool declare_queue(struct qli_connection *connection, const char *name,
                          amqp_table_entry_t *entries, int n_entries)
{
    amqp_table_t arguments = {n_entries, entries};

    amqp_queue_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name), /* passive= */ 0,
                       /* durable= */ 1, /* exclusive= */ 0, /* auto_delete= */ 0, arguments);
    return qli_connection_answered(connection, "declare a queue");
}

static bool declare_quorum_queue(struct qli_connection *connection, const char *name,
                                 amqp_table_entry_t second_argument)
{
    amqp_table_entry_t entries[] = {qli_argument_text("x-queue-type", "quorum"), second_argument};

    return declare_queue(connection, name, entries, (int)QL_ARRAY_LENGTH(entries));
}

static bool declare_exchange(struct qli_connection *connection, const char *name, const char *type)
{
    amqp_exchange_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name),
                          amqp_cstring_bytes(type), /* passive= */ 0, /* durable= */ 1,
                          /* auto_delete= */ 0, /* internal= */ 0, amqp_empty_table);
    return qli_connection_answered(connection, "declare an exchange");
}

static bool bind_queue(struct qli_connection *connection, const char *queue, const char *exchange,
                       const char *key)
{
    amqp_queue_bind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue),
                    amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), amqp_empty_table);
    return qli_connection_answered(connection, "bind a queue");
}

/* Earlier versions bound a queue to everything. Its new bindings are there already, so
 * that no message passes by in between; removing what is not there changes nothing. */
static bool remove_old_binding(struct qli_connection *connection, const struct ql_queue *queue)
{
    amqp_queue_unbind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue->name),
                      amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes("#"), amqp_empty_table);
    return qli_connection_answered(connection, "remove a binding");
}

static bool declare_one(struct qli_connection *connection, const struct ql_queue *queue)
{
    if (!declare_quorum_queue(connection, queue->dead_letter,
                              qli_argument_int32("x-max-length", DEAD_LETTERS_MAX)) ||
        !bind_queue(connection, queue->dead_letter, QL_EXCHANGE, queue->dead_letter_key) ||
        !declare_quorum_queue(connection, queue->name,
                              qli_argument_flag("x-single-active-consumer", true)))
        return false;
    for (const char *const *pattern = queue->bindings; *pattern != NULL; pattern++) {
        if (!bind_queue(connection, queue->name, QL_EXCHANGE, *pattern))
            return false;
    }
    return remove_old_binding(connection, queue) &&
           declare_exchange(connection, queue->replay, "fanout") &&
           bind_queue(connection, queue->name, queue->replay, "");
}

static bool declare_stream(struct qli_connection *connection, const struct ql_stream *stream)
{
    amqp_table_entry_t entries[] = {
        qli_argument_text("x-queue-type", "stream"),
        qli_argument_text("x-max-age", STREAM_MAX_AGE),
        qli_argument_int32("x-stream-max-segment-size-bytes", STREAM_FILE_BYTES),
    };

    if (!declare_queue(connection, stream->name, entries, (int)QL_ARRAY_LENGTH(entries)))
        return false;
    for (const char *const *pattern = stream->bindings; *pattern != NULL; pattern++) {
        if (!bind_queue(connection, stream->name, QL_EXCHANGE, *pattern))
            return false;
    }
    return true;
}

bool qli_topology_declare(struct qli_connection *connection)
{
    if (!declare_exchange(connection, QL_EXCHANGE, "topic"))
        return false;
    for (const struct ql_queue *queue = ql_queues; queue->name != NULL; queue++) {
        if (!declare_one(connection, queue))
            return false;
    }
    for (const struct ql_stream *stream = ql_streams; stream->name != NULL; stream++) {
        if (!declare_stream(connection, stream))
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
