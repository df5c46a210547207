/* The window and the broker's confirms.
 *
 * Messages take consecutive delivery tags. The broker settles each tag once, in any order
 * and several at once ("multiple"). A mandatory message for which no queue is bound comes
 * back as RETURN, HEADER, BODY and is acknowledged afterwards, so that the return
 * decides. */
#include "platform/events/publish_window.h"

#include <string.h>

#include "platform/base/metrics.h"

enum { WINDOW = 256, DELIVERY_PERSISTENT = 2 };

/* Messages below `settled` are done, those below `sent` are sent and not confirmed yet. Flags
 * are kept by index modulo the window. */
struct window {
    struct qli_connection *connection;
    const struct qli_publishing *publishing;
    size_t settled;
    size_t sent;
    bool is_settled[WINDOW];
    bool is_returned[WINDOW];
    bool in_return; /* a RETURN has arrived, its HEADER not yet */
    bool has_refused;
};

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_events_published_total",
     "Messages the broker settled, by result: confirmed, returned or refused", "result", NULL,
     NULL},
};

void qli_publish_window_register(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

static void settle_one(struct window *window, size_t index, const char *result)
{
    size_t flag = index % WINDOW;

    if (window->is_settled[flag])
        return;
    window->is_settled[flag] = true;
    if (window->is_returned[flag])
        result = "returned";
    window->publishing->messages[index].is_returned = window->is_returned[flag];
    window->publishing->messages[index].is_confirmed = strcmp(result, "confirmed") == 0;
    ql_metric_add(&metrics[0], result, 1);
}

/* An ACK or NACK settles one tag, or all up to it. */
static void settle_tag(struct window *window, uint64_t tag, bool is_multiple, const char *result)
{
    uint64_t end_tag = window->publishing->first_tag + window->sent;

    /* Tag 0 with "multiple" means all (AMQP 0-9-1, basic.ack). */
    if (is_multiple && tag == 0)
        tag = end_tag - 1;
    if (tag < window->publishing->first_tag + window->settled || tag >= end_tag)
        return;
    if (is_multiple) {
        for (size_t i = window->settled; window->publishing->first_tag + i <= tag; i++)
            settle_one(window, i, result);
    } else {
        settle_one(window, (size_t)(tag - window->publishing->first_tag), result);
    }
    while (window->settled < window->sent && window->is_settled[window->settled % WINDOW])
        window->settled++;
}

/* A returned message is identified by its id alone. */
static void mark_returned(struct window *window, const amqp_basic_properties_t *properties)
{
    amqp_bytes_t id = amqp_empty_bytes;

    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        id = properties->message_id;
    for (size_t i = window->settled; i < window->sent; i++) {
        const char *event_id = window->publishing->messages[i].event_id;

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

static bool send_next(struct window *window)
{
    const struct ql_message_out *message = &window->publishing->messages[window->sent];
    struct qli_connection *connection = window->connection;
    amqp_table_entry_t headers[QLI_DEAD_LETTER_HEADERS_MAX];
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
    if (window->publishing->headers != NULL) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers.entries = headers;
        properties.headers.num_entries =
            qli_dead_letter_headers_write(&window->publishing->headers[window->sent], headers);
    }
    body.bytes = (void *)message->bytes;
    body.len = message->length;
    window->is_settled[window->sent % WINDOW] = false;
    window->is_returned[window->sent % WINDOW] = false;
    status = amqp_basic_publish(connection->state, QLI_CHANNEL,
                                amqp_cstring_bytes(window->publishing->exchange),
                                amqp_cstring_bytes(message->routing_key), /* mandatory= */ 1,
                                /* immediate= */ 0, &properties, body);
    if (!qli_connection_wrote(connection, status, "publish"))
        return false;
    window->sent++;
    return true;
}

/* Sends messages within the window and reads the broker's answers, until all are
 * settled. */
static enum ql_code run_window(struct ql_call *call, struct window *window)
{
    struct qli_connection *connection = window->connection;

    while (window->settled < window->publishing->n_messages) {
        bool can_send = window->sent < window->publishing->n_messages &&
                        window->sent - window->settled < WINDOW && !connection->is_blocked;
        int64_t left_ms = ql_call_remaining_ms(call);
        amqp_frame_t frame;

        if (left_ms == 0) {
            bool was_blocked = connection->is_blocked;

            /* A later confirm could not be matched with its message. */
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
            continue; /* each read of frames costs a system call */
        if (qli_connection_next(connection, can_send ? 0 : left_ms, &frame) == QLI_FRAME)
            take_frame(window, &frame);
        if (connection->state == NULL)
            break;
    }
    if (window->settled < window->publishing->n_messages)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
    return QL_OK;
}

enum ql_code qli_publish_window_run(struct ql_call *call, struct qli_connection *connection,
                                    const struct qli_publishing *publishing, size_t *ret_n_sent,
                                    bool *ret_has_refused)
{
    struct window window = {.connection = connection, .publishing = publishing};
    enum ql_code rc = run_window(call, &window);

    *ret_n_sent = window.sent;
    *ret_has_refused = window.has_refused;
    return rc;
}
