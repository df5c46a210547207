/* The connections of a loop: accepted up to a bound for each client address, and
 * cut when there are too many. Loop's thread only.
 *
 * When a loop has as many as it may, the connection that has been without a request for
 * longest, a second at least, is cut for a new one, so that idle connections never keep a
 * new client out. */
#ifndef QL_GATEWAY_CONNECTION_H
#define QL_GATEWAY_CONNECTION_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "gateway/memory.h"
#include "platform/limits/limits.h"

struct gateway;

enum { LISTENER_HTTP, LISTENER_HTTPS, LISTENERS };

/* A loop's own duplicate of a listening descriptor of the server. */
struct listener {
    int fd;       /* owned until the socket exists; -1: there is none */
    SSL_CTX *tls; /* the server's; NULL: none */
    h2o_socket_t *socket;
    h2o_accept_ctx_t accept;
};

/* Of one loop. */
struct connections {
    struct gateway *gateway;
    h2o_context_t context;
    struct listener listeners[LISTENERS];
    h2o_linklist_t all;
    h2o_linklist_t idle; /* those without a request, the longest idle first */
    size_t n, max;
    _Atomic size_t *n_of_all_loops;
    size_t max_of_all_loops;
    struct memory memory;
    bool is_draining;
};

/* Found from its socket. */
struct connection {
    h2o_linklist_t link;      /* in connections->all */
    h2o_linklist_t idle_link; /* in connections->idle */
    struct connections *connections;
    h2o_socket_t *socket;
    char address[INET6_ADDRSTRLEN]; /* of the peer; "" when unknown */
    struct ql_client client;        /* that address, or its network */
    bool is_trusted_proxy;          /* the connection is not counted for a client */

    size_t n_requests;     /* from the handler's call until h2o disposes of them */
    int n_under_way;       /* of these, those that wait for a token check or a service */
    int n_refused;         /* of these, those refused by a limit and not delivered yet */
    int64_t idle_since_ms; /* monotonic: the end of the last request, or the accept */
    struct memory_account memory;

    bool has_served; /* a request has arrived; HTTP/2 must not begin after one */

    bool is_shut; /* the reading side is shut down */
    bool is_cut;  /* both sides are shut down; h2o closes it next */

    /* Of gateway/connection_guard.c. */
    size_t found; /* bytes of its buffers, as counted by the current sweep */
    int64_t reset_window_ms;
    int n_resets;           /* in this window */
    int64_t frame_since_ms; /* since when a frame has been arriving */
    size_t frame_length;
};

/* Empty lists, no listeners. */
void connections_init(struct connections *connections);

/* Begins to accept, once context exists. */
void connections_listen(struct connections *connections);
/* Stops accepting permanently. h2o requires that a listener is stopped for one turn of the
 * event loop before it is closed: this function runs that turn. */
void connections_stop_listening(struct connections *connections);
/* Closes descriptors that no listener owns. */
void connections_done(struct connections *connections);

/* The connection of a request. */
struct connection *connection_of(h2o_req_t *req);

/* A request of the connection begins, and ends: while it has one, it is not idle. */
void connection_begin_request(struct connection *connection);
void connection_end_request(struct connection *connection);

/* Cuts the connection by shutdown(2), as only h2o may close its socket, and counts the
 * reason; a second call has no effect. */
void connection_cut(struct connection *connection, const char *why);

/* Starts accepting again once a connection has been idle long enough to be cut for a new
 * one; call it several times a second. */
void connections_resume(struct connections *connections);

/* Shuts down the reading side of connections without a request under way, or, with busy_too,
 * both sides of all connections. */
void connections_shut(struct connections *connections, bool busy_too);

#endif
