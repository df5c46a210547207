/* A queue of one process, and the pings that go through it. */
#include "platform/events/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/account.h"
#include "platform/events/argument.h"
#include "platform/events/intake.h"
#include "platform/events/session.h"
#include "platform/events/topology.h"

enum { HEARTBEAT_S = 10, PREFETCH = 256, ACKNOWLEDGE_EVERY = 64, NUMBER_SIZE = 24 };

struct ql_feed {
    struct qli_connection connection;
    struct qli_intake intake;
    char queue[QLI_PRIVATE_QUEUE_SIZE];
    uint64_t last_tag; /* of the messages given out since the last acknowledgement */
    int n_given;
    bool is_shown; /* the intake's first message was given out */
};

/* An exchange of the queue's own name, which goes with it: an account may write its own
 * names, and nothing else. */
static bool open_way_for_pings(struct ql_feed *feed)
{
    return qli_session_declare_exchange(&feed->connection, feed->queue, "fanout", QLI_PRIVATE) &&
           qli_session_bind(&feed->connection, feed->queue, feed->queue, "");
}

/* A queue that pings go through has no bound (max_messages is 0): dropping would make a
 * ping lie. A process that takes nothing from it loses it with its connection, after two
 * heartbeats. */
static bool open_queue(struct ql_feed *feed, const char *pattern, int32_t max_messages)
{
    amqp_table_entry_t bound = qli_argument_int32("x-max-length", max_messages);

    qli_private_queue_name(&feed->connection, feed->queue);
    return qli_session_declare_queue(&feed->connection, feed->queue, QLI_PRIVATE, &bound,
                                     max_messages > 0) &&
           qli_session_bind(&feed->connection, feed->queue, QL_EXCHANGE, pattern) &&
           (max_messages > 0 || open_way_for_pings(feed)) &&
           qli_session_consume(&feed->connection, feed->queue, PREFETCH, /* is_exclusive= */ true,
                               NULL, 0);
}

static bool open_stream(struct ql_feed *feed, int64_t since_s)
{
    amqp_table_entry_t offset = qli_argument_time("x-stream-offset", since_s);

    return qli_session_consume(&feed->connection, feed->queue, PREFETCH, /* is_exclusive= */ false,
                               &offset, 1);
}

static enum ql_code fail_broken(struct ql_call *call, const struct ql_feed *feed)
{
    return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", feed->connection.trouble);
}

/* A feed with its connection, and no queue yet. */
static struct ql_feed *connect_feed(struct ql_call *call, const char *url,
                                    const char *connection_name)
{
    struct ql_feed *feed = calloc(1, sizeof(*feed));

    if (feed == NULL) {
        (void)ql_fail_memory(call);
        return NULL;
    }
    qli_intake_init(&feed->intake, PREFETCH);
    if (qli_connection_open(call, &feed->connection, url, connection_name, HEARTBEAT_S) == QL_OK)
        return feed;
    ql_feed_close(feed);
    return NULL;
}

/* The feed goes to the caller if it was opened. */
static enum ql_code finish_open(struct ql_call *call, struct ql_feed *feed, bool is_open,
                                struct ql_feed **ret_feed)
{
    enum ql_code rc;

    if (is_open) {
        *ret_feed = feed;
        return QL_OK;
    }
    rc = fail_broken(call, feed);
    ql_feed_close(feed);
    return rc;
}

enum ql_code ql_feed_open(struct ql_call *call, const char *url, const char *connection_name,
                          const char *pattern, struct ql_feed **ret_feed)
{
    struct ql_feed *feed = connect_feed(call, url, connection_name);

    if (feed == NULL)
        return call->status.code;
    return finish_open(call, feed, open_queue(feed, pattern, 0), ret_feed);
}

enum ql_code ql_feed_open_tail(struct ql_call *call, const char *url, const char *connection_name,
                               const char *pattern, int32_t max_messages, struct ql_feed **ret_feed)
{
    struct ql_feed *feed = connect_feed(call, url, connection_name);

    if (feed == NULL)
        return call->status.code;
    return finish_open(call, feed, open_queue(feed, pattern, max_messages), ret_feed);
}

enum ql_code ql_feed_open_stream(struct ql_call *call, const char *url, const char *connection_name,
                                 const char *stream, int64_t since_s, struct ql_feed **ret_feed)
{
    struct ql_feed *feed = connect_feed(call, url, connection_name);

    if (feed == NULL)
        return call->status.code;
    snprintf(feed->queue, sizeof(feed->queue), "%s", stream);
    return finish_open(call, feed, open_stream(feed, since_s), ret_feed);
}

void ql_feed_close(struct ql_feed *feed)
{
    if (feed == NULL)
        return;
    qli_connection_close(&feed->connection);
    qli_intake_done(&feed->intake);
    free(feed);
}

