/* Accepting, counting and closing connections. */
#include "gateway/connection.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum {
    ACCEPT_BATCH = 32, /* at a time, so that a flood of connections does not delay requests */
    IDLE_LEAST_MS = 1000,
    CUT_SHARE = 512, /* connections for each of which one more idle one is cut at once */
};

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* An IPv4 client of a socket for both families is shown as an IPv4 address. */
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

/* Counts the connection for its address. False: the address has too many. */
static bool count_connection(struct connection *connection)
{
    struct gateway *gateway = connection->connections->gateway;

    read_address(connection);
    ql_client_of_address(gateway->limits, connection->address, &connection->client);
    connection->is_trusted_proxy =
        client_address_is_trusted(&gateway->proxies, connection->address);
    return connection->is_trusted_proxy ||
           ql_client_limit_take(gateway->limits, QL_LIMIT_CONNECTIONS, &connection->client, 1);
}

static void uncount_connection(struct connection *connection)
{
    if (!connection->is_trusted_proxy)
        ql_client_limit_give(connection->connections->gateway->limits, QL_LIMIT_CONNECTIONS,
                             &connection->client, 1);
}

/* Starts accepting again on listeners that were stopped at the limit of connections. */
static void resume_listening(struct connections *connections);

static void on_close(void *data)
{
    struct connection *connection = data;
    struct connections *connections = connection->connections;

    (void)memory_set_buffered(&connection->memory, &connection->client, 0);
    uncount_connection(connection);
    h2o_linklist_unlink(&connection->link);
    if (h2o_linklist_is_linked(&connection->idle_link))
        h2o_linklist_unlink(&connection->idle_link);
    free(connection);
    connections->n--;
    atomic_fetch_sub(connections->n_of_all_loops, 1);
    ql_metric_add(&gateway_metrics[GATEWAY_CONNECTIONS], NULL, -1);
    resume_listening(connections);
}

static void become_idle(struct connection *connection)
{
    connection->idle_since_ms = ql_monotonic_ms();
    h2o_linklist_insert(&connection->connections->idle, &connection->idle_link);
}

static void connection_open(struct connections *connections, struct listener *listener,
                            h2o_socket_t *socket)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL) {
        h2o_socket_close(socket);
        return;
    }
    connection->connections = connections;
    connection->memory.memory = &connections->memory;
    connection->socket = socket;
    if (!count_connection(connection)) {
        free(connection);
        h2o_socket_close(socket);
        return;
    }
    h2o_linklist_insert(&connections->all, &connection->link);
    become_idle(connection);
    connections->n++;
    atomic_fetch_add(connections->n_of_all_loops, 1);
    ql_metric_add(&gateway_metrics[GATEWAY_CONNECTIONS], NULL, 1);
    socket->on_close.cb = on_close;
    socket->on_close.data = connection;
    h2o_accept(&listener->accept, socket);
}

/* True when a connection has been idle long enough to be cut for a new one: each gets time
 * to send its request. While another loop has fewer connections than its share, that loop
 * accepts the new one instead. */
static bool can_cut_idle(struct connections *connections)
{
    const struct connection *oldest;

    if (connections->n != connections->max || h2o_linklist_is_empty(&connections->idle) ||
        atomic_load(connections->n_of_all_loops) < connections->max_of_all_loops)
        return false;
    oldest = H2O_STRUCT_FROM_MEMBER(struct connection, idle_link, connections->idle.next);
    return ql_monotonic_ms() - oldest->idle_since_ms >= IDLE_LEAST_MS;
}

/* Cuts the connections that have been idle for longest. */
static void cut_idle(struct connections *connections)
{
    size_t n = 0, wanted = 1 + connections->max / CUT_SHARE;

    for (h2o_linklist_t *link = connections->idle.next; link != &connections->idle && n < wanted;
         link = link->next) {
        connection_cut(H2O_STRUCT_FROM_MEMBER(struct connection, idle_link, link), "full");
        n++;
    }
}

static void on_accept(h2o_socket_t *socket, const char *error)
{
    struct listener *listener = socket->data;
    struct connections *connections =
        H2O_STRUCT_FROM_MEMBER(struct connections, context, listener->accept.ctx);

    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        bool is_full = connections->n >= connections->max;
        h2o_socket_t *accepted = NULL;

        if (is_full && !can_cut_idle(connections)) {
            h2o_socket_read_stop(socket); /* until a connection has closed */
            return;
        }
        accepted = h2o_evloop_socket_accept(socket);
        if (accepted == NULL)
            return;
        if (is_full)
            cut_idle(connections);
        connection_open(connections, listener, accepted);
    }
}

static void resume_listening(struct connections *connections)
{
    for (int i = 0; i < LISTENERS && !connections->is_draining; i++) {
        h2o_socket_t *socket = connections->listeners[i].socket;

        if (socket != NULL && !h2o_socket_is_reading(socket))
            h2o_socket_read_start(socket, on_accept);
    }
}

void connections_init(struct connections *connections)
{
    h2o_linklist_init_anchor(&connections->all);
    h2o_linklist_init_anchor(&connections->idle);
    for (int i = 0; i < LISTENERS; i++)
        connections->listeners[i].fd = -1;
}

void connections_listen(struct connections *connections)
{
    h2o_context_t *context = &connections->context;

    for (int i = 0; i < LISTENERS; i++) {
        struct listener *listener = &connections->listeners[i];

        if (listener->fd < 0)
            continue;
        listener->accept.ctx = context;
        listener->accept.hosts = context->globalconf->hosts;
        listener->accept.ssl_ctx = listener->tls;
        listener->socket =
            h2o_evloop_socket_create(context->loop, listener->fd, H2O_SOCKET_FLAG_DONT_READ);
        listener->fd = -1;
        listener->socket->data = listener;
        h2o_socket_read_start(listener->socket, on_accept);
    }
}

void connections_stop_listening(struct connections *connections)
{
    connections->is_draining = true;
    for (int i = 0; i < LISTENERS; i++)
        if (connections->listeners[i].socket != NULL)
            h2o_socket_read_stop(connections->listeners[i].socket);
    h2o_evloop_run(connections->context.loop, 0);
    for (int i = 0; i < LISTENERS; i++) {
        if (connections->listeners[i].socket != NULL)
            h2o_socket_close(connections->listeners[i].socket);
        connections->listeners[i].socket = NULL;
    }
}

void connections_done(struct connections *connections)
{
    for (int i = 0; i < LISTENERS; i++) {
        if (connections->listeners[i].fd >= 0)
            close(connections->listeners[i].fd);
        connections->listeners[i].fd = -1;
    }
}

void connections_resume(struct connections *connections)
{
    if (can_cut_idle(connections))
        resume_listening(connections);
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

void connection_cut(struct connection *connection, const char *why)
{
    if (connection->is_cut)
        return;
    memory_expect_end(&connection->memory);
    connection->is_cut = true;
    ql_metric_add(&gateway_metrics[GATEWAY_CUT], why, 1);
    shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
}

/* For a connection without a request: shuts its reading side down, so that h2o reads an end
 * of file and closes it before its idle timeout. */
void connections_shut(struct connections *connections, bool busy_too)
{
    for (h2o_linklist_t *link = connections->all.next; link != &connections->all;
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
