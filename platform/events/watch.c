/* The queue of one process, its items and its bookmarks. */
#include "platform/events/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/argument.h"
#include "platform/events/delivery.h"
#include "platform/events/intake.h"
#include "platform/events/session.h"
#include "platform/events/topology.h"

enum { HEARTBEAT_S = 10, PREFETCH = 256, ACKNOWLEDGE_EVERY = 64, NUMBER_SIZE = 24 };

struct ql_watch {
    struct qli_connection connection;
    struct qli_intake intake;
    char queue[QLI_PRIVATE_QUEUE_SIZE];
    uint64_t last_tag; /* of the messages returned since the last acknowledgement */
    int n_returned;
    bool is_returned; /* the intake's first message */
};

/* Bookmarks need an exchange of the queue's own name, which is deleted with it: the account
 * has rights to such names only. */
static bool open_bookmarks(struct ql_watch *watch)
{
    return qli_session_declare_exchange(&watch->connection, watch->queue, "fanout", QLI_PRIVATE) &&
           qli_session_bind(&watch->connection, watch->queue, watch->queue, "");
}

static bool bind_queue(struct ql_watch *watch, const char *const *patterns)
{
    for (; *patterns != NULL; patterns++)
        if (!qli_session_bind(&watch->connection, watch->queue, QL_EXCHANGE, *patterns))
            return false;
    return true;
}

/* A queue with bookmarks has no bound (max_messages is 0): a bookmark promises that no
 * event before it was dropped. When a process stops reading, its connection ends after two
 * heartbeats, and the queue with it. */
static bool open_queue(struct ql_watch *watch, const char *const *patterns, int32_t max_messages)
{
    amqp_table_entry_t bound = qli_argument_int32("x-max-length", max_messages);

    qli_private_queue_name(&watch->connection, watch->queue);
    return qli_session_declare_queue(&watch->connection, watch->queue, QLI_PRIVATE, &bound,
                                     max_messages > 0) &&
           bind_queue(watch, patterns) && (max_messages > 0 || open_bookmarks(watch)) &&
           qli_session_consume(&watch->connection, watch->queue, PREFETCH, /* is_exclusive= */ true,
                               NULL, 0);
}

static bool open_stream(struct ql_watch *watch, int64_t since_s)
{
    amqp_table_entry_t offset = qli_argument_time("x-stream-offset", since_s);

    return qli_session_consume(&watch->connection, watch->queue, PREFETCH,
                               /* is_exclusive= */ false, &offset, 1);
}

static enum ql_code fail_broken(struct ql_call *call, const struct ql_watch *watch)
{
    return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", watch->connection.trouble);
}

/* A watch with its connection, without a queue yet. */
static struct ql_watch *connect_watch(struct ql_call *call, const char *url,
                                      const char *connection_name)
{
    struct ql_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        (void)ql_fail_memory(call);
        return NULL;
    }
    qli_intake_init(&watch->intake, PREFETCH);
    if (qli_connection_open(call, &watch->connection, url, connection_name, HEARTBEAT_S) == QL_OK)
        return watch;
    ql_watch_close(watch);
    return NULL;
}

/* Returns the watch, or closes it if it could not be opened. */
static enum ql_code finish_open(struct ql_call *call, struct ql_watch *watch, bool is_open,
                                struct ql_watch **ret_watch)
{
    enum ql_code rc;

    if (is_open) {
        *ret_watch = watch;
        return QL_OK;
    }
    rc = fail_broken(call, watch);
    ql_watch_close(watch);
    return rc;
}

enum ql_code ql_watch_open(struct ql_call *call, const char *url, const char *connection_name,
                           const char *const *patterns, struct ql_watch **ret_watch)
{
    struct ql_watch *watch = connect_watch(call, url, connection_name);

    if (watch == NULL)
        return call->status.code;
    return finish_open(call, watch, open_queue(watch, patterns, 0), ret_watch);
}

enum ql_code ql_watch_open_tail(struct ql_call *call, const char *url, const char *connection_name,
                                const char *pattern, int32_t max_messages,
                                struct ql_watch **ret_watch)
{
    const char *const patterns[] = {pattern, NULL};
    struct ql_watch *watch = connect_watch(call, url, connection_name);

    if (watch == NULL)
        return call->status.code;
    return finish_open(call, watch, open_queue(watch, patterns, max_messages), ret_watch);
}

enum ql_code ql_watch_open_stream(struct ql_call *call, const char *url,
                                  const char *connection_name, const char *stream, int64_t since_s,
                                  struct ql_watch **ret_watch)
{
    struct ql_watch *watch = connect_watch(call, url, connection_name);

