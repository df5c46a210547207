/* The connections of a loop: accepted up to a bound for each client address, and
 * ended when others need their place. Loop's thread only.
 *
 * When all places are taken, the connection that has been without a request for
 * longest, a second at least, makes room, so that idle connections never keep a new client out. */
#ifndef QL_GATEWAY_CONNECTION_H
#define QL_GATEWAY_CONNECTION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "platform/limits/limits.h"

struct door;
struct loop;

/* Found from its socket. */
struct connection {
    h2o_linklist_t link;      /* among the loop's connections */
    h2o_linklist_t idle_link; /* among those without a request, the longest idle first */
    struct loop *loop;
    h2o_socket_t *socket;
    char address[INET6_ADDRSTRLEN]; /* of the other end; "" when the system does not know it */
    struct ql_client client;        /* that address, or its network */
    bool is_trusted_proxy;          /* then it is not one client's, and not counted as such */

    size_t n_requests;     /* from the handler's call until h2o disposes of them */
    int n_under_way;       /* of these, those that wait for a token check or a service */
    int n_refused;         /* of these, those refused by a limit and not delivered yet */
    int64_t idle_since_ms; /* monotonic; when the last of them ended, or it was accepted */
    size_t charged;        /* bytes that its requests hold */
    size_t buffered;       /* bytes of its buffers, and of requests that arrive */
    size_t found;          /* the same, as the sweep under way counts it */

    bool has_served; /* a request, or more; HTTP/2 does not begin behind one */

    bool is_shut; /* told not to send further requests */
    bool is_cut;  /* shut both ways; h2o will find out and close it */
    int64_t reset_window_ms;
    int n_resets;           /* in this window */
    int64_t frame_since_ms; /* since when a frame has been arriving */
    size_t frame_length;
};

/* The connection that the request came in on. */
struct connection *connection_of(h2o_req_t *req);

/* Accepts connections that wait at the door; a callback of h2o. */
void connection_on_accept(h2o_socket_t *listener, const char *error);

/* A request of the connection begins and ends: while there is one, the connection
 * is not idle. */
void connection_begin_request(struct connection *connection);
void connection_end_request(struct connection *connection);

/* Lets new connections in again once one has been idle long enough to make room; to
 * be called several times a second. */
void connections_look_for_room(struct loop *loop);

/* Ends the reading side of connections that wait for nothing, or, with busy_too,
 * both sides of all. */
void connections_shut(struct loop *loop, bool busy_too);

#endif
