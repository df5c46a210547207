/* One event loop: a thread, its connections and its requests. Only the loop's thread uses
 * these, except the receivers, to which any thread may send. */
#ifndef QL_GATEWAY_LOOP_H
#define QL_GATEWAY_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <h2o.h>

#include "gateway/connection.h"
#include "gateway/connection_guard.h"
#include "gateway/request.h"

struct loop {
    h2o_globalconf_t *config;
    h2o_handler_t *handler; /* pipeline_on_req */
    pthread_t thread;
    pthread_barrier_t *started;      /* of all loops and server_start */
    const _Atomic bool *is_stopping; /* set before the loop is woken to drain */
    const int64_t *cut_at_ms;        /* monotonic; set before is_stopping */
    bool is_clean;                   /* ended without connections left; read after the join */

    struct connections connections;
    struct connection_guard guard;
    struct requests requests;
};

/* Allocates what the loop needs before its thread runs. False without memory; loop_done
 * releases what there is in any case. */
bool loop_init(struct loop *loop, struct gateway *gateway) QL_MUST_CHECK;
/* After the thread has ended, if it ended cleanly. */
void loop_done(struct loop *loop);

/* The thread: runs the loop until is_stopping, then drains it. */
void *loop_main(void *loop);

/* Makes the loop check is_stopping. Any thread. */
void loop_wake(struct loop *loop);

#endif
