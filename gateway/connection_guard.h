/* Bounds of a connection: resets, slowness, idleness, memory.
 *
 * h2o 2.2 bounds the time in which an HTTP/1 request arrives and the time without a byte,
 * and nothing else: it handles any number of streams that a client opens and resets, sets
 * no limit to the time of an HTTP/2 body, keeps an HTTP/2 connection as long as it sends
 * PINGs, and waits without limit for a client that does not read its answer. A connection
 * that exceeds a bound is cut. Loop's thread only. */
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

/* Called for every request that h2o disposes of: counts an HTTP/2 request that its client
 * has reset before it had the answer. */
void connection_guard_end_request(h2o_req_t *req, struct connection *connection);

/* Starts checking all connections several times a second, and cutting one when memory is
 * full. */
void connection_guard_start(struct connection_guard *guard, struct connections *connections);
/* Before the loop's context is disposed of. */
void connection_guard_stop(struct connection_guard *guard);

#endif
