/* What a connection may cost: resets, slowness, memory.
 *
 * h2o 2.2 bounds the time in which an HTTP/1 request arrives and the idle time
 * of a connection, and nothing else: it handles as many streams as a client
 * opens and resets, lets an HTTP/2 body drip for ever, and waits for ever for
 * a client that does not read its answer. A connection that goes too far is cut
 * by shutdown(2) on its descriptor: h2o must close the socket itself, from its
 * own callbacks. Loop's thread only. */
#ifndef QL_GATEWAY_ABUSE_H
#define QL_GATEWAY_ABUSE_H

#include <h2o.h>

#include "gateway/loop.h"

/* Watches an HTTP/2 request: one that its client resets before it has the answer
 * counts against the connection. Call it for every request that comes in. */
void abuse_watch(h2o_req_t *req);

/* Cuts the connection and counts why; a second call does nothing. */
void abuse_cut(struct connection *connection, const char *why);

/* Looks at all connections of the loop, several times a second from now on. */
void abuse_start(struct loop *loop);
/* Before the loop's context goes. */
void abuse_stop(struct loop *loop);

#endif
