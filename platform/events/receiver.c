/* Waiting for frames of a subscription, and for the stop. */
#include "platform/events/receiver.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/events/session.h"

bool qli_receiver_init(struct qli_receiver *receiver, size_t prefetch)
{
    memset(&receiver->connection, 0, sizeof(receiver->connection));
    qli_intake_init(&receiver->intake, prefetch);
    receiver->is_stopping = false;
    receiver->wake_fd = eventfd(0, EFD_CLOEXEC);
    return receiver->wake_fd >= 0;
}

void qli_receiver_done(struct qli_receiver *receiver)
{
    qli_connection_close(&receiver->connection);
    qli_intake_done(&receiver->intake);
    if (receiver->wake_fd >= 0)
        (void)close(receiver->wake_fd);
    receiver->wake_fd = -1;
}

enum ql_code qli_receiver_connect(struct ql_call *call, struct qli_receiver *receiver,
                                  const char *url, const char *name, int heartbeat_s,
                                  const char *queue)
{
    struct qli_connection *connection = &receiver->connection;
    enum ql_code rc = qli_connection_open(call, connection, url, name, heartbeat_s);

    if (rc != QL_OK)
        return rc;
    if (qli_session_consume(connection, queue, (uint16_t)receiver->intake.limit,
                            /* is_exclusive= */ false, NULL, 0))
        return QL_OK;
    if (connection->is_refused)
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUEUE_REFUSED", "%s", connection->trouble);
    return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", connection->trouble);
}

void qli_receiver_drop(struct qli_receiver *receiver)
{
    qli_connection_drop(&receiver->connection);
    qli_intake_done(&receiver->intake);
}

void qli_receiver_wait(struct qli_receiver *receiver, int64_t timeout_ms)
{
    struct pollfd fds[2] = {{receiver->wake_fd, POLLIN, 0}, {-1, POLLIN, 0}};

    if (receiver->connection.state != NULL)
        fds[1].fd = amqp_get_sockfd(receiver->connection.state);
    (void)poll(fds, 2, (int)timeout_ms);
}

bool qli_receiver_take(struct qli_receiver *receiver, size_t n, int64_t timeout_ms)
{
    struct qli_connection *connection = &receiver->connection;
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;
    amqp_frame_t frame;

    while (receiver->intake.n_whole < n) {
        int64_t left_ms = end_ms - ql_monotonic_ms();

        switch (qli_connection_next(connection, 0, &frame)) {
        case QLI_BROKEN:
            return false;
        case QLI_FRAME:
            if (qli_intake_frame(&receiver->intake, &frame))
                continue;
            snprintf(connection->trouble, sizeof(connection->trouble),
                     "cannot take a delivery: unexpected frame or no memory");
            return false;
        case QLI_TIMEOUT:
            break;
        }
        if (left_ms <= 0 || receiver->is_stopping)
            return true;
        qli_receiver_wait(receiver, left_ms);
    }
    return true;
}

bool qli_receiver_acknowledge(struct qli_receiver *receiver, uint64_t tag)
{
    int status = amqp_basic_ack(receiver->connection.state, QLI_CHANNEL, tag, /* multiple= */ 1);

    return qli_connection_wrote(&receiver->connection, status, "acknowledge");
}

void qli_receiver_stop(struct qli_receiver *receiver)
{
    uint64_t one = 1;

    receiver->is_stopping = true;
    (void)!write(receiver->wake_fd, &one, sizeof(one));
}
