/* Publishing in a window, by the broker's confirms.
 *
 * Messages take consecutive delivery tags. The broker settles each tag once, in
 * any order and several at once ("multiple"). A mandatory message that no queue
 * is bound for comes back as RETURN, HEADER, BODY and is then acknowledged all
 * the same, so that the return is what counts. */
#include "platform/events/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/metrics.h"
#include "platform/events/argument.h"
#include "platform/events/connection.h"
#include "platform/events/event.h"
#include "platform/events/intake.h"
#include "platform/events/publisher_inside.h"
#include "platform/events/topology.h"

enum {
    WINDOW = 256,
    HEARTBEAT_S = 10,
    BACK_OFF_MIN_MS = 50,
    BACK_OFF_MAX_MS = 2000,
    REFUSED_KEEP_MS = 1000, /* no sooner is a connection given up for its refusals */
    SHORT_TEXT_MAX = 255,   /* of an AMQP short string */
    NAME_MAX_BYTES = 128,
    DELIVERY_PERSISTENT = 2,
};

struct ql_publisher {
    char *url;
    char name[NAME_MAX_BYTES];
    int heartbeat_s;
    struct qli_connection connection;
    uint64_t next_tag;   /* of the message published next on this connection */
    int64_t opened_ms;   /* when this connection was */
    int64_t retry_at_ms; /* no new connection is tried before */
    int64_t back_off_ms;
};

/* One call of publish: messages below `settled` are done, those below `sent` are
 * on their way. Flags are kept by index modulo the window. */
struct window {
    struct ql_publisher *publisher;
    const char *exchange;
    struct ql_message_out *messages;
    const struct qli_dead_letter_headers *letters;
    size_t n_messages;
    size_t settled;
    size_t sent;
    uint64_t first_tag;
    bool is_settled[WINDOW];
    bool is_returned[WINDOW];
    bool in_return; /* a RETURN came, its HEADER is still to come */
    bool has_refused;
};

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_events_published_total",
     "Messages the broker settled, by result: confirmed, returned or refused", "result", NULL,
     NULL},
};

struct ql_publisher *qli_publisher_new(const char *url, const char *connection_name,
                                       int heartbeat_s)
{
    struct ql_publisher *publisher = calloc(1, sizeof(*publisher));

    if (publisher == NULL)
        return NULL;
    publisher->url = strdup(url);
    if (publisher->url == NULL) {
        free(publisher);
        return NULL;
    }
    snprintf(publisher->name, sizeof(publisher->name), "%s", connection_name);
    publisher->heartbeat_s = heartbeat_s;
    publisher->back_off_ms = BACK_OFF_MIN_MS;
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    return publisher;
}

struct ql_publisher *ql_publisher_new(const char *url, const char *connection_name)
{
    return qli_publisher_new(url, connection_name, HEARTBEAT_S);
}

void ql_publisher_free(struct ql_publisher *publisher)
{
    if (publisher == NULL)
        return;
    qli_connection_close(&publisher->connection);
    free(publisher->url);
    free(publisher);
}

void ql_publisher_idle(struct ql_publisher *publisher)
{
    amqp_frame_t frame;

    /* Nothing is on its way between two publishes, so that frames mean nothing. */
    while (publisher->connection.state != NULL &&
           qli_connection_next(&publisher->connection, 0, &frame) == QLI_FRAME)
        continue;
}

static enum ql_code connect_anew(struct ql_call *call, struct ql_publisher *publisher)
{
    struct qli_connection *connection = &publisher->connection;
    enum ql_code rc;

    if (ql_monotonic_ms() < publisher->retry_at_ms)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
    rc = qli_connection_open(call, connection, publisher->url, publisher->name,
                             publisher->heartbeat_s);
    if (rc == QL_OK) {
        amqp_confirm_select(connection->state, QLI_CHANNEL);
        if (!qli_connection_answered(connection, "ask for confirms"))
            rc = ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
    }
    if (rc != QL_OK) {
        snprintf(connection->trouble, sizeof(connection->trouble), "%s", call->status.message);
        publisher->retry_at_ms = ql_monotonic_ms() + publisher->back_off_ms;
        publisher->back_off_ms *= 2;
        if (publisher->back_off_ms > BACK_OFF_MAX_MS)
            publisher->back_off_ms = BACK_OFF_MAX_MS;
        return rc;
    }
    publisher->back_off_ms = BACK_OFF_MIN_MS;
    publisher->opened_ms = ql_monotonic_ms();
    publisher->next_tag = 1;
    return QL_OK;
}

