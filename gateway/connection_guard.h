/* What a connection may cost: resets, slowness, idleness, memory.
 *
 * h2o 2.2 bounds the time in which an HTTP/1 request arrives and the time without
 * a byte, and nothing else: it handles as many streams as a client opens and
 * resets, lets an HTTP/2 body drip for ever, keeps an HTTP/2 connection for ever
 * that sends PINGs, and waits for ever for a client that does not read its answer.
 * A connection that goes too far is cut. Loop's thread only. */
#ifndef QL_GATEWAY_CONNECTION_GUARD_H
#define QL_GATEWAY_CONNECTION_GUARD_H

#include <h2o.h>

#include "gateway/connection.h"

/* Of one loop. */
struct connection_guard {
    struct connections *connections;
    h2o_timeout_t pause, short_pause; /* between two sweeps */
    h2o_timeout_entry_t entry;
};

/* For every request that h2o disposes of: an HTTP/2 one that its client has reset
 * before it had the answer counts against the connection. */
void connection_guard_end_request(h2o_req_t *req, struct connection *connection);

/* Looks at all connections several times a second from now on, and decides which one is
 * cut when memory is full. */
void connection_guard_start(struct connection_guard *guard, struct connections *connections);
/* Before the loop's context is disposed of. */
void connection_guard_stop(struct connection_guard *guard);

#endif
