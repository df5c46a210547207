/* Counting resets, checking all connections, and choosing the one to cut for memory. */
#include "gateway/connection_guard.h"

#include <h2o/http2.h>
#include <h2o/http2_internal.h>

#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum {
    /* A browser that leaves a page resets its streams, a hundred at most; a flood resets
     * thousands in a second. */
    RESETS_MAX = 200,
    RESET_WINDOW_MS = 10 * 1000,
    SWEEP_MS = 200,
    SHORT_SWEEP_MS = 20,             /* while memory is short: 100 MB may arrive in SWEEP_MS */
    STREAM_BYTES = 8 * 1024,         /* of h2o's state of a stream whose request is arriving */
    LEAST_WORTH_CUTTING = 64 * 1024, /* bytes */
};

static struct connection *connection_at(h2o_linklist_t *link)
{
    return H2O_STRUCT_FROM_MEMBER(struct connection, link, link);
}

/* Cuts the connection that holds the most. False: none holds enough. */
static bool cut_largest(struct memory *memory)
{
    struct connections *connections = H2O_STRUCT_FROM_MEMBER(struct connections, memory, memory);
    struct connection *largest = NULL;

    for (h2o_linklist_t *link = connections->all.next; link != &connections->all;
         link = link->next) {
        struct connection *connection = connection_at(link);

        if (!connection->is_cut && (largest == NULL || memory_held_by(&connection->memory) >
                                                           memory_held_by(&largest->memory)))
            largest = connection;
    }
    if (largest == NULL || memory_held_by(&largest->memory) < LEAST_WORTH_CUTTING)
        return false;
    connection_cut(largest, "memory");
    return true;
}

static void count_reset(struct connection *connection)
{
    int64_t now_ms = ql_monotonic_ms();

    if (now_ms - connection->reset_window_ms >= RESET_WINDOW_MS) {
        connection->reset_window_ms = now_ms;
        connection->n_resets = 0;
    }
    if (++connection->n_resets > RESETS_MAX)
        connection_cut(connection, "resets");
}

void connection_guard_end_request(h2o_req_t *req, struct connection *connection)
{
    bool has_body = req->res.content_length != SIZE_MAX && req->res.content_length > 0 &&
                    !h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));

    if (req->version < 0x200)
        return;
    if (h2o_timeval_is_null(&req->timestamps.response_start_at) || req->res.status == 0 ||
        (has_body && req->bytes_sent < req->res.content_length))
        count_reset(connection);
}

struct sweep {
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
    struct connection *connection = connection_of(req);
    bool is_http2 = req->version >= 0x200;
    /* h2o sets the path's configuration once a request has arrived. */
    bool is_arriving = req->pathconf == NULL;
    bool is_answered = !h2o_timeval_is_null(&req->timestamps.response_start_at);

    if (is_http2 && is_arriving) {
        const h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);

        connection->found += STREAM_BYTES;
        connection->found += memory_of_buffer(stream->_req_body);
        if (ms_since(sweep, req->timestamps.request_begin_at) > sweep->arrive_ms)
            connection_cut(connection, "slow");
    }
    if (is_answered && ms_since(sweep, req->timestamps.response_start_at) > sweep->answer_ms)
        connection_cut(connection, "slow");
    return 0;
}

/* A frame, or the preface of HTTP/2, that arrives byte by byte prevents the idle timeout.
 * h2o takes whole frames out of the buffer, so a buffer that has only grown holds one
 * incomplete frame. */
static void sweep_frame(const struct sweep *sweep, const h2o_http2_conn_t *http2,
                        struct connection *connection)
{
    size_t length = http2->sock->input->size;

    if (length == 0 || length < connection->frame_length || connection->frame_since_ms == 0)
        connection->frame_since_ms = sweep->now_ms;
    else if (sweep->now_ms - connection->frame_since_ms > sweep->arrive_ms)
        connection_cut(connection, "slow");
    connection->frame_length = length;
}

