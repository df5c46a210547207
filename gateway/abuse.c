/* The guard against resets, and the sweep over all connections. */
#include "gateway/abuse.h"

#include <sys/socket.h>

#include <h2o/http2.h>
#include <h2o/http2_internal.h>

#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum {
    /* A browser that leaves a page resets what it has asked for, a hundred streams
     * at most; a flood resets thousands in a second. */
    RESETS_MAX = 200,
    RESET_WINDOW_MS = 10 * 1000,
    SWEEP_MS = 200,
};

struct watched {
    h2o_req_t *req;
    struct connection *connection;
};

void abuse_cut(struct connection *connection, const char *why)
{
    if (connection->is_cut)
        return;
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

/* The stream ends. Its connection is still there: h2o ends streams first. */
static void watched_dispose(void *memory)
{
    struct watched *watched = memory;
    h2o_req_t *req = watched->req;
    bool has_body = req->res.content_length != SIZE_MAX && req->res.content_length > 0 &&
                    !h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));

    if (h2o_timeval_is_null(&req->timestamps.response_start_at) || req->res.status == 0 ||
        (has_body && req->bytes_sent < req->res.content_length))
        count_reset(watched->connection);
}

void abuse_watch(h2o_req_t *req)
{
    struct watched *watched;

    if (req->version < 0x200)
        return;
    watched = h2o_mem_alloc_shared(&req->pool, sizeof(*watched), watched_dispose);
    watched->req = req;
    watched->connection = loop_connection_of(req);
}

struct sweep {
    struct loop *loop;
    struct timeval now;
    int64_t arrive_ms, answer_ms; /* limits */
    size_t held, held_max;        /* bytes */
};

static int64_t ms_since(const struct sweep *sweep, struct timeval since)
{
    struct timeval now = sweep->now;

    return h2o_timeval_is_null(&since) ? 0 : h2o_timeval_subtract(&since, &now) / 1000;
}

/* Bytes of a body that is not whole yet, or of an answer that is not taken yet. */
static size_t held_by(h2o_req_t *req, h2o_socket_t *socket, bool is_answered)
{
    size_t length = socket->input->size;

    if (req->version >= 0x200) {
        const h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);

        length = stream->_req_body != NULL ? stream->_req_body->size : 0;
    }
    if (is_answered && req->res.content_length != SIZE_MAX)
        length += req->res.content_length;
    return length;
}

static int sweep_request(h2o_req_t *req, void *argument)
{
    struct sweep *sweep = argument;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    struct connection *connection = socket != NULL ? socket->on_close.data : NULL;
    bool is_http2 = req->version >= 0x200;
    /* h2o binds a request to a path when it has arrived. */
    bool is_arriving = req->pathconf == NULL;
    bool is_answered = !h2o_timeval_is_null(&req->timestamps.response_start_at);
    size_t held;

    if (connection == NULL) /* on its way from HTTP/1 to HTTP/2 */
        return 0;
    held = held_by(req, socket, is_answered);
    if (is_http2 && is_arriving &&
        ms_since(sweep, req->timestamps.request_begin_at) > sweep->arrive_ms) {
        abuse_cut(connection, "slow");
    } else if (is_answered &&
               ms_since(sweep, req->timestamps.response_start_at) > sweep->answer_ms) {
        abuse_cut(connection, "slow");
    } else if (held > sweep->held_max - sweep->held) {
        abuse_cut(connection, "memory");
    } else {
        sweep->held += held;
    }
    return 0;
}

/* A frame, or HTTP/2's preface, that arrives byte by byte keeps its connection
 * from being idle. Whole frames come out of the buffer, so one that has only
 * grown for so long holds one frame. */
static void sweep_frames(struct sweep *sweep)
{
    h2o_linklist_t *all = &sweep->loop->context.http2._conns;
    int64_t now_ms = ql_monotonic_ms();

    for (h2o_linklist_t *link = all->next; link != all; link = link->next) {
        const h2o_http2_conn_t *http2 = H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, _conns, link);
        struct connection *connection;
        size_t length;

        if (http2->sock == NULL)
            continue;
        connection = http2->sock->on_close.data;
        length = http2->sock->input->size;
        if (length == 0 || length < connection->frame_length || connection->frame_since_ms == 0)
            connection->frame_since_ms = now_ms;
        else if (now_ms - connection->frame_since_ms > sweep->arrive_ms)
            abuse_cut(connection, "slow");
        connection->frame_length = length;
    }
}

static void on_sweep(h2o_timeout_entry_t *entry)
{
    struct loop *loop = H2O_STRUCT_FROM_MEMBER(struct loop, sweep_entry, entry);
    const struct gateway_settings *settings = &loop->gateway->settings;
    struct sweep sweep = {
        .loop = loop,
        .now = *h2o_get_timestamp(&loop->context, NULL, NULL),
        .arrive_ms = settings->http_idle_timeout_ms,
        /* HTTP/2's clock of an answer runs from when the service is asked. */
        .answer_ms = settings->request_timeout_ms + settings->answer_timeout_ms,
        .held_max = loop->max_held_bytes,
    };

    loop->config->http1.callbacks.foreach_request(&loop->context, sweep_request, &sweep);
    loop->config->http2.callbacks.foreach_request(&loop->context, sweep_request, &sweep);
    sweep_frames(&sweep);
    h2o_timeout_link(loop->context.loop, &loop->sweep_timeout, &loop->sweep_entry);
}

void abuse_start(struct loop *loop)
{
    h2o_timeout_init(loop->context.loop, &loop->sweep_timeout, SWEEP_MS);
    loop->sweep_entry.cb = on_sweep;
    h2o_timeout_link(loop->context.loop, &loop->sweep_timeout, &loop->sweep_entry);
}

void abuse_stop(struct loop *loop)
{
    h2o_timeout_unlink(&loop->sweep_entry);
    h2o_timeout_dispose(loop->context.loop, &loop->sweep_timeout);
}
