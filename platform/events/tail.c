/* A watcher's queue and its messages, one by one. */
#include "platform/events/tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/events/connection.h"
#include "platform/events/intake.h"
#include "platform/events/topology.h"

enum { HEARTBEAT_S = 10, PREFETCH = 64, QUEUE_MESSAGES_MAX = 10000 };

struct ql_tail {
    struct qli_connection connection;
    struct qli_intake intake;
    bool is_shown; /* the intake's first message was given out */
};

static bool declare_queue(struct qli_connection *connection, const char *name)
{
    amqp_table_entry_t bound;
    amqp_table_t arguments = {1, &bound};

    memset(&bound, 0, sizeof(bound));
    bound.key = amqp_cstring_bytes("x-max-length");
    bound.value.kind = AMQP_FIELD_KIND_I32;
    bound.value.value.i32 = QUEUE_MESSAGES_MAX;
    amqp_queue_declare(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name), /* passive= */ 0,
                       /* durable= */ 0, /* exclusive= */ 1, /* auto_delete= */ 1, arguments);
    return qli_connection_answered(connection, "declare a queue");
}

static bool watch(struct qli_connection *connection, const char *pattern)
{
    char name[QLI_PRIVATE_QUEUE_SIZE];

    qli_private_queue_name(connection, name);
    if (!declare_queue(connection, name))
        return false;
    amqp_queue_bind(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name),
                    amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes(pattern), amqp_empty_table);
    if (!qli_connection_answered(connection, "bind a queue"))
        return false;
    amqp_basic_qos(connection->state, QLI_CHANNEL, 0, PREFETCH, 0);
    if (!qli_connection_answered(connection, "bound the prefetch"))
        return false;
    amqp_basic_consume(connection->state, QLI_CHANNEL, amqp_cstring_bytes(name), amqp_empty_bytes,
                       /* no_local= */ 0, /* no_ack= */ 0, /* exclusive= */ 1, amqp_empty_table);
    return qli_connection_answered(connection, "consume");
}

enum ql_code ql_tail_open(struct ql_call *call, const char *url, const char *pattern,
                          struct ql_tail **ret_tail)
{
    struct ql_tail *tail = calloc(1, sizeof(*tail));
    enum ql_code rc;

    if (tail == NULL)
        return ql_fail_memory(call);
    qli_intake_init(&tail->intake, PREFETCH);
    rc = qli_connection_open(call, &tail->connection, url, "tail", HEARTBEAT_S);
    if (rc == QL_OK && !watch(&tail->connection, pattern))
        rc = ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", tail->connection.trouble);
    if (rc != QL_OK) {
        ql_tail_close(tail);
        return rc;
    }
    *ret_tail = tail;
    return QL_OK;
}

void ql_tail_close(struct ql_tail *tail)
{
    if (tail == NULL)
        return;
    qli_connection_close(&tail->connection);
    qli_intake_done(&tail->intake);
    free(tail);
}

/* What was shown is done with. */
static bool acknowledge(struct ql_tail *tail)
{
    int status = amqp_basic_ack(tail->connection.state, QLI_CHANNEL, tail->intake.first->tag,
                                /* multiple= */ 0);

    tail->is_shown = false;
    qli_intake_pop(&tail->intake, 1);
    return qli_connection_wrote(&tail->connection, status, "acknowledge");
}

/* False when the connection is of no use any more. */
static bool fetch(struct ql_tail *tail, int64_t timeout_ms)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;

    while (tail->intake.first == NULL || !ql_key_is_of_events(tail->intake.first->routing_key)) {
        int64_t left_ms = end_ms - ql_monotonic_ms();
        amqp_frame_t frame;
        enum qli_turn turn;

        if (tail->intake.first != NULL) {
            if (!acknowledge(tail))
                return false;
            continue;
        }
        turn = qli_connection_next(&tail->connection, left_ms > 0 ? left_ms : 0, &frame);

        if (turn == QLI_TIMEOUT)
            return true;
        if (turn == QLI_BROKEN)
            return false;
        if (!qli_intake_frame(&tail->intake, &frame)) {
            snprintf(tail->connection.trouble, sizeof(tail->connection.trouble),
                     "the broker sent frames in an order they must not come in");
            qli_connection_drop(&tail->connection);
            return false;
        }
    }
    return true;
}

enum ql_code ql_tail_next(struct ql_call *call, struct ql_tail *tail, int64_t timeout_ms,
                          struct ql_tail_message *ret_message, bool *ret_has)
{
    const struct qli_incoming *first;

    *ret_has = false;
    if (tail->connection.state == NULL || (tail->is_shown && !acknowledge(tail)) ||
        !fetch(tail, timeout_ms))
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", tail->connection.trouble);
    first = tail->intake.first;
    if (first == NULL)
        return QL_OK;
    ret_message->routing_key = first->routing_key;
    ret_message->message_id = first->message_id;
    ret_message->type = first->type;
    ret_message->bytes = first->body;
    ret_message->length = first->kept;
    tail->is_shown = true;
    *ret_has = true;
    return QL_OK;
}
