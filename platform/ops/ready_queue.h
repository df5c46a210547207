/* A thread for what /readyz calls, which may block, and the short queue before it.
 * Module-internal. */
#ifndef QL_OPS_READY_QUEUE_H
#define QL_OPS_READY_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/ops/clients.h"
#include "platform/ops/ops.h"

enum { QLI_READY_QUEUE_MAX = 32 };

struct qli_ready_queue {
    ql_ops_ready *ready;
    void *argument;
    int wake_fd;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t changed;
    struct qli_client *clients[QLI_READY_QUEUE_MAX]; /* a ring of suspended clients */
    size_t first, n_queued;
    bool is_stopping;
};

/* wake_fd is an eventfd on which the loop that serves the connections waits: the library
 * does not wake it for a connection that was resumed. False: no thread can be had; to be
 * stopped all the same. */
bool qli_ready_queue_start(struct qli_ready_queue *queue, ql_ops_ready *ready, void *argument,
                           int wake_fd);

/* Suspends the client's connection; it is resumed with the client's status and reason.
 * Fails with the reason, in words for an answer: NULL is success. On the thread that
 * serves the connections. */
const char *qli_ready_queue_add(struct qli_ready_queue *queue, struct qli_clients *clients,
                                struct qli_client *client);

/* Waits for the thread; no client is suspended by us afterwards, nor ever again. */
void qli_ready_queue_stop(struct qli_ready_queue *queue);
void qli_ready_queue_done(struct qli_ready_queue *queue); /* when nobody queues any more */

#endif
