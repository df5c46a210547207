/* The count of resets, and the sweep over all connections. */
#include "gateway/abuse.h"

#include <sys/socket.h>

#include <h2o/http2.h>
#include <h2o/http2_internal.h>

#include "gateway/loop.h"
#include "gateway/memory.h"
#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum {
    /* A browser that leaves a page resets what it has asked for, a hundred streams
     * at most; a flood resets thousands in a second. */
    RESETS_MAX = 200,
    RESET_WINDOW_MS = 10 * 1000,
    SWEEP_MS = 200,
    SHORT_SWEEP_MS = 20,     /* while memory is short: bodies arrive at 100 MB in a sweep */
    STREAM_BYTES = 8 * 1024, /* of h2o's state of a stream whose request arrives */
};

void abuse_cut(struct connection *connection, const char *why)
{
    if (connection->is_cut)
        return;
    memory_expect_end(connection);
    connection->is_cut = true;
    ql_metric_add(&gateway_metrics[GATEWAY_CUT], why, 1);
    shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
}

static void count_reset(struct connection *connection)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms - connection->reset_window_ms >= RESET_WINDOW_MS) {
        connection->reset_window_ms = now_ms;
        connection->n_resets = 0;
    }
    if (++connection->n_resets > RESETS_MAX)
        abuse_cut(connection, "resets");
}

void abuse_end_request(h2o_req_t *req, struct connection *connection)
{
    bool has_body = req->res.content_length != SIZE_MAX && req->res.content_length > 0 &&
                    !h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));

    if (req->version < 0x200)
        return;
    if (h2o_timeval_is_null(&req->timestamps.response_start_at) || req->res.status == 0 ||
        (has_body && req->bytes_sent < req->res.content_length))
        count_reset(connection);
}

void abuse_forget(struct connection *connection)
{
    (void)memory_set_buffered(connection, 0);
}

struct sweep {
    struct loop *loop;
    struct timeval now;
    int64_t now_ms;                        /* monotonic */
    int64_t arrive_ms, answer_ms, idle_ms; /* limits */
};

static int64_t ms_since(const struct sweep *sweep, struct timeval since)
{
    struct timeval now = sweep->now;

    return h2o_timeval_is_null(&since) ? 0 : h2o_timeval_subtract(&since, &now) / 1000;
}

static int sweep_request(h2o_req_t *req, void *argument)
{
    struct sweep *sweep = argument;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    struct connection *connection = socket->on_close.data;
    bool is_http2 = req->version >= 0x200;
    /* h2o binds a request to a path when it has arrived. */
    bool is_arriving = req->pathconf == NULL;
    bool is_answered = !h2o_timeval_is_null(&req->timestamps.response_start_at);

    if (is_http2 && is_arriving) {
        const h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);

        connection->found += STREAM_BYTES;
        connection->found += memory_of_buffer(stream->_req_body);
        if (ms_since(sweep, req->timestamps.request_begin_at) > sweep->arrive_ms)
            abuse_cut(connection, "slow");
    }
    if (is_answered && ms_since(sweep, req->timestamps.response_start_at) > sweep->answer_ms)
        abuse_cut(connection, "slow");
    return 0;
}

/* A frame, or HTTP/2's preface, that arrives byte by byte keeps its connection
 * from being idle. Whole frames come out of the buffer, so one that has only
 * grown for so long holds one frame. */
static void sweep_frame(const struct sweep *sweep, const h2o_http2_conn_t *http2,
                        struct connection *connection)
{
    size_t length = http2->sock->input->size;

    if (length == 0 || length < connection->frame_length || connection->frame_since_ms == 0)
        connection->frame_since_ms = sweep->now_ms;
    else if (sweep->now_ms - connection->frame_since_ms > sweep->arrive_ms)
        abuse_cut(connection, "slow");
    connection->frame_length = length;
}

/* Any frame restarts h2o's idle timeout, PING too. Here a connection is idle when it
 * has no stream. Ends it as h2o's timeout does, with GOAWAY; the connection may be
 * freed then. One whose last bytes are not taken either is cut. */
