/* Connecting to the broker, reading frames and ending every wait. */
#include "platform/events/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <amqp_tcp_socket.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/argument.h"

enum {
    HANDSHAKE_TIMEOUT_MS = 5000,
    RPC_TIMEOUT_MS = 15000, /* the first declaration of a quorum queue is slow */
    CLOSE_TIMEOUT_MS = 1000,
    WRITE_TIMEOUT_MIN_MS = 1000,
    FRAME_MAX = 131072,
};

static struct timeval timeval_from_ms(int64_t duration_ms)
{
    struct timeval value;

    value.tv_sec = (time_t)(duration_ms / 1000);
    value.tv_usec = (suseconds_t)(duration_ms % 1000 * 1000);
    return value;
}

static int64_t at_most(int64_t limit, int64_t value)
{
    return value < limit ? value : limit;
}

void qli_connection_drop(struct qli_connection *connection)
{
    if (connection->state != NULL)
        (void)amqp_destroy_connection(connection->state);
    connection->state = NULL;
    connection->is_blocked = false;
}

void qli_connection_close(struct qli_connection *connection)
{
    struct timeval timeout = timeval_from_ms(CLOSE_TIMEOUT_MS);

    /* A blocked broker reads nothing, so a close would wait in vain. */
    if (connection->state != NULL && !connection->is_blocked) {
        qli_connection_limit_writes(connection, CLOSE_TIMEOUT_MS);
        (void)amqp_set_rpc_timeout(connection->state, &timeout);
        (void)amqp_connection_close(connection->state, AMQP_REPLY_SUCCESS);
    }
    qli_connection_drop(connection);
}

/* Sets `trouble` to "cannot <action>: <why>" and drops the connection. */
static void set_broken(struct qli_connection *connection, const char *action, const char *why)
{
    snprintf(connection->trouble, sizeof(connection->trouble), "cannot %s: %s", action, why);
    qli_connection_drop(connection);
}

/* The same for a close by the broker, with its reply text. */
static void set_broken_by_close(struct qli_connection *connection, const char *action,
                                const amqp_method_t *method)
{
    amqp_bytes_t text = amqp_cstring_bytes("the broker answered with another method");
    char why[QL_MESSAGE_MAX - 48]; /* the rest is for the action */

    if (method->id == AMQP_CONNECTION_CLOSE_METHOD)
        text = ((amqp_connection_close_t *)method->decoded)->reply_text;
    else if (method->id == AMQP_CHANNEL_CLOSE_METHOD)
        text = ((amqp_channel_close_t *)method->decoded)->reply_text;
    else if (method->id == AMQP_BASIC_CANCEL_METHOD)
        text = amqp_cstring_bytes("the broker cancelled the consumer");
    connection->is_refused = method->id == AMQP_CHANNEL_CLOSE_METHOD;
    snprintf(why, sizeof(why), "%.*s", (int)text.len, (const char *)text.bytes);
    set_broken(connection, action, why);
}

static bool answer_is_good(struct qli_connection *connection, amqp_rpc_reply_t reply,
                           const char *action)
{
    switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
        return true;
    case AMQP_RESPONSE_SERVER_EXCEPTION:
        set_broken_by_close(connection, action, &reply.reply);
        return false;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
        set_broken(connection, action, amqp_error_string2(reply.library_error));
        return false;
    case AMQP_RESPONSE_NONE:
        break;
    }
    set_broken(connection, action, "no answer");
    return false;
}

bool qli_connection_answered(struct qli_connection *connection, const char *action)
{
    return answer_is_good(connection, amqp_get_rpc_reply(connection->state), action);
}

bool qli_connection_wrote(struct qli_connection *connection, int status, const char *action)
{
    if (status == AMQP_STATUS_OK)
        return true;
    set_broken(connection, action, amqp_error_string2(status));
    return false;
}

void qli_connection_limit_writes(struct qli_connection *connection, int64_t timeout_ms)
{
    /* A shorter time would end connections over a slow network. */
    int64_t limit_ms = timeout_ms < WRITE_TIMEOUT_MIN_MS ? WRITE_TIMEOUT_MIN_MS : timeout_ms;
    unsigned int value = (unsigned int)at_most(QLI_WRITE_TIMEOUT_MS, limit_ms);

    (void)setsockopt(amqp_get_sockfd(connection->state), IPPROTO_TCP, TCP_USER_TIMEOUT, &value,
                     sizeof(value));
}

/* Logs in with the capabilities connection.blocked and consumer_cancel_notify: without them
 * the broker sends neither notification. */
