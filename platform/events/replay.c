/* The way into one queue: its exchange, and which keys belong there. */
#include "platform/events/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/events/connection.h"
#include "platform/events/publisher_inside.h"

enum { HEARTBEAT_S = 10, EXCHANGE_MAX = 160 };

struct ql_replay {
    struct ql_publisher *publisher;
    char exchange[EXCHANGE_MAX];
};

static bool declare(struct qli_connection *connection, const char *exchange, const char *queue)
{
    amqp_exchange_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(exchange),
                          amqp_cstring_bytes("fanout"), /* passive= */ 0, /* durable= */ 1,
                          /* auto_delete= */ 0, /* internal= */ 0, amqp_empty_table);
    if (!qli_connection_answered(connection, "declare an exchange"))
        return false;
    amqp_queue_bind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(queue),
                    amqp_cstring_bytes(exchange), amqp_empty_bytes, amqp_empty_table);
    return qli_connection_answered(connection, "bind a queue");
}

static enum ql_code declare_way(struct ql_call *call, const char *url, const char *exchange,
                                const char *queue)
{
    struct qli_connection connection = {0};
    enum ql_code rc = qli_connection_open(call, &connection, url, "replay", HEARTBEAT_S);

    if (rc == QL_OK && !declare(&connection, exchange, queue))
        rc = ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection.trouble);
    qli_connection_close(&connection);
    return rc;
}

enum ql_code ql_replay_open(struct ql_call *call, const char *url, const struct ql_queue *queue,
                            struct ql_replay **ret_replay)
{
    struct ql_replay *replay = calloc(1, sizeof(*replay));
    enum ql_code rc;

    if (replay == NULL)
        return ql_fail_memory(call);
    snprintf(replay->exchange, sizeof(replay->exchange), "%s.replay", queue->name);
    rc = declare_way(call, url, replay->exchange, queue->name);
    if (rc == QL_OK) {
        replay->publisher = qli_publisher_new(url, "replay", HEARTBEAT_S);
        if (replay->publisher == NULL)
            rc = ql_fail_memory(call);
    }
    if (rc != QL_OK) {
        ql_replay_close(replay);
        return rc;
    }
    *ret_replay = replay;
    return QL_OK;
}

void ql_replay_close(struct ql_replay *replay)
{
    if (replay == NULL)
        return;
    ql_publisher_free(replay->publisher);
    free(replay);
}

void ql_replay_closep(struct ql_replay **replay)
{
    ql_replay_close(*replay);
    *replay = NULL;
}

enum ql_code ql_replay_put(struct ql_call *call, struct ql_replay *replay,
                           struct ql_message_out *messages, size_t n_messages)
{
    return qli_publisher_publish(call, replay->publisher, replay->exchange, messages, NULL,
                                 n_messages);
}

/* What stands behind the first word; NULL when it was the last. */
static const char *next_word(const char *words)
{
    const char *dot = strchr(words, '.');

    return dot == NULL ? NULL : dot + 1;
}

/* Whether words match a pattern; NULL is no words. Patterns come from our own
 * table and have one "#" at most, so that this is short. */
static bool matches(const char *pattern, const char *words)
{
    size_t length;

    if (pattern == NULL)
        return words == NULL;
    length = strcspn(pattern, ".");
    if (length == 1 && pattern[0] == '#')
        return matches(next_word(pattern), words) ||
               (words != NULL && matches(pattern, next_word(words)));
    if (words == NULL)
        return false;
    if (!(length == 1 && pattern[0] == '*') &&
        (strcspn(words, ".") != length || strncmp(pattern, words, length) != 0))
        return false;
    return matches(next_word(pattern), next_word(words));
}

bool ql_queue_takes(const struct ql_queue *queue, const char *routing_key)
{
    for (const char *const *pattern = queue->bindings; *pattern != NULL; pattern++)
        if (matches(*pattern, routing_key))
            return true;
    return false;
}
