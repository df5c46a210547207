/* An AMQP connection with one channel, used by one thread. Module-internal.
 *
 * librabbitmq waits without limit; here every wait has a deadline. Reads take one frame at
 * a time with a timeout. A write that the broker does not accept (it stops reading while it
 * lacks memory or disk) is ended by the kernel (TCP_USER_TIMEOUT), because the library's
 * send loop has no deadline. */
#ifndef QL_EVENTS_CONNECTION_H
#define QL_EVENTS_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <amqp.h>
#include <amqp_framing.h>

#include "platform/base/call.h"

enum { QLI_CHANNEL = 1, QLI_WRITE_TIMEOUT_MS = 10000, QLI_ACCOUNT_SIZE = 256 };

struct qli_connection {
    amqp_connection_state_t state;  /* NULL: not connected */
    bool is_blocked;                /* the broker accepts no messages now */
    bool is_refused;                /* it ended because the broker refused a method */
    char account[QLI_ACCOUNT_SIZE]; /* the broker's account of this connection */
    char trouble[QL_MESSAGE_MAX];   /* why it broke, for people; never contains the URL */
};

/* Connects within the call's deadline (at most 5 s for the handshake) and opens the
 * channel. UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code qli_connection_open(struct ql_call *call, struct qli_connection *connection,
                                 const char *url, const char *name, int heartbeat_s) QL_MUST_CHECK;

/* Closes the connection in order, so that the last writes are accepted; within a second. */
void qli_connection_close(struct qli_connection *connection);
/* Releases the connection after a failure, without closing it in order. */
void qli_connection_drop(struct qli_connection *connection);

/* True when the last synchronous method succeeded; else the connection is dropped and
 * `trouble` names the action. */
bool qli_connection_answered(struct qli_connection *connection, const char *action);
/* The same for the status of an asynchronous method (publish, ack). */
bool qli_connection_wrote(struct qli_connection *connection, int status, const char *action);

/* Sets how long a write may be blocked: 1 s to QLI_WRITE_TIMEOUT_MS. */
void qli_connection_limit_writes(struct qli_connection *connection, int64_t timeout_ms);

enum qli_turn { QLI_FRAME, QLI_TIMEOUT, QLI_BROKEN };

/* The next frame of the channel, waiting at most timeout_ms; sends heartbeats that are due.
 * A frame is valid until the next call. QLI_BROKEN: the connection was dropped. */
enum qli_turn qli_connection_next(struct qli_connection *connection, int64_t timeout_ms,
                                  amqp_frame_t *ret_frame);

/* The name of a private queue of this connection, "questline.feed.<account>.<random>": the
 * names for which an account with watches has rights. */
enum { QLI_PRIVATE_QUEUE_SIZE = QLI_ACCOUNT_SIZE + 64 };
void qli_private_queue_name(const struct qli_connection *connection,
                            char ret_name[QLI_PRIVATE_QUEUE_SIZE]);

#endif
