/* One event loop: a thread, its connections, its requests under way, and the
 * memory all of them share for work that begins and ends within one callback.
 * Everything here is touched by the loop's thread alone, except the receivers,
 * to which any thread may send. */
#ifndef QL_GATEWAY_LOOP_H
#define QL_GATEWAY_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "gateway/backend.h"
#include "gateway/gateway.h"
#include "platform/base/arena.h"
#include "platform/base/buffer.h"
#include "platform/rpc/client/batcher.h"

/* Where connections come in. */
enum { DOOR_HTTP, DOOR_HTTPS, DOORS };

enum { LOOP_SCRATCH_BYTES = 4 * 1024 * 1024 }; /* for reading one request */

struct door {
    int listener_fd; /* owned until the listener exists; -1: shut */
    SSL_CTX *tls;    /* the server's; NULL: none */
    h2o_socket_t *listener;
    h2o_accept_ctx_t accept;
};

/* A loop's own way to a backend for calls of fast methods, which travel together in each
 * of the loop's turns. */
struct loop_backend {
    struct ql_rpc_gather *gather;      /* NULL: no memory; calls are sent alone */
    h2o_multithread_message_t message; /* to the loop: Replies wait */
    struct loop *loop;
};

struct loop {
    struct gateway *gateway;
    h2o_globalconf_t *config;
    pthread_t thread;
    pthread_barrier_t *started;      /* all loops and the starter meet here */
    const _Atomic bool *is_stopping; /* set before the loop is woken to drain */
    const int64_t *cut_at_ms;        /* monotonic; set before is_stopping */
    bool is_clean;                   /* ended with nothing left; read after the join */
    bool is_draining;

    h2o_context_t context;
    struct door doors[DOORS];
    h2o_multithread_receiver_t answers;
    h2o_timeout_t sweep_timeout, short_sweep_timeout; /* of abuse.c */
    h2o_timeout_entry_t sweep_entry;

    size_t held_bytes;   /* as are the next four, of memory.c */
    size_t ending_bytes; /* of these, held by connections that are cut */
    size_t max_held_bytes;
    size_t freed_bytes; /* since memory was returned to the system */
    int64_t trimmed_ms;

    h2o_linklist_t connections;
    h2o_linklist_t idle; /* those without a request, the longest idle first */
    size_t n_connections, max_connections;
    _Atomic size_t *n_all_connections; /* of all loops */
    size_t max_all_connections;
    h2o_linklist_t requests; /* those under way */
    size_t n_requests;

    struct loop_backend *backends; /* in the order of gateway->backends */
    h2o_multithread_receiver_t replies;

    struct ql_arena *scratch; /* reset after each use, as are the buffers */
    struct ql_buffer wire;
    struct ql_buffer json;
};

/* The loop that serves the request. */
struct loop *loop_of(h2o_req_t *req);
/* Allocates what the loop needs before its thread runs. */
bool loop_init(struct loop *loop);
/* After the thread has ended; leaves alone what an unclean loop still uses. */
void loop_done(struct loop *loop);

/* The thread: runs the loop until is_stopping, then drains it. */
void *loop_main(void *loop);

#endif
