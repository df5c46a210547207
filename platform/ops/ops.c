/* The operator's port, on libmicrohttpd, in an event loop of this file: the library limits
 * the time without a byte but not the time of a whole request, so the loop checks the
 * connections itself.
 *
 * The loop never blocks: a connection that requests /readyz is suspended and queued for a
 * thread that may block. */
#include "platform/ops/ops.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <microhttpd.h>

#include "platform/base/attributes.h"
#include "platform/base/buffer.h"
#include "platform/base/clock.h"
#include "platform/base/metrics.h"
#include "platform/ops/clients.h"
#include "platform/ops/listener.h"
#include "platform/ops/ready_queue.h"

enum {
    BODY_MAX = 1024, /* of a request, which needs none; a longer one is refused */
    CONNECTION_BYTES = 8 * 1024,
    /* More than clients may have: a connection that was cut is closed a little later. */
    CONNECTIONS_MAX = QLI_CLIENTS_MAX + 16,
    METRICS_LIMIT = 4 * 1024 * 1024,
    DRAIN_MS = 1000,
};

static const char type_text[] = "text/plain; charset=utf-8";
static const char type_metrics[] = "text/plain; version=0.0.4; charset=utf-8";

struct ql_ops {
    struct MHD_Daemon *daemon; /* the loop's, as are the clients */
    struct qli_clients clients;
    struct qli_ready_queue ready_queue;
    pthread_t loop;
    bool has_loop;
    int wake_fd;
    _Atomic bool is_draining;
};

/* Takes ownership of the body if the mode says so. MHD_NO closes the connection. */
static enum MHD_Result answer_body(struct ql_ops *ops, struct qli_client *client, unsigned status,
                                   const char *type, void *body, size_t length,
                                   enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(length, body, mode);
    enum MHD_Result result;

    if (response == NULL) {
        if (mode == MHD_RESPMEM_MUST_FREE)
            free(body);
        return MHD_NO;
    }
    result = MHD_add_response_header(response, "Content-Type", type);
    if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        result = MHD_add_response_header(response, "Allow", "GET, HEAD");
    /* Such a request may have a body, which is not read. */
    if (result == MHD_YES &&
        (status == MHD_HTTP_METHOD_NOT_ALLOWED || status == MHD_HTTP_CONTENT_TOO_LARGE))
        result = MHD_add_response_header(response, "Connection", "close");
    if (result == MHD_YES)
        result = MHD_queue_response(client->connection, status, response);
    MHD_destroy_response(response);
    if (result == MHD_YES)
        qli_client_hold(&ops->clients, client, length);
    return result;
}