enum ql_code ql_feed_ping(struct ql_call *call, struct ql_feed *feed, int64_t number)
{
    amqp_basic_properties_t properties;
    char text[NUMBER_SIZE];
    int status;

    if (feed->connection.state == NULL)
        return fail_broken(call, feed);
    if (feed->connection.is_blocked)
        return QL_OK;
    memset(&properties, 0, sizeof(properties));
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = 1; /* it dies with its queue */
    snprintf(text, sizeof(text), "%" PRId64, number);
    status = amqp_basic_publish(feed->connection.state, QLI_CHANNEL,
                                amqp_cstring_bytes(feed->queue), amqp_cstring_bytes(feed->queue),
                                /* mandatory= */ 0, /* immediate= */ 0, &properties,
                                amqp_cstring_bytes(text));
    if (!qli_connection_wrote(&feed->connection, status, "send a ping"))
        return fail_broken(call, feed);
    return QL_OK;
}

/* Acknowledges what was given out: now and then, and when nothing more is there. */
static bool drop_shown(struct ql_feed *feed)
{
    int status;

    if (feed->is_shown) {
        feed->last_tag = feed->intake.first->tag;
        feed->n_given++;
        feed->is_shown = false;
        qli_intake_pop(&feed->intake, 1);
    }
    if (feed->n_given == 0 || (feed->n_given < ACKNOWLEDGE_EVERY && feed->intake.first != NULL))
        return true;
    feed->n_given = 0;
    status = amqp_basic_ack(feed->connection.state, QLI_CHANNEL, feed->last_tag, /* multiple= */ 1);
    return qli_connection_wrote(&feed->connection, status, "acknowledge");
}

/* False when the connection is of no use any more. */
static bool take_in(struct ql_feed *feed, int64_t end_ms)
{
    while (feed->intake.first == NULL) {
        int64_t left_ms = end_ms - ql_monotonic_ms();
        amqp_frame_t frame;
        enum qli_turn turn =
            qli_connection_next(&feed->connection, left_ms > 0 ? left_ms : 0, &frame);

        if (turn == QLI_TIMEOUT)
            return true;
        if (turn == QLI_BROKEN)
            return false;
        if (!qli_intake_frame(&feed->intake, &frame)) {
            snprintf(feed->connection.trouble, sizeof(feed->connection.trouble),
                     "cannot take a delivery: unexpected frame or no memory");
            qli_connection_drop(&feed->connection);
            return false;
        }
    }
    return true;
}

enum ql_code ql_feed_next(struct ql_call *call, struct ql_feed *feed, int64_t timeout_ms,
                          struct ql_feed_news *ret_news)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;
    const struct qli_incoming *first;

    *ret_news = (struct ql_feed_news){.kind = QL_FEED_NOTHING};
    do {
        if (feed->connection.state == NULL || !drop_shown(feed) || !take_in(feed, end_ms))
            return fail_broken(call, feed);
        first = feed->intake.first;
        feed->is_shown = first != NULL;
    } while (first != NULL && !ql_key_is_of_events(first->routing_key));
    if (first == NULL)
        return QL_OK;
    ret_news->routing_key = first->routing_key;
    ret_news->message_id = first->message_id;
    ret_news->own_account = feed->connection.account;
    ret_news->account = first->account;
    ret_news->original = first->original;
    ret_news->has_more_keys = first->has_more_keys;
    ret_news->bytes = first->body;
    ret_news->length = first->kept;
    ret_news->kind = QL_FEED_EVENT;
    if (strcmp(first->routing_key, feed->queue) == 0) {
        char text[NUMBER_SIZE];

        snprintf(text, sizeof(text), "%.*s", (int)first->kept, (const char *)first->body);
        ret_news->kind = QL_FEED_PING;
        ret_news->number = strtoll(text, NULL, 10);
    }
    return QL_OK;
}

enum ql_code ql_feed_read_event(struct ql_call *call, const struct ql_feed_news *news,
                                struct ql_event *ret_event)
{
    enum ql_code rc = ql_event_unpack(call, news->bytes, news->length, ret_event);

    if (rc == QL_OK && !ql_event_type_fits_key(ret_event->type, news->routing_key))
        return ql_fail(call, QL_INVALID_ARGUMENT, "TYPE_DOES_NOT_FIT_KEY",
                       "an event of type %.80s does not travel under %.80s", ret_event->type,
                       news->routing_key);
    if (rc == QL_OK)
        rc = ql_account_check(call, news->own_account,
                              &(struct ql_message_origin){.account = news->account,
                                                          .original = news->original,
                                                          .has_more_keys = news->has_more_keys},
                              ret_event->type);
    return rc;
}