/* Any frame restarts h2o's idle timeout, PING included. Here a connection is idle when it
 * has no stream. Closes it as h2o's timeout does, with GOAWAY; the connection may be freed
 * then. If its client does not read the last bytes, it is cut. */
static void sweep_idle(const struct sweep *sweep, h2o_http2_conn_t *http2,
                       struct connection *connection)
{
    int64_t idle_ms = sweep->now_ms - connection->idle_since_ms;
    bool is_idle = connection->n_requests == 0 && http2->num_streams.pull.open == 0;

    if (!is_idle || idle_ms <= sweep->idle_ms)
        return;
    if (idle_ms > sweep->idle_ms + sweep->arrive_ms) {
        connection_cut(connection, "idle");
    } else if (h2o_timeout_is_linked(&http2->_timeout_entry) &&
               http2->state < H2O_HTTP2_CONN_STATE_HALF_CLOSED) {
        ql_metric_add(&gateway_metrics[GATEWAY_CUT], "idle", 1);
        h2o_timeout_unlink(&http2->_timeout_entry);
        http2->_timeout_entry.cb(&http2->_timeout_entry);
    }
}

static void sweep_http2(const struct sweep *sweep, struct connections *connections)
{
    h2o_linklist_t *all = &connections->context.http2._conns, *next;

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

/* The input of an HTTP/1 connection with a request is counted by the request's charge. */
static void find_input(struct connections *connections)
{
    for (h2o_linklist_t *link = connections->all.next; link != &connections->all;
         link = link->next) {
        struct connection *connection = connection_at(link);

        connection->found =
            connection->n_requests == 0 ? memory_of_buffer(connection->socket->input) : 0;
    }
}

static void count_buffers(struct connections *connections)
{
    for (h2o_linklist_t *link = connections->all.next; link != &connections->all;
         link = link->next) {
        struct connection *connection = connection_at(link);

        if (!memory_set_buffered(&connection->memory, &connection->client, connection->found))
            connection_cut(connection, "memory");
    }
}

static void on_sweep(h2o_timeout_entry_t *entry)
{
    struct connection_guard *guard = H2O_STRUCT_FROM_MEMBER(struct connection_guard, entry, entry);
    struct connections *connections = guard->connections;
    h2o_context_t *context = &connections->context;
    const struct gateway_settings *settings = &connections->gateway->settings;
    struct sweep sweep = {
        .now = *h2o_get_timestamp(context, NULL, NULL),
        .now_ms = ql_monotonic_ms(),
        .arrive_ms = settings->http_idle_timeout_ms,
        .idle_ms = settings->http_idle_timeout_ms,
        /* In HTTP/2 the time of an answer includes the call of the service. */
        .answer_ms = settings->request_timeout_ms + settings->answer_timeout_ms,
    };

    find_input(connections);
    context->globalconf->http1.callbacks.foreach_request(context, sweep_request, &sweep);
    context->globalconf->http2.callbacks.foreach_request(context, sweep_request, &sweep);
    sweep_http2(&sweep, connections);
    count_buffers(connections);
    connections_resume(connections);
    memory_trim(&connections->memory);
    h2o_timeout_link(context->loop,
                     memory_is_short(&connections->memory) ? &guard->short_pause : &guard->pause,
                     &guard->entry);
}

void connection_guard_start(struct connection_guard *guard, struct connections *connections)
{
    h2o_loop_t *evloop = connections->context.loop;

    guard->connections = connections;
    connections->memory.relieve = cut_largest;
    h2o_timeout_init(evloop, &guard->pause, SWEEP_MS);
    h2o_timeout_init(evloop, &guard->short_pause, SHORT_SWEEP_MS);
    guard->entry.cb = on_sweep;
    h2o_timeout_link(evloop, &guard->pause, &guard->entry);
}

void connection_guard_stop(struct connection_guard *guard)
{
    h2o_loop_t *evloop = guard->connections->context.loop;

    h2o_timeout_unlink(&guard->entry);
    h2o_timeout_dispose(evloop, &guard->pause);
    h2o_timeout_dispose(evloop, &guard->short_pause);
}
