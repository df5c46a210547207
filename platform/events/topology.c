/* The table of queues, and declaring it. Declaring what is there already, with
 * the same arguments, changes nothing, so everybody does it at every connect. */
#include "platform/events/topology.h"

#include <string.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/base/attributes.h"
#include "platform/events/connection.h"

enum { DEAD_LETTERS_MAX = 100000 };

static const char *const processing_bindings[] = {"#", NULL};
static const char *const catalog_bindings[] = {"catalog.*", NULL};
static const char *const user_bindings[] = {"quest.completed", NULL};

const struct ql_queue ql_queues[] = {
    {"questline.processing.v1", "questline.processing.v1.dead", processing_bindings},
    {"questline.catalog.v1", "questline.catalog.v1.dead", catalog_bindings},
    {"questline.user.v1", "questline.user.v1.dead", user_bindings},
    {NULL, NULL, NULL},
};

const struct ql_queue *ql_queue_find(const char *name)
{
    for (const struct ql_queue *queue = ql_queues; queue->name != NULL; queue++) {
        if (strcmp(queue->name, name) == 0)
            return queue;
    }
    return NULL;
}

static amqp_table_entry_t text_argument(const char *key, const char *text)
{
    amqp_table_entry_t entry;

    memset(&entry, 0, sizeof(entry));
    entry.key = amqp_cstring_bytes(key);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = amqp_cstring_bytes(text);
    return entry;
}

static amqp_table_entry_t flag_argument(const char *key)
{
    amqp_table_entry_t entry;

    memset(&entry, 0, sizeof(entry));
    entry.key = amqp_cstring_bytes(key);
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
}

static amqp_table_entry_t number_argument(const char *key, int32_t number)
{
    amqp_table_entry_t entry;

    memset(&entry, 0, sizeof(entry));
    entry.key = amqp_cstring_bytes(key);
    entry.value.kind = AMQP_FIELD_KIND_I32;
    entry.value.value.i32 = number;
    return entry;
}

static bool declare_queue(struct qli_connection *connection, const char *name,
                          amqp_table_entry_t second_argument)
{
    amqp_table_entry_t entries[] = {text_argument("x-queue-type", "quorum"), second_argument};
    amqp_table_t arguments = {(int)QL_ARRAY_LENGTH(entries), entries};

    amqp_queue_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name), /* passive= */ 0,
                       /* durable= */ 1, /* exclusive= */ 0, /* auto_delete= */ 0, arguments);
    return qli_connection_answered(connection, "declare a queue");
}

static bool bind_queue(struct qli_connection *connection, const struct ql_queue *queue)
{
    for (const char *const *pattern = queue->bindings; *pattern != NULL; pattern++) {
        amqp_queue_bind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue->name),
                        amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes(*pattern),
                        amqp_empty_table);
        if (!qli_connection_answered(connection, "bind a queue"))
            return false;
    }
    return true;
}

bool qli_topology_declare(struct qli_connection *connection)
{
    amqp_exchange_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(QL_EXCHANGE),
                          amqp_cstring_bytes("topic"), /* passive= */ 0, /* durable= */ 1,
                          /* auto_delete= */ 0, /* internal= */ 0, amqp_empty_table);
    if (!qli_connection_answered(connection, "declare the exchange"))
        return false;
    for (const struct ql_queue *queue = ql_queues; queue->name != NULL; queue++) {
        if (!declare_queue(connection, queue->dead_letter,
                           number_argument("x-max-length", DEAD_LETTERS_MAX)))
            return false;
        if (!declare_queue(connection, queue->name, flag_argument("x-single-active-consumer")))
            return false;
        if (!bind_queue(connection, queue))
            return false;
    }
    return true;
}
