/* The thread that runs readiness checks, which may block, and its short queue.
 * Module-internal. */
#ifndef QL_OPS_READY_QUEUE_H
#define QL_OPS_READY_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/ops/clients.h"

enum { QLI_READY_QUEUE_MAX = 32 };

/* The readiness check, as ql_ops_ready of ops.h. */
typedef bool qli_ready_check(void *argument, char *ret_reason, size_t reason_size);

struct qli_ready_queue {
    qli_ready_check *ready;
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
 * does not wake it for a connection that was resumed. False: no thread could be started;
 * the queue has to be stopped nevertheless. */
bool qli_ready_queue_start(struct qli_ready_queue *queue, qli_ready_check *ready, void *argument,
                           int wake_fd);

/* Suspends the client's connection; it is resumed once the client's status and reason are
 * set. NULL on success, else the reason, for the answer. On the thread that serves the
 * connections. */
const char *qli_ready_queue_add(struct qli_ready_queue *queue, struct qli_clients *clients,
                                struct qli_client *client);

/* Waits for the thread. Afterwards no client is suspended, and none can be added. */
void qli_ready_queue_stop(struct qli_ready_queue *queue);
void qli_ready_queue_done(struct qli_ready_queue *queue); /* once nothing calls add */

#endif
