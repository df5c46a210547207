/* The HTTP server: a listening port, another one with TLS if configured, and one event loop
 * per core.
 *
 * Every loop accepts from its own duplicates of the listening descriptors, up to its share
 * of the connection limit; at its limit it stops accepting, and other loops accept, or the
 * kernel's backlog fills. */
#ifndef QL_GATEWAY_SERVER_H
#define QL_GATEWAY_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

struct server;

/* Listens and starts server_loop_count() loops. NULL with a text in error. gateway must
 * outlive the server. */
struct server *server_start(struct gateway *gateway, char *error, size_t error_size);

/* The number of loops for these settings. */
int server_loop_count(const struct gateway_settings *settings);

/* The port listened on, for addresses that end in ":0". */
int server_port(const struct server *server);
int server_https_port(const struct server *server); /* 0: there is none */

/* Stops listening, finishes the requests under way and ends the loops; after limit_ms the
 * remaining ones are cut. A second call has no effect. */
void server_drain(struct server *server, int64_t limit_ms);

/* Drains, if that was not done, and releases. NULL is fine. */
void server_stop(struct server *server);

#endif
