/* Running and draining a loop.
 *
 * Draining follows an order that h2o asserts: a listener is stopped for one turn before it
 * is closed, a shutdown request starts a timer of one second, and the context is disposed of
 * only when no timer, connection or request is left. */
#include "gateway/loop.h"

#include <errno.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"

enum {
    DRAIN_TURN_MS = 20,
    /* Longer than h2o's timer of one second; also the time in which the rest of a request
     * has to arrive before its connection counts as idle. */
    DRAIN_GRACE_MS = 1100,
    CUT_MS = 500, /* for connections to close after they were cut */
};

bool loop_init(struct loop *loop, struct gateway *gateway)
{
    loop->connections.gateway = gateway;
    loop->connections.memory.limits = gateway->limits;
    connections_init(&loop->connections);
    return requests_init(&loop->requests, gateway);
}

void loop_done(struct loop *loop)
{
    connections_done(&loop->connections);
    requests_done(&loop->requests);
}

void loop_wake(struct loop *loop)
{
    h2o_multithread_send_message(&loop->requests.posted, NULL);
}

static void loop_open(struct loop *loop)
{
    h2o_context_t *context = &loop->connections.context;

    h2o_context_init(context, h2o_evloop_create(), loop->config);
    h2o_context_set_handler_context(context, loop->handler, &loop->requests);
    requests_open(&loop->requests, context);
    connection_guard_start(&loop->guard, &loop->connections);
    connections_listen(&loop->connections);
}

static void loop_close(struct loop *loop)
{
    h2o_context_t *context = &loop->connections.context;
    h2o_loop_t *evloop = context->loop;

    connection_guard_stop(&loop->guard);
    h2o_evloop_run(evloop, 0); /* receives the last messages */
    requests_close(&loop->requests, context);
    h2o_context_dispose(context);
    h2o_evloop_destroy(evloop);
}

/* h2o closes its HTTP/2 connections by a timer, which must have fired when the context is
 * disposed of. Under load it may fire late. */
static bool has_ended(struct loop *loop)
{
    return loop->connections.n == 0 && loop->requests.n_under_way == 0 &&
           !h2o_timeout_is_linked(&loop->connections.context.http2._graceful_shutdown_timeout);
}

/* Called in each turn after the time for answers is over: a token check that ends may still
 * start a call. */
static void cut_remaining(struct loop *loop)
{
    requests_cancel_all(&loop->requests);
    if (loop->requests.n_under_way == 0)
        connections_shut(&loop->connections, true);
}

static void loop_drain(struct loop *loop)
{
    h2o_context_t *context = &loop->connections.context;
    int64_t began_ms = ql_monotonic_ms(), now_ms;

    connections_stop_listening(&loop->connections);
    h2o_context_request_shutdown(context);
    while ((now_ms = ql_monotonic_ms()) < *loop->cut_at_ms + CUT_MS) {
        if (now_ms - began_ms >= DRAIN_GRACE_MS) {
            if (has_ended(loop))
                break;
            connections_shut(&loop->connections, false);
        }
        if (now_ms >= *loop->cut_at_ms)
            cut_remaining(loop);
        h2o_evloop_run(context->loop, DRAIN_TURN_MS);
        batchers_flush(&loop->requests.batchers);
    }
    loop->is_clean = has_ended(loop) && ql_monotonic_ms() - began_ms >= DRAIN_GRACE_MS;
}

void *loop_main(void *argument)
{
    struct loop *loop = argument;

    pthread_setname_np(pthread_self(), "ql:loop");
    loop_open(loop);
    pthread_barrier_wait(loop->started);
    while (!atomic_load(loop->is_stopping)) {
        if (h2o_evloop_run(loop->connections.context.loop, INT32_MAX) != 0 && errno != EINTR)
            break;
        batchers_flush(&loop->requests.batchers);
    }
    loop_drain(loop);
    batchers_leave(&loop->requests.batchers);
    if (loop->is_clean)
        loop_close(loop);
    else
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "drain_cut"),
               QL_NUMBER("connections", loop->connections.n),
               QL_NUMBER("requests", loop->requests.n_under_way));
    return NULL;
}
