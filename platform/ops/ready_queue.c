#include "platform/ops/ready_queue.h"

#include <stdio.h>
#include <sys/eventfd.h>

#include <microhttpd.h>

/* Waits for the next client; NULL when the queue stops and is empty. */
static struct qli_client *take_queued(struct qli_ready_queue *queue, bool *ret_is_stopping)
{
    struct qli_client *client = NULL;

    pthread_mutex_lock(&queue->mutex);
    while (queue->n_queued == 0 && !queue->is_stopping)
        pthread_cond_wait(&queue->changed, &queue->mutex);
    if (queue->n_queued > 0) {
        client = queue->clients[queue->first];
        queue->first = (queue->first + 1) % QLI_READY_QUEUE_MAX;
        queue->n_queued--;
    }
    *ret_is_stopping = queue->is_stopping;
    pthread_mutex_unlock(&queue->mutex);
    return client;
}

/* The serving thread does not touch a suspended client, so this thread may. */
static void *check_queued(void *argument)
{
    struct qli_ready_queue *queue = argument;
    struct qli_client *client;
    bool is_stopping;

    while ((client = take_queued(queue, &is_stopping)) != NULL) {
        bool is_ready = false;

        client->reason[0] = '\0';
        if (is_stopping)
            snprintf(client->reason, sizeof(client->reason), "stopping");
        else
            is_ready = queue->ready(queue->argument, client->reason, sizeof(client->reason));
        if (is_ready || client->reason[0] == '\0')
            snprintf(client->reason, sizeof(client->reason), is_ready ? "ready" : "not ready");
        client->status = is_ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
        MHD_resume_connection(client->connection);
        (void)eventfd_write(queue->wake_fd, 1);
    }
    return NULL;
}

bool qli_ready_queue_start(struct qli_ready_queue *queue, qli_ready_check *ready, void *argument,
                           int wake_fd)
{
    *queue = (struct qli_ready_queue){.ready = ready, .argument = argument, .wake_fd = wake_fd};
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->has_thread = pthread_create(&queue->thread, NULL, check_queued, queue) == 0;
    return queue->has_thread;
}

/* The connection is suspended before the other thread may resume it. */
const char *qli_ready_queue_add(struct qli_ready_queue *queue, struct qli_clients *clients,
                                struct qli_client *client)
{
    const char *why_not = NULL;

    pthread_mutex_lock(&queue->mutex);
    if (queue->is_stopping)
        why_not = "stopping";
    else if (queue->n_queued == QLI_READY_QUEUE_MAX)
        why_not = "too many requests for readiness at once";
    if (why_not == NULL) {
        qli_client_enter(clients, client, QLI_CLIENT_SUSPENDED);
        MHD_suspend_connection(client->connection);
        queue->clients[(queue->first + queue->n_queued++) % QLI_READY_QUEUE_MAX] = client;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return why_not;
}

void qli_ready_queue_stop(struct qli_ready_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_stopping = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
    if (queue->has_thread)
        pthread_join(queue->thread, NULL);
    queue->has_thread = false;
}

void qli_ready_queue_done(struct qli_ready_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
}
