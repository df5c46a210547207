/* The life of a loop: run, accept, drain.
 *
 * Draining follows an order that h2o insists on with assertions: the listener
 * rests for one turn before it is closed, a shutdown request leaves a timer of
 * one second behind, and the context may go only when no timer, connection or
 * request is left. */
#include "gateway/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/abuse.h"
#include "gateway/connection.h"
#include "gateway/request.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

enum {
    WIRE_BYTES = 1024 * 1024,     /* of a request message; the services take no more */
    JSON_BYTES = 8 * 1024 * 1024, /* of an answer; escapes make JSON grow */
    DRAIN_TURN_MS = 20,
    /* Longer than h2o's timer of one second; also the time that a request half
     * arrived has to become whole before its connection counts as idle. */
    DRAIN_GRACE_MS = 1100,
    CUT_MS = 500, /* for what is cut to fall */
};

struct loop *loop_of(h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct loop, context, req->conn->ctx);
}

bool loop_init(struct loop *loop)
{
    h2o_linklist_init_anchor(&loop->connections);
    h2o_linklist_init_anchor(&loop->idle);
    h2o_linklist_init_anchor(&loop->requests);
    ql_buffer_init(&loop->wire, WIRE_BYTES);
    ql_buffer_init(&loop->json, JSON_BYTES);
    loop->scratch = ql_arena_new(LOOP_SCRATCH_BYTES);
    loop->backends = calloc(loop->gateway->backends->n, sizeof(loop->backends[0]));
    return loop->scratch != NULL && loop->backends != NULL;
}

void loop_done(struct loop *loop)
{
    for (int i = 0; i < DOORS; i++) {
        if (loop->doors[i].listener_fd >= 0)
            close(loop->doors[i].listener_fd);
        loop->doors[i].listener_fd = -1;
    }
    ql_arena_free(loop->scratch);
    loop->scratch = NULL;
    free(loop->backends);
    loop->backends = NULL;
    ql_buffer_done(&loop->wire);
    ql_buffer_done(&loop->json);
}

static void door_open(struct loop *loop, struct door *door)
{
    if (door->listener_fd < 0)
        return;
    door->accept.ctx = &loop->context;
    door->accept.hosts = loop->config->hosts;
    door->accept.ssl_ctx = door->tls;
    door->listener =
        h2o_evloop_socket_create(loop->context.loop, door->listener_fd, H2O_SOCKET_FLAG_DONT_READ);
    door->listener_fd = -1;
    door->listener->data = door;
    h2o_socket_read_start(door->listener, connection_on_accept);
}

/* nng's thread. Not called again before ql_rpc_gather_take, so that the message is
 * free. */
static void replies_wake(void *argument)
{
    struct loop_backend *backend = argument;

    h2o_multithread_send_message(&backend->loop->replies, &backend->message);
}

static void on_replies(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    h2o_linklist_t *link;

    (void)receiver;
    /* Always linked; clang's analyzer does not know that unlinking moves the next one up. */
    while ((link = messages->next) != messages && h2o_linklist_is_linked(link)) {
        struct loop_backend *backend =
            H2O_STRUCT_FROM_MEMBER(struct loop_backend, message.link, link);

        h2o_linklist_unlink(link);
        ql_rpc_gather_take(backend->gather);
    }
}

static void backends_open(struct loop *loop)
{
    const struct backends *backends = loop->gateway->backends;

    h2o_multithread_register_receiver(loop->context.queue, &loop->replies, on_replies);
    for (size_t i = 0; i < backends->n; i++) {
        struct loop_backend *backend = &loop->backends[i];

        backend->loop = loop;
        backend->gather = ql_rpc_gather_new(backends->entries[i].channel, replies_wake, backend);
    }
}

/* Sends the calls that this turn brought. */
static void backends_flush(struct loop *loop)
{
    for (size_t i = 0; i < loop->gateway->backends->n; i++)
        if (loop->backends[i].gather != NULL)
            ql_rpc_gather_flush(loop->backends[i].gather);
}

static void backends_leave(struct loop *loop)
{
    for (size_t i = 0; i < loop->gateway->backends->n; i++)
        if (loop->backends[i].gather != NULL)
            ql_rpc_gather_leave(loop->backends[i].gather);
}

static void loop_open(struct loop *loop)
{
    h2o_context_init(&loop->context, h2o_evloop_create(), loop->config);
    h2o_multithread_register_receiver(loop->context.queue, &loop->answers, request_on_answers);
    backends_open(loop);
    abuse_start(loop);
    for (int i = 0; i < DOORS; i++)
        door_open(loop, &loop->doors[i]);
}

static void loop_close(struct loop *loop)
{
    h2o_loop_t *evloop = loop->context.loop;

    abuse_stop(loop);
    h2o_evloop_run(evloop, 0); /* takes the last notices */
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->replies);
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->answers);
    h2o_context_dispose(&loop->context);
    h2o_evloop_destroy(evloop);
}

static void doors_shut(struct loop *loop)
{
    for (int i = 0; i < DOORS; i++)
        if (loop->doors[i].listener != NULL)
            h2o_socket_read_stop(loop->doors[i].listener);
    h2o_evloop_run(loop->context.loop, 0);
    for (int i = 0; i < DOORS; i++) {
        if (loop->doors[i].listener != NULL)
            h2o_socket_close(loop->doors[i].listener);
        loop->doors[i].listener = NULL;
    }
}

/* h2o announces the end of its HTTP/2 connections by a timer, which it expects to be
 * over when the context goes. A loop that has much to do may see it late. */
static bool has_ended(struct loop *loop)
{
    return loop->n_connections == 0 && loop->n_requests == 0 &&
           !h2o_timeout_is_linked(&loop->context.http2._graceful_shutdown_timeout);
}

static void loop_drain(struct loop *loop)
{
    h2o_loop_t *evloop = loop->context.loop;
    int64_t began_ms = ql_monotonic_ms(), now_ms;

    loop->is_draining = true;
    doors_shut(loop);
    h2o_context_request_shutdown(&loop->context);
    while ((now_ms = ql_monotonic_ms()) < *loop->cut_at_ms + CUT_MS) {
        if (now_ms - began_ms >= DRAIN_GRACE_MS) {
            if (has_ended(loop))
                break;
            connections_shut(loop, false);
        }
        if (now_ms >= *loop->cut_at_ms) {
            request_cancel_all(loop); /* each turn: a token that was being checked starts a call */
            if (loop->n_requests == 0)
                connections_shut(loop, true);
        }
        h2o_evloop_run(evloop, DRAIN_TURN_MS);
        backends_flush(loop);
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
        if (h2o_evloop_run(loop->context.loop, INT32_MAX) != 0 && errno != EINTR)
            break;
        backends_flush(loop);
    }
    loop_drain(loop);
    backends_leave(loop);
    if (loop->is_clean)
        loop_close(loop);
    else
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "drain_cut"),
               QL_NUMBER("connections", loop->n_connections),
               QL_NUMBER("requests", loop->n_requests));
    return NULL;
}
