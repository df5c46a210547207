/* What a connection may cost: resets, slowness, idleness, memory.
 *
 * h2o 2.2 bounds the time in which an HTTP/1 request arrives and the time without
 * a byte, and nothing else: it handles as many streams as a client opens and
 * resets, lets an HTTP/2 body drip for ever, keeps an HTTP/2 connection for ever
 * that sends PINGs, and waits for ever for a client that does not read its answer.
 * A connection that goes too far is cut by shutdown(2) on its descriptor: h2o must
 * close the socket itself, from its own callbacks. Loop's thread only. */
#ifndef QL_GATEWAY_ABUSE_H
#define QL_GATEWAY_ABUSE_H

#include <h2o.h>

#include "gateway/connection.h"

/* For every request that h2o disposes of: an HTTP/2 one that its client has reset
 * before it had the answer counts against the connection. */
void abuse_end_request(h2o_req_t *req, struct connection *connection);

/* Cuts the connection and counts why; a second call does nothing. */
void abuse_cut(struct connection *connection, const char *why);

/* Before the connection is freed: what its buffers hold is given back. */
void abuse_forget(struct connection *connection);

/* Looks at all connections of the loop, several times a second from now on. */
void abuse_start(struct loop *loop);
/* Before the loop's context goes. */
void abuse_stop(struct loop *loop);

#endif
