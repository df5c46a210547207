/* A loop's batcher for each backend: calls of fast methods that one turn of the loop makes
 * are sent together. Loop's thread only. */
#ifndef QL_GATEWAY_BATCHERS_H
#define QL_GATEWAY_BATCHERS_H

#include <stdbool.h>

#include <h2o.h>

#include "gateway/backend.h"
#include "platform/rpc/client/batcher.h"

struct batcher {
    struct ql_rpc_batcher *rpc; /* NULL: no memory; calls are sent alone */
    h2o_multithread_message_t message;
    struct batchers *batchers;
};

struct batchers {
    h2o_multithread_receiver_t replies; /* messages of batchers that have Replies */
    struct batcher *entries;            /* in the order of the backends */
    size_t n;
};

/* Before the loop's thread runs. False without memory. */
bool batchers_init(struct batchers *batchers, const struct backends *backends) QL_MUST_CHECK;
void batchers_done(struct batchers *batchers);

/* At the loop's start, with the queue of its context. */
void batchers_open(struct batchers *batchers, h2o_multithread_queue_t *queue,
                   const struct backends *backends);
/* Sends the calls of a turn of the loop; called after each turn. */
void batchers_flush(struct batchers *batchers);
/* At the loop's end: later Replies are read by nng's threads. Before the backends are
 * freed. */
void batchers_leave(struct batchers *batchers);
/* Before the loop's context is disposed of. */
void batchers_close(struct batchers *batchers, h2o_multithread_queue_t *queue);

#endif