static void sweep_idle(const struct sweep *sweep, h2o_http2_conn_t *http2,
                       struct connection *connection)
{
    int64_t idle_ms = sweep->now_ms - connection->idle_since_ms;
    bool is_idle = connection->n_requests == 0 && http2->num_streams.pull.open == 0;

    if (!is_idle || idle_ms <= sweep->idle_ms)
        return;
    if (idle_ms > sweep->idle_ms + sweep->arrive_ms) {
        abuse_cut(connection, "idle");
    } else if (h2o_timeout_is_linked(&http2->_timeout_entry) &&
               http2->state < H2O_HTTP2_CONN_STATE_HALF_CLOSED) {
        ql_metric_add(&gateway_metrics[GATEWAY_CUT], "idle", 1);
        h2o_timeout_unlink(&http2->_timeout_entry);
        http2->_timeout_entry.cb(&http2->_timeout_entry);
    }
}

static void sweep_http2(struct sweep *sweep)
{
    h2o_linklist_t *all = &sweep->loop->context.http2._conns, *next;

    for (h2o_linklist_t *link = all->next; link != all; link = next) {
        h2o_http2_conn_t *http2 = H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, _conns, link);
        struct connection *connection = http2->sock->on_close.data;

        next = link->next;
        connection->found += memory_of_buffer(http2->_write.buf) +
                             memory_of_buffer(http2->_write.buf_in_flight) +
                             memory_of_buffer(http2->_headers_unparsed);
        if (connection->n_requests > 0)
            connection->found += memory_of_buffer(http2->sock->input);
        sweep_frame(sweep, http2, connection);
        sweep_idle(sweep, http2, connection);
    }
}

/* The input of an HTTP/1 connection with a request is the request's charge. */
static void find_input(struct loop *loop)
{
    for (h2o_linklist_t *link = loop->connections.next; link != &loop->connections;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);

        connection->found =
            connection->n_requests == 0 ? memory_of_buffer(connection->socket->input) : 0;
    }
}

static void count_buffers(struct loop *loop)
{
    for (h2o_linklist_t *link = loop->connections.next; link != &loop->connections;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);

        if (!memory_set_buffered(connection, connection->found))
            abuse_cut(connection, "memory");
    }
}

static void on_sweep(h2o_timeout_entry_t *entry)
{
    struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, sweep_entry, entry);
    const struct gateway_settings *settings = &loop->gateway->settings;
    struct sweep sweep = {
        .loop = loop,
        .now = *h2o_get_timestamp(&loop->context, NULL, NULL),
        .now_ms = ql_monotonic_ms(),
        .arrive_ms = settings->http_idle_timeout_ms,
        .idle_ms = settings->http_idle_timeout_ms,
        /* HTTP/2's clock of an answer runs from when the service is asked. */
        .answer_ms = settings->request_timeout_ms + settings->answer_timeout_ms,
    };

    find_input(loop);
    loop->config->http1.callbacks.foreach_request(&loop->context, sweep_request, &sweep);
    loop->config->http2.callbacks.foreach_request(&loop->context, sweep_request, &sweep);
    sweep_http2(&sweep);
    count_buffers(loop);
    connections_look_for_room(loop);
    memory_trim(loop);
    h2o_timeout_link(loop->context.loop,
                     memory_is_short(loop) ? &loop->short_sweep_timeout : &loop->sweep_timeout,
                     &loop->sweep_entry);
}

void abuse_start(struct loop *loop)
{
    h2o_timeout_init(loop->context.loop, &loop->sweep_timeout, SWEEP_MS);
    h2o_timeout_init(loop->context.loop, &loop->short_sweep_timeout, SHORT_SWEEP_MS);
    loop->sweep_entry.cb = on_sweep;
    h2o_timeout_link(loop->context.loop, &loop->sweep_timeout, &loop->sweep_entry);
}

void abuse_stop(struct loop *loop)
{
    h2o_timeout_unlink(&loop->sweep_entry);
    h2o_timeout_dispose(loop->context.loop, &loop->sweep_timeout);
    h2o_timeout_dispose(loop->context.loop, &loop->short_sweep_timeout);
}
