/* The operator's port, on nng's HTTP server.
 *
 * nng calls back on few threads that everything in the process shares, so what
 * may block does not run there: /readyz waits in a short queue for a thread of
 * our own. Every request gets an answer from whoever holds its nng_aio. */
#include "platform/ops/ops.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/supplemental/http/http.h>

#include "platform/base/attributes.h"
#include "platform/base/buffer.h"
#include "platform/base/metrics.h"
#include "platform/nng/threads.h"

enum {
    URL_MAX = 300,
    REASON_SIZE = 256,
    QUEUE_MAX = 32,
    BODY_MAX = 1024, /* of a request: nobody needs one, so more is refused */
    METRICS_LIMIT = 4 * 1024 * 1024,
};

static const char type_text[] = "text/plain; charset=utf-8";
static const char type_metrics[] = "text/plain; version=0.0.4; charset=utf-8";

struct ql_ops {
    ql_ops_ready *ready;
    void *argument;
    nng_http_server *server;
    nng_http_handler *handler; /* NULL: the server has none of ours */
    bool is_handler_gone;
    pthread_t thread;
    bool has_thread, is_listening;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t changed;
    nng_aio *queue[QUEUE_MAX]; /* a ring of /readyz requests without an answer */
    size_t first, n_queued;
    bool is_stopping;
};

/* Answers and gives the aio back; without memory the connection is closed. */
static void answer(nng_aio *aio, uint16_t status, const char *type, const void *body, size_t length)
{
    nng_http_res *response = NULL;
    int fault = nng_http_res_alloc(&response);

    if (fault == 0)
        fault = nng_http_res_set_status(response, status);
    if (fault == 0)
        fault = nng_http_res_set_header(response, "Content-Type", type);
    if (fault == 0 && status == NNG_HTTP_STATUS_METHOD_NOT_ALLOWED)
        fault = nng_http_res_set_header(response, "Allow", "GET, HEAD");
    /* Such a request may have a body that nng did not read. */
    if (fault == 0 && status == NNG_HTTP_STATUS_METHOD_NOT_ALLOWED)
        fault = nng_http_res_set_header(response, "Connection", "close");
    if (fault == 0)
        fault = nng_http_res_copy_data(response, body, length);
    if (fault == 0)
        fault = nng_aio_set_output(aio, 0, response);
    if (fault != 0)
        nng_http_res_free(response);
    nng_aio_finish(aio, fault);
}

static void answer_text(nng_aio *aio, uint16_t status, const char *text)
{
    char body[REASON_SIZE + 2];
    int length = snprintf(body, sizeof(body), "%s\n", text);

    answer(aio, status, type_text, body, (size_t)length);
}

static void answer_metrics(nng_aio *aio)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;

    ql_buffer_init(&text, METRICS_LIMIT);
    ql_metrics_expose(&text);
    if (text.failed)
        answer_text(aio, NNG_HTTP_STATUS_INTERNAL_SERVER_ERROR, "the metrics do not fit");
    else
        answer(aio, NNG_HTTP_STATUS_OK, type_metrics, text.data != NULL ? text.data : "",
               text.length);
}

static void answer_readiness(const struct ql_ops *ops, nng_aio *aio)
{
    char reason[REASON_SIZE] = "";

    if (ops->ready(ops->argument, reason, sizeof(reason)))
        answer_text(aio, NNG_HTTP_STATUS_OK, "ready");
    else
        answer_text(aio, NNG_HTTP_STATUS_SERVICE_UNAVAILABLE,
                    reason[0] != '\0' ? reason : "not ready");
}

static void queue_readiness(struct ql_ops *ops, nng_aio *aio)
{
    bool is_stopping, is_queued = false;

    pthread_mutex_lock(&ops->mutex);
    is_stopping = ops->is_stopping;
    if (!is_stopping && ops->n_queued < QUEUE_MAX) {
        ops->queue[(ops->first + ops->n_queued++) % QUEUE_MAX] = aio;
        is_queued = true;
        pthread_cond_signal(&ops->changed);
    }
    pthread_mutex_unlock(&ops->mutex);
    if (is_queued)
        return;
    answer_text(aio, NNG_HTTP_STATUS_SERVICE_UNAVAILABLE,
                is_stopping ? "stopping" : "too many ask at once");
}

/* The next request; NULL when there is none and none will come. */
static nng_aio *take_queued(struct ql_ops *ops, bool *ret_is_stopping)
{
    nng_aio *aio = NULL;

    pthread_mutex_lock(&ops->mutex);
    while (ops->n_queued == 0 && !ops->is_stopping)
        pthread_cond_wait(&ops->changed, &ops->mutex);
    if (ops->n_queued > 0) {
        aio = ops->queue[ops->first];
        ops->first = (ops->first + 1) % QUEUE_MAX;
        ops->n_queued--;
    }
    *ret_is_stopping = ops->is_stopping;
    pthread_mutex_unlock(&ops->mutex);
    return aio;
}

static void *answer_queued(void *argument)
{
    struct ql_ops *ops = argument;
    bool is_stopping;
    nng_aio *aio;

    while ((aio = take_queued(ops, &is_stopping)) != NULL) {
        if (is_stopping)
            answer_text(aio, NNG_HTTP_STATUS_SERVICE_UNAVAILABLE, "stopping");
        else
            answer_readiness(ops, aio);
    }
    return NULL;
}

