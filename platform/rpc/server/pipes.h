/* The connections of a server: how many there are and whose, and a time for a
 * message to arrive. Module-internal.
 *
 * nng bounds neither. A connection beyond its address's QL_LIMIT_PIPES is closed as
 * it comes; when there are as many as there may be at all, the one that was silent
 * longest makes way. A message that has begun and not arrived in full in time costs
 * its connection: nng sets memory for all of it aside when it begins. That one has
 * begun is seen from outside, as more bytes received by the kernel than the messages
 * that came make up, so this is for plain TCP only. So is, that a peer does not read its
 * replies: the kernel takes no more of them, and what it took is not acknowledged. */
#ifndef QL_RPC_PIPES_H
#define QL_RPC_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <nng/nng.h>

#include "platform/base/address.h"
#include "platform/limits/limits.h"

enum { QLI_PIPES_MAX = 1024, QLI_MESSAGE_TIMEOUT_MS = 10000 };

struct qli_pipes;

struct qli_pipes_options {
    struct ql_limits *limits;   /* NULL: no bound for an address */
    size_t max;                 /* 0: QLI_PIPES_MAX */
    int64_t message_timeout_ms; /* 0: QLI_MESSAGE_TIMEOUT_MS */
    bool is_plain_tcp;          /* else messages may take as long as they like */
};

/* Starts to look after the socket's connections, with a thread; before it listens.
 * NULL without memory or thread. */
struct qli_pipes *qli_pipes_start(nng_socket socket, const struct qli_pipes_options *options);
/* After the socket was closed; when that was given up, the memory stays. NULL is fine. */
void qli_pipes_stop(struct qli_pipes *pipes, bool is_socket_closed);

/* Cuts off a peer that does not read its replies. Any thread. */
void qli_pipes_cut(struct qli_pipes *pipes, nng_pipe pipe);

/* A message with so many bytes behind its request id came from the pipe. The pipe's
 * address goes to ret_address; "unknown" when it is gone. Any thread; never blocks. */
void qli_pipes_note_message(struct qli_pipes *pipes, nng_pipe pipe, size_t length,
                            char ret_address[QL_NETWORK_SIZE]);

#endif