static bool log_in(struct qli_connection *connection, const struct amqp_connection_info *info,
                   const char *name, int heartbeat_s)
{
    amqp_table_entry_t capabilities[] = {
        qli_argument_flag("connection.blocked", true),
        qli_argument_flag("consumer_cancel_notify", true),
    };
    amqp_table_entry_t properties[] = {
        qli_argument_text("connection_name", name),
        {.key = amqp_cstring_bytes("capabilities"),
         .value = {.kind = AMQP_FIELD_KIND_TABLE,
                   .value = {.table = {(int)QL_ARRAY_LENGTH(capabilities), capabilities}}}},
    };
    amqp_table_t table = {(int)QL_ARRAY_LENGTH(properties), properties};
    /* A URL that ends with a slash means the default virtual host. */
    const char *vhost = info->vhost[0] != '\0' ? info->vhost : "/";

    return answer_is_good(connection,
                          amqp_login_with_properties(connection->state, vhost,
                                                     AMQP_DEFAULT_MAX_CHANNELS, FRAME_MAX,
                                                     heartbeat_s, &table, AMQP_SASL_METHOD_PLAIN,
                                                     info->user, info->password),
                          "log in");
}

static bool open_socket(struct qli_connection *connection, const struct amqp_connection_info *info,
                        int64_t timeout_ms)
{
    struct timeval handshake = timeval_from_ms(at_most(HANDSHAKE_TIMEOUT_MS, timeout_ms));
    struct timeval rpc = timeval_from_ms(at_most(RPC_TIMEOUT_MS, timeout_ms));
    amqp_socket_t *socket;

    connection->state = amqp_new_connection();
    socket = connection->state == NULL ? NULL : amqp_tcp_socket_new(connection->state);
    if (socket == NULL) {
        set_broken(connection, "connect", "no memory");
        return false;
    }
    (void)amqp_set_handshake_timeout(connection->state, &handshake);
    (void)amqp_set_rpc_timeout(connection->state, &rpc);
    if (!qli_connection_wrote(connection,
                              amqp_socket_open_noblock(socket, info->host, info->port, &handshake),
                              "connect"))
        return false;
    qli_connection_limit_writes(connection, QLI_WRITE_TIMEOUT_MS);
    return true;
}

static bool open_all(struct qli_connection *connection, const struct amqp_connection_info *info,
                     const char *name, int heartbeat_s, int64_t timeout_ms)
{
    if (!open_socket(connection, info, timeout_ms))
        return false;
    if (!log_in(connection, info, name, heartbeat_s))
        return false;
    amqp_channel_open(connection->state, QLI_CHANNEL);
    return qli_connection_answered(connection, "open a channel");
}

void qli_private_queue_name(const struct qli_connection *connection,
                            char ret_name[QLI_PRIVATE_QUEUE_SIZE])
{
    char id[QL_UUID_SIZE];

    ql_uuid_new(id);
    snprintf(ret_name, QLI_PRIVATE_QUEUE_SIZE, "questline.feed.%s.%s", connection->account, id);
}

enum ql_code qli_connection_open(struct ql_call *call, struct qli_connection *connection,
                                 const char *url, const char *name, int heartbeat_s)
{
    int64_t timeout_ms = ql_call_remaining_ms(call);
    char *copy = ql_arena_strdup(call->arena, url); /* the parser writes into it */
    struct amqp_connection_info info;

    if (copy == NULL)
        return ql_fail_memory(call);
    qli_connection_drop(connection);
    connection->is_refused = false;
    if (amqp_parse_url(copy, &info) != AMQP_STATUS_OK)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE",
                       "the broker's URL cannot be read");
    snprintf(connection->account, sizeof(connection->account), "%s", info.user);
    if (info.ssl)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "amqps is not supported yet");
    if (timeout_ms == 0)
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "no time left to connect");
    if (!open_all(connection, &info, name, heartbeat_s, timeout_ms))
        return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
    return QL_OK;
}

/* True for methods after which the connection is unusable. */
static bool ends_connection(const amqp_frame_t *frame)
{
    return frame->frame_type == AMQP_FRAME_METHOD &&
           (frame->payload.method.id == AMQP_CONNECTION_CLOSE_METHOD ||
            frame->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD ||
            frame->payload.method.id == AMQP_BASIC_CANCEL_METHOD);
}

enum qli_turn qli_connection_next(struct qli_connection *connection, int64_t timeout_ms,
                                  amqp_frame_t *ret_frame)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;

    if (connection->state == NULL)
        return QLI_BROKEN;
    for (;;) {
        int64_t left_ms = end_ms - ql_monotonic_ms();
        struct timeval timeout = timeval_from_ms(left_ms > 0 ? left_ms : 0);
        int status;

        amqp_maybe_release_buffers(connection->state);
        status = amqp_simple_wait_frame_noblock(connection->state, ret_frame, &timeout);
        if (status == AMQP_STATUS_TIMEOUT)
            return QLI_TIMEOUT;
        if (!qli_connection_wrote(connection, status, "read from the broker"))
            return QLI_BROKEN;
        if (ends_connection(ret_frame)) {
            set_broken_by_close(connection, "keep the connection", &ret_frame->payload.method);
            return QLI_BROKEN;
        }
        if (ret_frame->channel != 0)
            return QLI_FRAME;
        if (ret_frame->frame_type == AMQP_FRAME_METHOD) {
            if (ret_frame->payload.method.id == AMQP_CONNECTION_BLOCKED_METHOD)
                connection->is_blocked = true;
            else if (ret_frame->payload.method.id == AMQP_CONNECTION_UNBLOCKED_METHOD)
                connection->is_blocked = false;
        }
    }
}
