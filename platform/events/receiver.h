/* A subscription to a queue: its connection, the messages that have arrived, and waiting for
 * more, which ends at the stop. Belongs to one thread, except qli_receiver_stop.
 * Module-internal. */
#ifndef QL_EVENTS_RECEIVER_H
#define QL_EVENTS_RECEIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/events/connection.h"
#include "platform/events/intake.h"

struct qli_receiver {
    struct qli_connection connection;
    struct qli_intake intake;
    int wake_fd; /* readable after qli_receiver_stop */
    _Atomic bool is_stopping;
};

/* prefetch bounds the unacknowledged messages. False without a file descriptor. */
bool qli_receiver_init(struct qli_receiver *receiver, size_t prefetch);
/* Closes the connection in order, so that the broker processes the last acknowledgement. */
void qli_receiver_done(struct qli_receiver *receiver);

/* Connects and subscribes to the queue. UNAVAILABLE (BROKER_UNAVAILABLE);
 * FAILED_PRECONDITION (QUEUE_REFUSED) when it does not exist or the account has no right. */
enum ql_code qli_receiver_connect(struct ql_call *call, struct qli_receiver *receiver,
                                  const char *url, const char *name, int heartbeat_s,
                                  const char *queue) QL_MUST_CHECK;

/* Drops the connection and the messages received, which the broker delivers again. */
void qli_receiver_drop(struct qli_receiver *receiver);

/* Waits until the socket is readable (if connected), the stop, or the end of the time. */
void qli_receiver_wait(struct qli_receiver *receiver, int64_t timeout_ms);

/* Reads frames until n whole messages have arrived, the time is over or the consumer stops;
 * serves heartbeats. False: the connection broke. */
bool qli_receiver_take(struct qli_receiver *receiver, size_t n, int64_t timeout_ms);

/* Acknowledges every message up to this tag. False: the connection broke. */
bool qli_receiver_acknowledge(struct qli_receiver *receiver, uint64_t tag);

/* Ends all waits, now and later. Any thread. */
void qli_receiver_stop(struct qli_receiver *receiver);

#endif