/* A connection that works as far as can be seen, blocked or not. */
static enum ql_code ensure_connected(struct ql_call *call, struct ql_publisher *publisher)
{
    ql_publisher_idle(publisher);
    if (publisher->connection.state != NULL)
        return QL_OK;
    return connect_anew(call, publisher);
}

static void settle_one(struct window *window, size_t index, const char *result)
{
    size_t slot = index % WINDOW;

    if (window->is_settled[slot])
        return;
    window->is_settled[slot] = true;
    if (window->is_returned[slot])
        result = "returned";
    window->messages[index].is_returned = window->is_returned[slot];
    window->messages[index].is_confirmed = strcmp(result, "confirmed") == 0;
    ql_metric_add(&metrics[0], result, 1);
}

/* ACK or NACK: of one tag, or of all up to it. */
static void settle_tag(struct window *window, uint64_t tag, bool is_multiple, const char *result)
{
    uint64_t end_tag = window->first_tag + window->sent;

    /* Tag 0 with "multiple" means all (AMQP 0-9-1, basic.ack). */
    if (is_multiple && tag == 0)
        tag = end_tag - 1;
    if (tag < window->first_tag + window->settled || tag >= end_tag)
        return;
    if (is_multiple) {
        for (size_t i = window->settled; window->first_tag + i <= tag; i++)
            settle_one(window, i, result);
    } else {
        settle_one(window, (size_t)(tag - window->first_tag), result);
    }
    while (window->settled < window->sent && window->is_settled[window->settled % WINDOW])
        window->settled++;
}

/* Which message came back is told by its id alone. */
static void mark_returned(struct window *window, const amqp_basic_properties_t *properties)
{
    amqp_bytes_t id = amqp_empty_bytes;

    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        id = properties->message_id;
    for (size_t i = window->settled; i < window->sent; i++) {
        const char *event_id = window->messages[i].event_id;

        if (!window->is_settled[i % WINDOW] && !window->is_returned[i % WINDOW] &&
            strlen(event_id) == id.len &&
            (id.len == 0 || memcmp(event_id, id.bytes, id.len) == 0)) {
            window->is_returned[i % WINDOW] = true;
            return;
        }
    }
}

static void take_frame(struct window *window, const amqp_frame_t *frame)
{
    if (frame->frame_type == AMQP_FRAME_HEADER && window->in_return) {
        window->in_return = false;
        mark_returned(window, frame->payload.properties.decoded);
        return;
    }
    if (frame->frame_type != AMQP_FRAME_METHOD)
        return;
    if (frame->payload.method.id == AMQP_BASIC_RETURN_METHOD) {
        window->in_return = true;
    } else if (frame->payload.method.id == AMQP_BASIC_ACK_METHOD) {
        const amqp_basic_ack_t *ack = frame->payload.method.decoded;

        settle_tag(window, ack->delivery_tag, ack->multiple, "confirmed");
    } else if (frame->payload.method.id == AMQP_BASIC_NACK_METHOD) {
        const amqp_basic_nack_t *nack = frame->payload.method.decoded;

        window->has_refused = true;
        settle_tag(window, nack->delivery_tag, nack->multiple, "refused");
    }
}

enum { HEADERS_MAX = 5 };

static void add_text(amqp_table_t *table, const char *key, const char *text)
{
    if (text != NULL)
        table->entries[table->num_entries++] = qli_argument_text(key, text);
}

static void add_letter(amqp_table_t *table, const struct qli_dead_letter_headers *letter)
{
    add_text(table, "x-reason", letter->reason);
    add_text(table, "x-text", letter->text);
    add_text(table, "x-original-routing-key", letter->routing_key);
    if (letter->account != NULL && letter->account[0] != '\0')
        add_text(table, QLI_HEADER_ORIGINAL_ACCOUNT, letter->account);
    if (letter->original_length > 0)
        table->entries[table->num_entries++] =
            qli_argument_int64("x-original-length", (int64_t)letter->original_length);
}