static enum MHD_Result answer_text(struct ql_ops *ops, struct qli_client *client, unsigned status,
                                   const char *text)
{
    char body[QLI_CLIENT_REASON_SIZE + 2];
    int length = snprintf(body, sizeof(body), "%s\n", text);

    return answer_body(ops, client, status, type_text, body, (size_t)length, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result answer_metrics(struct ql_ops *ops, struct qli_client *client)
{
    struct ql_buffer text;
    size_t length;
    bool failed;
    char *body;

    ql_buffer_init(&text, METRICS_LIMIT);
    ql_metrics_expose(&text);
    failed = text.failed;
    body = ql_buffer_take(&text, &length);
    if (failed)
        return answer_text(ops, client, MHD_HTTP_INTERNAL_SERVER_ERROR, "the metrics do not fit");
    return answer_body(ops, client, MHD_HTTP_OK, type_metrics, body, length, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result answer_readiness(struct ql_ops *ops, struct qli_client *client)
{
    const char *why_not = qli_ready_queue_add(&ops->ready_queue, &ops->clients, client);

    if (why_not == NULL)
        return MHD_YES;
    return answer_text(ops, client, MHD_HTTP_SERVICE_UNAVAILABLE, why_not);
}

static enum MHD_Result answer_request(struct ql_ops *ops, struct qli_client *client,
                                      const char *path, const char *method)
{
    bool is_livez = strcmp(path, "/livez") == 0, is_readyz = strcmp(path, "/readyz") == 0;

    if (!is_livez && !is_readyz && strcmp(path, "/metrics") != 0)
        return answer_text(ops, client, MHD_HTTP_NOT_FOUND, "not found");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_text(ops, client, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
    if (is_livez)
        return answer_text(ops, client, MHD_HTTP_OK, "ok");
    if (is_readyz)
        return answer_readiness(ops, client);
    return answer_metrics(ops, client);
}

static struct qli_client *client_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static bool announces_large_body(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

    return length != NULL && strtoul(length, NULL, 10) > BODY_MAX;
}

/* Called when the header has arrived, for each piece of a body, at the request's end, and
 * again after the connection was resumed. */
static enum MHD_Result on_request(void *argument, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *body, size_t *body_length, void **has_begun)
{
    struct ql_ops *ops = argument;
    struct qli_client *client = client_of(connection);

    (void)version;
    (void)body;
    if (client == NULL)
        return MHD_NO;
    if (*has_begun == NULL) {
        *has_begun = client;
        client->status = 0;
        client->body_bytes = 0;
        qli_client_enter(&ops->clients, client, QLI_CLIENT_ASKING);
        if (announces_large_body(connection))
            return answer_text(ops, client, MHD_HTTP_CONTENT_TOO_LARGE, "no body is wanted");
        return MHD_YES;
    }
    if (*body_length > 0) {
        client->body_bytes += *body_length;
        *body_length = 0;
        return client->body_bytes <= BODY_MAX ? MHD_YES : MHD_NO;
    }
    if (client->status == 0)
        return answer_request(ops, client, path, method);
    qli_client_enter(&ops->clients, client, QLI_CLIENT_ASKING);
    return answer_text(ops, client, client->status, client->reason);
}

static void on_connection(void *argument, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct ql_ops *ops = argument;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

        *context = qli_client_new(&ops->clients, connection, fd);
        if (*context == NULL)
            (void)shutdown(fd, SHUT_RDWR);
    } else if (*context != NULL) {
        qli_client_free(&ops->clients, *context);
        *context = NULL;
    }
}

static void on_answered(void *argument, struct MHD_Connection *connection, void **has_begun,
                        enum MHD_RequestTerminationCode why)
{
    struct ql_ops *ops = argument;
    struct qli_client *client = client_of(connection);

    (void)has_begun;
    if (client != NULL && why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        qli_client_enter(&ops->clients, client, QLI_CLIENT_KEPT);
}

/* A path is compared as it was sent. */
static size_t keep_escapes(void *argument, struct MHD_Connection *connection, char *text)
{
    (void)argument;
    (void)connection;
    return strlen(text);
}

static void run_once(struct ql_ops *ops, int most_ms)
{
    int epoll_fd = MHD_get_daemon_info(ops->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct pollfd polls[] = {{epoll_fd, POLLIN, 0}, {ops->wake_fd, POLLIN, 0}};
    int pause_ms = qli_clients_cut_late(&ops->clients);
    MHD_UNSIGNED_LONG_LONG pending_ms;
    eventfd_t n_wakes;

    if (most_ms >= 0 && (pause_ms < 0 || pause_ms > most_ms))
        pause_ms = most_ms;
    if (MHD_get_timeout(ops->daemon, &pending_ms) == MHD_YES &&
        (pause_ms < 0 || pending_ms < (MHD_UNSIGNED_LONG_LONG)pause_ms))
        pause_ms = (int)pending_ms;
    (void)poll(polls, QL_ARRAY_LENGTH(polls), pause_ms);
    (void)eventfd_read(ops->wake_fd, &n_wakes);
    (void)MHD_run(ops->daemon);
}

static void *serve_clients(void *argument)
{
    struct ql_ops *ops = argument;
    int64_t until_ms;
    int listener;

    while (!ops->is_draining)
        run_once(ops, -1);
    listener = MHD_quiesce_daemon(ops->daemon);
    if (listener >= 0)
        close(listener);
    until_ms = ql_monotonic_ms() + DRAIN_MS;
    while (ops->clients.n_busy > 0 && ql_monotonic_ms() < until_ms)
        run_once(ops, (int)(until_ms - ql_monotonic_ms()) + 1);
    return NULL;
}

static bool start_loop(struct ql_ops *ops, int listener)
{
    ops->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL,
        on_request, ops, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, ops, MHD_OPTION_NOTIFY_COMPLETED, on_answered, ops,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, ops, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_END);
    if (ops->daemon == NULL)
        close(listener);
    ops->has_loop =
        ops->daemon != NULL && pthread_create(&ops->loop, NULL, serve_clients, ops) == 0;
    return ops->has_loop;
}

struct ql_ops *ql_ops_start(const char *address, ql_ops_ready *ready, void *argument, char *error,
                            size_t error_size)
{
    struct ql_ops *ops = calloc(1, sizeof(*ops));
    bool has_started;
    int listener;

    if (ops == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    ops->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    qli_clients_init(&ops->clients);
    has_started = qli_ready_queue_start(&ops->ready_queue, ready, argument, ops->wake_fd) &&
                  ops->wake_fd >= 0;
    listener = has_started ? qli_ops_listen(address, error, error_size) : -1;
    if (listener >= 0 && start_loop(ops, listener))
        return ops;
    if (!has_started || listener >= 0)
        snprintf(error, error_size, "cannot listen on %.128s: no thread or descriptor is left",
                 address);
    ql_ops_stop(ops);
    return NULL;
}

/* No client may be suspended when the loop ends, so the readiness queue stops first. */
void ql_ops_stop(struct ql_ops *ops)
{
    if (ops == NULL)
        return;
    qli_ready_queue_stop(&ops->ready_queue);
    ops->is_draining = true;
    if (ops->has_loop) {
        (void)eventfd_write(ops->wake_fd, 1);
        pthread_join(ops->loop, NULL);
    }
    if (ops->daemon != NULL)
        MHD_stop_daemon(ops->daemon);
    if (ops->wake_fd >= 0)
        close(ops->wake_fd);
    qli_ready_queue_done(&ops->ready_queue);
    free(ops);
}