    if (watch == NULL)
        return call->status.code;
    snprintf(watch->queue, sizeof(watch->queue), "%s", stream);
    return finish_open(call, watch, open_stream(watch, since_s), ret_watch);
}

void ql_watch_close(struct ql_watch *watch)
{
    if (watch == NULL)
        return;
    qli_connection_close(&watch->connection);
    qli_intake_done(&watch->intake);
    free(watch);
}

enum ql_code ql_watch_send_bookmark(struct ql_call *call, struct ql_watch *watch, int64_t number)
{
    amqp_basic_properties_t properties;
    char text[NUMBER_SIZE];
    int status;

    if (watch->connection.state == NULL)
        return fail_broken(call, watch);
    if (watch->connection.is_blocked)
        return QL_OK;
    memset(&properties, 0, sizeof(properties));
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = 1; /* not persistent, as its queue */
    snprintf(text, sizeof(text), "%" PRId64, number);
    status = amqp_basic_publish(watch->connection.state, QLI_CHANNEL,
                                amqp_cstring_bytes(watch->queue), amqp_cstring_bytes(watch->queue),
                                /* mandatory= */ 0, /* immediate= */ 0, &properties,
                                amqp_cstring_bytes(text));
    if (!qli_connection_wrote(&watch->connection, status, "send a bookmark"))
        return fail_broken(call, watch);
    return QL_OK;
}

/* Acknowledges returned messages: after every ACKNOWLEDGE_EVERY, and when no other waits. */
static bool acknowledge_returned(struct ql_watch *watch)
{
    int status;

    if (watch->is_returned) {
        watch->last_tag = watch->intake.first->tag;
        watch->n_returned++;
        watch->is_returned = false;
        qli_intake_pop(&watch->intake, 1);
    }
    if (watch->n_returned == 0 ||
        (watch->n_returned < ACKNOWLEDGE_EVERY && watch->intake.first != NULL))
        return true;
    watch->n_returned = 0;
    status =
        amqp_basic_ack(watch->connection.state, QLI_CHANNEL, watch->last_tag, /* multiple= */ 1);
    return qli_connection_wrote(&watch->connection, status, "acknowledge");
}

/* Reads frames until a message is whole or the time is over. False when the connection
 * broke. */
static bool receive_message(struct ql_watch *watch, int64_t end_ms)
{
    while (watch->intake.first == NULL) {
        int64_t left_ms = end_ms - ql_monotonic_ms();
        amqp_frame_t frame;
        enum qli_turn turn =
            qli_connection_next(&watch->connection, left_ms > 0 ? left_ms : 0, &frame);

        if (turn == QLI_TIMEOUT)
            return true;
        if (turn == QLI_BROKEN)
            return false;
        if (!qli_intake_frame(&watch->intake, &frame)) {
            snprintf(watch->connection.trouble, sizeof(watch->connection.trouble),
                     "cannot take a delivery: unexpected frame or no memory");
            qli_connection_drop(&watch->connection);
            return false;
        }
    }
    return true;
}

enum ql_code ql_watch_next(struct ql_call *call, struct ql_watch *watch, int64_t timeout_ms,
                           struct ql_watch_item *ret_item)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;
    const struct qli_incoming *first;

    *ret_item = (struct ql_watch_item){.kind = QL_WATCH_NONE};
    do {
        if (watch->connection.state == NULL || !acknowledge_returned(watch) ||
            !receive_message(watch, end_ms))
            return fail_broken(call, watch);
        first = watch->intake.first;
        watch->is_returned = first != NULL;
    } while (first != NULL && !ql_key_is_of_events(first->routing_key));
    if (first == NULL)
        return QL_OK;
    ret_item->routing_key = first->routing_key;
    ret_item->message_id = first->message_id;
    ret_item->own_account = watch->connection.account;
    ret_item->origin = qli_incoming_origin(first);
    ret_item->bytes = first->body;
    ret_item->length = first->kept;
    ret_item->kind = QL_WATCH_EVENT;
    if (strcmp(first->routing_key, watch->queue) == 0) {
        char text[NUMBER_SIZE];

        snprintf(text, sizeof(text), "%.*s", (int)first->kept, (const char *)first->body);
        ret_item->kind = QL_WATCH_BOOKMARK;
        ret_item->number = strtoll(text, NULL, 10);
    }
    return QL_OK;
}

enum ql_code ql_watch_read_event(struct ql_call *call, const struct ql_watch_item *item,
                                 struct ql_event *ret_event)
{
    const struct qli_received received = {.routing_key = item->routing_key,
                                          .message_id = "",
                                          .bytes = item->bytes,
                                          .length = item->length,
                                          .origin = item->origin};

    return qli_received_read(call, &received, item->own_account, ret_event);
}