static bool send_next(struct window *window)
{
    const struct ql_message_out *message = &window->messages[window->sent];
    struct qli_connection *connection = &window->publisher->connection;
    amqp_table_entry_t headers[HEADERS_MAX];
    amqp_basic_properties_t properties;
    amqp_bytes_t body;
    int status;

    memset(&properties, 0, sizeof(properties));
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                        AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_USER_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/protobuf");
    properties.delivery_mode = DELIVERY_PERSISTENT;
    properties.message_id = amqp_cstring_bytes(message->event_id);
    properties.type = amqp_cstring_bytes(message->type);
    properties.user_id = amqp_cstring_bytes(connection->account);
    if (window->letters != NULL) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers.entries = headers;
        add_letter(&properties.headers, &window->letters[window->sent]);
    }
    body.bytes = (void *)message->bytes;
    body.len = message->length;
    window->is_settled[window->sent % WINDOW] = false;
    window->is_returned[window->sent % WINDOW] = false;
    status =
        amqp_basic_publish(connection->state, QLI_CHANNEL, amqp_cstring_bytes(window->exchange),
                           amqp_cstring_bytes(message->routing_key), /* mandatory= */ 1,
                           /* immediate= */ 0, &properties, body);
    if (!qli_connection_wrote(connection, status, "publish"))
        return false;
    window->sent++;
    window->publisher->next_tag++;
    return true;
}

/* Sends what the window allows, takes what the broker says, until all is
 * settled. */
static enum ql_code run_window(struct ql_call *call, struct window *window)
{
    struct qli_connection *connection = &window->publisher->connection;

    while (window->settled < window->n_messages) {
        bool can_send = window->sent < window->n_messages &&
                        window->sent - window->settled < WINDOW && !connection->is_blocked;
        int64_t left_ms = ql_call_remaining_ms(call);
        amqp_frame_t frame;

        if (left_ms == 0) {
            bool was_blocked = connection->is_blocked;

            /* What is on its way may still be settled: under these tags nobody
             * would know what for. */
            if (window->sent > window->settled)
                qli_connection_drop(connection);
            if (was_blocked)
                return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE",
                               "the broker takes no messages now");
            return ql_fail(call, QL_DEADLINE_EXCEEDED, "BROKER_TIMEOUT",
                           "the broker did not confirm in time");
        }
        if (can_send && !send_next(window))
            break;
        if (can_send && window->sent % 16 != 0)
            continue; /* looking for frames costs a system call each time */
        if (qli_connection_next(connection, can_send ? 0 : left_ms, &frame) == QLI_FRAME)
            take_frame(window, &frame);
        if (connection->state == NULL)
            break;
    }
    if (window->settled < window->n_messages)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
    return QL_OK;
}

/* RabbitMQ 3.10 goes on refusing what comes through a channel that a full queue has
 * refused once, even when the queue's bound is gone: another one is asked next. */
static void leave_refused(struct ql_publisher *publisher)
{
    if (ql_monotonic_ms() - publisher->opened_ms >= REFUSED_KEEP_MS)
        qli_connection_close(&publisher->connection);
}

enum ql_code qli_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                   const char *exchange, struct ql_message_out *messages,
                                   const struct qli_dead_letter_headers *letters, size_t n_messages)
{
    struct window window;
    enum ql_code rc;

    for (size_t i = 0; i < n_messages; i++) {
        messages[i].is_confirmed = messages[i].is_returned = false;
        if (strlen(messages[i].event_id) > SHORT_TEXT_MAX ||
            strlen(messages[i].type) > SHORT_TEXT_MAX ||
            strlen(messages[i].routing_key) > SHORT_TEXT_MAX)
            return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_NAME_TOO_LONG",
                           "id, type or routing key of message %zu is too long for AMQP", i);
    }
    if (n_messages == 0)
        return QL_OK;
    rc = ensure_connected(call, publisher);
    if (rc != QL_OK)
        return rc;
    memset(&window, 0, sizeof(window));
    window.publisher = publisher;
    window.exchange = exchange;
    window.messages = messages;
    window.letters = letters;
    window.n_messages = n_messages;
    window.first_tag = publisher->next_tag;
    qli_connection_limit_writes(&publisher->connection, ql_call_remaining_ms(call));
    rc = run_window(call, &window);
    if (publisher->connection.state != NULL)
        qli_connection_limit_writes(&publisher->connection, QLI_WRITE_TIMEOUT_MS);
    if (rc == QL_OK && window.has_refused)
        leave_refused(publisher);
    return rc;
}

enum ql_code ql_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                  struct ql_message_out *messages, size_t n_messages)
{
    return qli_publisher_publish(call, publisher, QL_EXCHANGE, messages, NULL, n_messages);
}
