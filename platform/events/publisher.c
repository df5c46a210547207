/* A connection for publishing: opened when needed, with back-off, and its messages. */
#include "platform/events/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/events/connection.h"
#include "platform/events/publish_window.h"
#include "platform/events/topology.h"

enum {
    HEARTBEAT_S = 10,
    BACK_OFF_MIN_MS = 50,
    BACK_OFF_MAX_MS = 2000,
    REFUSED_KEEP_MS = 1000, /* age at which a connection is closed after a refusal */
    SHORT_TEXT_MAX = 255,   /* of an AMQP short string */
    NAME_MAX_BYTES = 128,
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
    qli_publish_window_register();
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

    /* No message is unconfirmed between two calls of publish, so frames are ignored. */
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

/* Makes sure that there is a connection, which may be blocked. */
static enum ql_code ensure_connected(struct ql_call *call, struct ql_publisher *publisher)
{
    ql_publisher_idle(publisher);
    if (publisher->connection.state != NULL)
        return QL_OK;
    return connect_anew(call, publisher);
}

/* RabbitMQ 3.10 keeps refusing messages of a channel after a full queue has refused one,
 * even when the queue has space again: the next publish opens another connection. */
static void close_refused(struct ql_publisher *publisher)
{
    if (ql_monotonic_ms() - publisher->opened_ms >= REFUSED_KEEP_MS)
        qli_connection_close(&publisher->connection);
}

enum ql_code qli_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                   const char *exchange, struct ql_message_out *messages,
                                   const struct qli_dead_letter_headers *headers, size_t n_messages)
{
    struct qli_publishing publishing = {
        .exchange = exchange, .messages = messages, .headers = headers, .n_messages = n_messages};
    bool has_refused;
    size_t n_sent;
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
    qli_connection_limit_writes(&publisher->connection, ql_call_remaining_ms(call));
    publishing.first_tag = publisher->next_tag;
    rc = qli_publish_window_run(call, &publisher->connection, &publishing, &n_sent, &has_refused);
    publisher->next_tag += n_sent;
    if (publisher->connection.state != NULL)
        qli_connection_limit_writes(&publisher->connection, QLI_WRITE_TIMEOUT_MS);
    if (rc == QL_OK && has_refused)
        close_refused(publisher);
    return rc;
}

enum ql_code ql_publisher_publish(struct ql_call *call, struct ql_publisher *publisher,
                                  struct ql_message_out *messages, size_t n_messages)
{
    return qli_publisher_publish(call, publisher, QL_EXCHANGE, messages, NULL, n_messages);
}