static bool is_path(const char *uri, const char *path)
{
    size_t length = strcspn(uri, "?");

    return strlen(path) == length && memcmp(uri, path, length) == 0;
}

/* On a thread of nng's. */
static void handle(nng_aio *aio)
{
    nng_http_req *request = nng_aio_get_input(aio, 0);
    struct ql_ops *ops = nng_http_handler_get_data(nng_aio_get_input(aio, 1));
    const char *method = nng_http_req_get_method(request);
    const char *uri = nng_http_req_get_uri(request);
    bool is_livez = is_path(uri, "/livez"), is_readyz = is_path(uri, "/readyz");

    if (!is_livez && !is_readyz && !is_path(uri, "/metrics"))
        answer_text(aio, NNG_HTTP_STATUS_NOT_FOUND, "not found");
    else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        answer_text(aio, NNG_HTTP_STATUS_METHOD_NOT_ALLOWED, "only GET and HEAD");
    else if (is_livez)
        answer_text(aio, NNG_HTTP_STATUS_OK, "ok");
    else if (is_readyz)
        queue_readiness(ops, aio);
    else
        answer_metrics(aio);
}

/* "host:port" as the URL that nng wants. False when it is anything else. */
static bool make_url(const char *address, char ret_url[URL_MAX])
{
    static const char host_alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789.-_:[]";
    const char *colon = strrchr(address, ':');
    size_t n_digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;
    long port;

    if (colon == NULL || colon == address || n_digits == 0 || n_digits > 5 ||
        colon[1 + n_digits] != '\0' || strspn(address, host_alphabet) != strlen(address))
        return false;
    port = strtol(colon + 1, NULL, 10);
    return port >= 1 && port <= 65535 && snprintf(ret_url, URL_MAX, "http://%s", address) < URL_MAX;
}

static void note_handler_gone(void *argument)
{
    struct ql_ops *ops = argument;

    ops->is_handler_gone = true;
}

/* One handler for all paths, so that every answer is of our own making. */
static int add_handler(struct ql_ops *ops)
{
    nng_http_handler *handler = NULL;
    int fault = nng_http_handler_alloc(&handler, "/", handle);

    if (fault != 0)
        return fault;
    fault = nng_http_handler_set_tree(handler);
    if (fault == 0)
        fault = nng_http_handler_set_method(handler, NULL);
    if (fault == 0)
        fault = nng_http_handler_collect_body(handler, true, BODY_MAX);
    if (fault == 0)
        fault = nng_http_handler_set_data(handler, ops, note_handler_gone);
    if (fault == 0)
        fault = nng_http_server_add_handler(ops->server, handler);
    if (fault == 0)
        ops->handler = handler;
    else
        nng_http_handler_free(handler);
    return fault;
}

/* Takes the handler back, as the server frees what it has left on a thread of
 * its own and later. No connection may be open. nng 1.5.2 forgets the reference
 * of a request that arrives while its connection is closed (http_sconn_rxdone):
 * whatever is left over then is dropped here. */
static void remove_handler(struct ql_ops *ops)
{
    if (ops->handler == NULL || nng_http_server_del_handler(ops->server, ops->handler) != 0)
        return;
    while (!ops->is_handler_gone)
        nng_http_handler_free(ops->handler);
}

static int start_server(struct ql_ops *ops, const char *url_text)
{
    nng_url *url = NULL;
    int fault;

    ql_nng_start();
    fault = nng_url_parse(&url, url_text);
    if (fault != 0)
        return fault;
    fault = nng_http_server_hold(&ops->server, url);
    nng_url_free(url);
    if (fault != 0)
        return fault;
    fault = add_handler(ops);
    if (fault == 0)
        fault = nng_http_server_start(ops->server);
    ops->is_listening = fault == 0;
    return fault;
}

struct ql_ops *ql_ops_start(const char *address, ql_ops_ready *ready, void *argument, char *error,
                            size_t error_size)
{
    char url[URL_MAX];
    struct ql_ops *ops;
    int fault;

    if (!make_url(address, url)) {
        snprintf(error, error_size, "\"%.128s\" is no address such as 127.0.0.1:8012", address);
        return NULL;
    }
    ops = calloc(1, sizeof(*ops));
    if (ops == NULL) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    ops->ready = ready;
    ops->argument = argument;
    pthread_mutex_init(&ops->mutex, NULL);
    pthread_cond_init(&ops->changed, NULL);
    ops->has_thread = pthread_create(&ops->thread, NULL, answer_queued, ops) == 0;
    fault = ops->has_thread ? start_server(ops, url) : NNG_ENOMEM;
    if (fault != 0) {
        snprintf(error, error_size, "cannot listen on %.128s: %s", address, nng_strerror(fault));
        ql_ops_stop(ops);
        return NULL;
    }
    return ops;
}

void ql_ops_stop(struct ql_ops *ops)
{
    if (ops == NULL)
        return;
    pthread_mutex_lock(&ops->mutex);
    ops->is_stopping = true;
    pthread_cond_broadcast(&ops->changed);
    pthread_mutex_unlock(&ops->mutex);
    /* It waits for its connections, and so for the answers our thread still owes. */
    if (ops->is_listening)
        nng_http_server_stop(ops->server);
    if (ops->has_thread)
        pthread_join(ops->thread, NULL);
    if (ops->server != NULL) {
        remove_handler(ops);
        nng_http_server_release(ops->server);
    }
    pthread_cond_destroy(&ops->changed);
    pthread_mutex_destroy(&ops->mutex);
    free(ops);
}
