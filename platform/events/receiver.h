/* A subscription to a queue: its connection, the messages that have arrived over it, and
 * waiting for more, which ends when the consumer is to stop. Belongs to one thread, but
 * for qli_receiver_stop. */
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
    int wake_fd; /* readable once the consumer is to stop */
    _Atomic bool is_stopping;
};

/* prefetch messages are sent ahead at most. False without a file descriptor. */
bool qli_receiver_init(struct qli_receiver *receiver, size_t prefetch);
/* Says good-bye, which makes sure that the last acknowledgement is taken. */
void qli_receiver_done(struct qli_receiver *receiver);

/* Connects and subscribes to the queue. UNAVAILABLE (BROKER_UNAVAILABLE);
 * FAILED_PRECONDITION (QUEUE_REFUSED) when it is gone or closed to the account. */
enum ql_code qli_receiver_connect(struct ql_call *call, struct qli_receiver *receiver,
                                  const char *url, const char *name, int heartbeat_s,
                                  const char *queue) QL_MUST_CHECK;

/* Drops the connection and what has arrived over it, which the broker delivers again. */
void qli_receiver_drop(struct qli_receiver *receiver);

/* Waits until the socket can be read (when there is one), the consumer is to stop, or the
 * time is over. */
void qli_receiver_wait(struct qli_receiver *receiver, int64_t timeout_ms);

/* Takes in frames until n whole messages are there, the time is over or the consumer is to
 * stop; heartbeats are served. False: the connection broke. */
bool qli_receiver_take(struct qli_receiver *receiver, size_t n, int64_t timeout_ms);

/* Acknowledges every message up to this tag. False: the connection broke. */
bool qli_receiver_acknowledge(struct qli_receiver *receiver, uint64_t tag);

/* Ends all waits, now and later. Any thread. */
void qli_receiver_stop(struct qli_receiver *receiver);

#endif
