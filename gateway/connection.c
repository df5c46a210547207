/* Accepting, counting and closing. */
#include "gateway/connection.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/abuse.h"
#include "gateway/loop.h"
#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum {
    ACCEPT_BATCH = 32, /* so that a flood of connections leaves turns for requests */
    IDLE_LEAST_MS = 1000,
    ROOM_SHARE = 512, /* of that many connections, one more makes room at once */
};

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* An IPv4 client of a socket for both families is shown as what it is. */
static void read_address(struct connection *connection)
{
    static const char mapped[] = "::ffff:";
    const size_t mapped_length = sizeof(mapped) - 1;
    struct sockaddr_storage peer;
    char *address = connection->address;
    socklen_t length = h2o_socket_getpeername(connection->socket, (struct sockaddr *)&peer);

    if (length == 0 || getnameinfo((struct sockaddr *)&peer, length, address,
                                   sizeof(connection->address), NULL, 0, NI_NUMERICHOST) != 0)
        address[0] = '\0';
    if (strncmp(address, mapped, mapped_length) == 0 && strchr(address, '.') != NULL)
        memmove(address, address + mapped_length, strlen(address + mapped_length) + 1);
}

/* Takes the connection's place among those of its address. */
static bool take_place(struct connection *connection)
{
    struct gateway *gateway = connection->loop->gateway;

    read_address(connection);
    ql_client_of_address(gateway->limits, connection->address, &connection->client);
    connection->is_trusted_proxy =
        client_address_is_trusted(&gateway->proxies, connection->address);
    return connection->is_trusted_proxy ||
           ql_client_limit_take(gateway->limits, QL_LIMIT_CONNECTIONS, &connection->client, 1);
}

static void give_place(struct connection *connection)
{
    if (!connection->is_trusted_proxy)
        ql_client_limit_give(connection->loop->gateway->limits, QL_LIMIT_CONNECTIONS,
                             &connection->client, 1);
}

static void doors_open(struct loop *loop)
{
    for (int i = 0; i < DOORS && !loop->is_draining; i++) {
        h2o_socket_t *listener = loop->doors[i].listener;

        if (listener != NULL && !h2o_socket_is_reading(listener))
            h2o_socket_read_start(listener, connection_on_accept);
    }
}

static void on_close(void *data)
{
    struct connection *connection = data;
    struct loop *loop = connection->loop;

    abuse_forget(connection);
    give_place(connection);
    h2o_linklist_unlink(&connection->link);
    if (h2o_linklist_is_linked(&connection->idle_link))
        h2o_linklist_unlink(&connection->idle_link);
    free(connection);
    loop->n_connections--;
    atomic_fetch_sub(loop->n_all_connections, 1);
    ql_metric_add(&gateway_metrics[GATEWAY_CONNECTIONS], NULL, -1);
    doors_open(loop);
}

static void become_idle(struct connection *connection)
{
    connection->idle_since_ms = ql_monotonic_ms();
    h2o_linklist_insert(&connection->loop->idle, &connection->idle_link);
}

static void connection_open(struct loop *loop, struct door *door, h2o_socket_t *socket)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL) {
        h2o_socket_close(socket);
        return;
    }
    connection->loop = loop;
    connection->socket = socket;
    if (!take_place(connection)) {
        free(connection);
        h2o_socket_close(socket);
        return;
    }
    h2o_linklist_insert(&loop->connections, &connection->link);
    become_idle(connection);
    loop->n_connections++;
    atomic_fetch_add(loop->n_all_connections, 1);
    ql_metric_add(&gateway_metrics[GATEWAY_CONNECTIONS], NULL, 1);
    socket->on_close.cb = on_close;
    socket->on_close.data = connection;
    h2o_accept(&door->accept, socket);
}

/* Whether a connection has been idle long enough to make room: a new one gets time to
 * send its request. While another loop still has places, the kernel gives new
 * connections to that one instead. */
static bool can_make_room(struct loop *loop)
{
    const struct connection *oldest;

    if (loop->n_connections != loop->max_connections || h2o_linklist_is_empty(&loop->idle) ||
        atomic_load(loop->n_all_connections) < loop->max_all_connections)
        return false;
    oldest = H2O_STRUCT_FROM_MEMBER(struct connection, idle_link, loop->idle.next);
    return ql_monotonic_ms() - oldest->idle_since_ms >= IDLE_LEAST_MS;
}

/* Cuts the connections that have been idle for longest. */
static void make_room(struct loop *loop)
{
    size_t n = 0, wanted = 1 + loop->max_connections / ROOM_SHARE;

    for (h2o_linklist_t *link = loop->idle.next; link != &loop->idle && n < wanted;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, idle_link, link);

        abuse_cut(connection, "full");
        n++;
    }
}

void connection_on_accept(h2o_socket_t *listener, const char *error)
{
    struct door *door = listener->data;
    struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, context, door->accept.ctx);

    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        bool is_full = loop->n_connections >= loop->max_connections;
        h2o_socket_t *socket = NULL;

        if (is_full && !can_make_room(loop)) {
            h2o_socket_read_stop(listener); /* until a connection has closed */
            return;
        }
        socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        if (is_full)
            make_room(loop);
        connection_open(loop, door, socket);
    }
}

void connections_look_for_room(struct loop *loop)
{
    if (can_make_room(loop))
        doors_open(loop);
}

void connection_begin_request(struct connection *connection)
{
    connection->has_served = true;
    if (connection->n_requests++ == 0)
        h2o_linklist_unlink(&connection->idle_link);
}

void connection_end_request(struct connection *connection)
{
    if (--connection->n_requests == 0)
        become_idle(connection);
}

/* A kept connection has no request to finish: end its reading side, so that h2o
 * sees an end of file and closes it, instead of waiting for its idle timeout. */
void connections_shut(struct loop *loop, bool busy_too)
{
    for (h2o_linklist_t *link = loop->connections.next; link != &loop->connections;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);

        if (busy_too) {
            shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
        } else if (connection->n_under_way == 0 && !connection->is_shut) {
            shutdown(h2o_socket_get_fd(connection->socket), SHUT_RD);
            connection->is_shut = true;
        }
    }
}
