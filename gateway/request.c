/* Creating a request, waiting, cancelling and freeing it. */
#include "gateway/request.h"

#include <stdlib.h>

#include "gateway/metrics.h"
#include "platform/base/clock.h"

bool requests_init(struct requests *requests, struct gateway *gateway)
{
    requests->gateway = gateway;
    h2o_linklist_init_anchor(&requests->under_way);
    return workspace_init(&requests->workspace) &&
           batchers_init(&requests->batchers, gateway->backends);
}

void requests_done(struct requests *requests)
{
    workspace_done(&requests->workspace);
    batchers_done(&requests->batchers);
}

static void on_posted(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        struct request *request =
            H2O_STRUCT_FROM_MEMBER(struct request, message.link, messages->next);

        h2o_linklist_unlink(&request->message.link);
        request->resume(request);
    }
}

void requests_open(struct requests *requests, h2o_context_t *context)
{
    requests->thread = pthread_self();
    h2o_multithread_register_receiver(context->queue, &requests->posted, on_posted);
    batchers_open(&requests->batchers, context->queue, requests->gateway->backends);
}

void requests_close(struct requests *requests, h2o_context_t *context)
{
    batchers_close(&requests->batchers, context->queue);
    h2o_multithread_unregister_receiver(context->queue, &requests->posted);
}

void request_post(struct request *request)
{
    h2o_multithread_send_message(&request->requests->posted, &request->message);
}

struct request *request_new(struct requests *requests, h2o_req_t *req)
{
    struct request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        return NULL;
    pthread_mutex_init(&request->lock, NULL);
    request->requests = requests;
    request->gateway = requests->gateway;
    request->req = req;
    request->connection = connection_of(req);
    request->began_ms = ql_monotonic_ms();
    request->deadline_ms = request->began_ms + request->gateway->settings.request_timeout_ms;
    request->record.level = QL_LOG_INFO;
    return request;
}

void request_free(struct request *request)
{
    request_end_wait(request);
    ql_rpc_result_free(request->result_owner);
    free(request->status_texts);
    pthread_mutex_destroy(&request->lock);
    free(request);
}

/* pending may be cancelled until the callback has begun; the lock orders the two. */
static void cancel_rpc(struct request *request)
{
    pthread_mutex_lock(&request->lock);
    if (request->pending != NULL && !request->is_called_back)
        ql_rpc_cancel(request->pending);
    pthread_mutex_unlock(&request->lock);
}

void requests_cancel_all(struct requests *requests)
{
    for (h2o_linklist_t *link = requests->under_way.next; link != &requests->under_way;
         link = link->next)
        cancel_rpc(H2O_STRUCT_FROM_MEMBER(struct request, link, link));
}

/* Called when h2o disposes of a request that is under way: the client has disconnected. The
 * result still arrives, once, and frees the request. */
static void guard_dispose(void *memory)
{
    struct request *request = ((struct request_guard *)memory)->request;

    if (request == NULL)
        return;
    request->connection->n_under_way--;
    request->req = NULL;
    request->guard = NULL;
    cancel_rpc(request);
}

static void on_readable(h2o_socket_t *socket, const char *error)
{
    (void)error;
    h2o_socket_read_stop(socket);
}

/* h2o stops reading during a request and starts again in a later turn of the loop: two
 * epoll_ctl per request. Stopping and starting within one turn costs none, so reading is
 * started here and stopped in unwatch_socket, just before h2o starts it. It must only poll
 * and not read: bytes of a next request would grow the input buffer, which may then move,
 * and the header fields of this request are in it. */
static void watch_socket(struct request *request)
{
    h2o_socket_t *socket = request->connection->socket;

    if (request->req->version >= 0x200)
        return; /* the other streams are still read */
    request->is_watched = true;
    h2o_socket_dont_read(socket, 1);
    h2o_socket_read_start(socket, on_readable);
}

static void unwatch_socket(struct request *request)
{
    h2o_socket_t *socket = request->connection->socket;

    if (!request->is_watched)
        return;
    request->is_watched = false;
    h2o_socket_read_stop(socket);
    h2o_socket_dont_read(socket, 0);
}

void request_begin_wait(struct request *request)
{
    struct requests *requests = request->requests;

    if (request->is_under_way)
        return;
    request->is_under_way = true;
    h2o_linklist_insert(&requests->under_way, &request->link);
    requests->n_under_way++;
    ql_metric_add(&gateway_metrics[GATEWAY_IN_FLIGHT], NULL, 1);
    request->guard =
        h2o_mem_alloc_shared(&request->req->pool, sizeof(*request->guard), guard_dispose);
    request->guard->request = request;
    request->connection->n_under_way++;
    watch_socket(request);
}

void request_end_wait(struct request *request)
{
    if (!request->is_under_way)
        return;
    request->is_under_way = false;
    h2o_linklist_unlink(&request->link);
    request->requests->n_under_way--;
    ql_metric_add(&gateway_metrics[GATEWAY_IN_FLIGHT], NULL, -1);
    if (request->guard == NULL)
        return; /* the client has disconnected, and the connection may be freed */
    request->guard->request = NULL;
    request->guard = NULL;
    request->connection->n_under_way--;
    unwatch_socket(request);
}
