/* The life of a request. Every path through it ends in one call of reply. */
#include "gateway/request.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/authority.h"
#include "gateway/backend.h"
#include "gateway/charge.h"
#include "gateway/cors.h"
#include "gateway/head.h"
#include "platform/base/http_status.h"
#include "gateway/intake.h"
#include "gateway/metrics.h"
#include "gateway/probes.h"
#include "gateway/reply.h"
#include "gateway/transcode.h"
#include "platform/base/clock.h"
#include "platform/rpc/access.h"

enum { BAD_SENDER_PLACES = 8 };

static struct request *request_new(struct loop *loop, h2o_req_t *req)
{
    struct request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        return NULL;
    pthread_mutex_init(&request->lock, NULL);
    request->loop = loop;
    request->req = req;
    request->connection = connection_of(req);
    request->began_ms = ql_monotonic_ms();
    request->deadline_ms = request->began_ms + loop->gateway->settings.request_timeout_ms;
    request->record.level = QL_LOG_INFO;
    return request;
}

void request_free(struct request *request)
{
    if (request->is_under_way) {
        h2o_linklist_unlink(&request->link);
        request->loop->n_requests--;
        ql_metric_add(&gateway_metrics[GATEWAY_IN_FLIGHT], NULL, -1);
    }
    if (request->guard != NULL) {
        request->guard->request = NULL;
        request->connection->n_under_way--;
    }
    ql_rpc_result_free(request->result_owner);
    free(request->status_texts);
    pthread_mutex_destroy(&request->lock);
    free(request);
}

/* pending is good to cancel until the callback has been entered, and the lock
 * keeps the callback from passing while we look. */
static void cancel_rpc(struct request *request)
{
    pthread_mutex_lock(&request->lock);
    if (request->pending != NULL && !request->is_called_back)
        ql_rpc_cancel(request->pending);
    pthread_mutex_unlock(&request->lock);
}

void request_cancel_all(struct loop *loop)
{
    for (h2o_linklist_t *link = loop->requests.next; link != &loop->requests; link = link->next)
        cancel_rpc(H2O_STRUCT_FROM_MEMBER(struct request, link, link));
}

/* h2o disposes of the request while it is under way: the client went away. The
 * message still comes, once, and then frees ours. */
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

/* h2o has stopped reading for the time of the request, and would start again in
 * another turn of the loop: two epoll_ctl per request. Reading that is stopped
 * and started within one turn costs none, so it is started here and, when the
 * answer is there, stopped (unwatch in reply.c) just before h2o starts it. It
 * must only ask and never read: bytes of a next request would grow the input
 * buffer, which may move, and the header fields of this one lie in it. */
static void watch(struct request *request)
{
    h2o_socket_t *socket = request->connection->socket;

    if (request->req->version >= 0x200)
        return; /* the other streams are read on */
    request->is_watched = true;
    h2o_socket_dont_read(socket, 1);
    h2o_socket_read_start(socket, on_readable);
}

/* From here on the request outlives the handler. */
static void go_under_way(struct request *request)
{
    struct loop *loop = request->loop;

    if (request->is_under_way)
        return;
    request->is_under_way = true;
    h2o_linklist_insert(&loop->requests, &request->link);
    loop->n_requests++;
    ql_metric_add(&gateway_metrics[GATEWAY_IN_FLIGHT], NULL, 1);
    request->guard =
        h2o_mem_alloc_shared(&request->req->pool, sizeof(*request->guard), guard_dispose);
    request->guard->request = request;
    request->connection->n_under_way++;
    watch(request);
}

void request_on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        struct request *request =
            H2O_STRUCT_FROM_MEMBER(struct request, message.link, messages->next);

        h2o_linklist_unlink(&request->message.link);
        request->resume(request);
    }
}

static void post(struct request *request)
{
    h2o_multithread_send_message(&request->loop->answers, &request->message);
}

/* The texts of violations are the result's and die with it. */
static void keep_status(struct request *request, const struct ql_status *status)
{
    size_t size = 0;
    char *at;

    request->status = *status;
    for (size_t i = 0; i < status->n_violations; i++)
        size += strlen(status->violations[i].field) + strlen(status->violations[i].description) + 2;
    request->status.n_violations = 0;
    at = request->status_texts = size > 0 ? malloc(size) : NULL;
    if (at == NULL)
        return; /* the status without them is still true */
    for (size_t i = 0; i < status->n_violations; i++) {
        struct ql_violation *kept = &request->status.violations[i];

        kept->field = at;
        at = stpcpy(at, status->violations[i].field) + 1;
        kept->description = at;
        at = stpcpy(at, status->violations[i].description) + 1;
    }
    request->status.n_violations = status->n_violations;
}

static void on_answer(struct request *request)
{
    if (request->status.code == QL_CANCELLED && request->req != NULL)
        reply_refuse(request, 503, QL_UNAVAILABLE, "GATEWAY_STOPPED",
                     "the gateway stopped before the answer came");
    else if (request->status.code != QL_OK)
        reply_error(request, &request->status);
    else
        transcode_response(request);
}

/* The answer dies with the callback, but is not read before the loop is. */
static void keep_payload(struct request *request, struct ql_rpc_result *result)
{
    request->result_owner = ql_rpc_result_take(result);
    if (request->result_owner == NULL && result->payload_length > 0) {
        request->status = (struct ql_status){.code = QL_RESOURCE_EXHAUSTED,
                                             .reason = "MEMORY_LIMIT",
                                             .message = "no memory for the answer"};
        return;
    }
    request->payload = result->payload;
    request->payload_length = result->payload_length;
}

/* On the loop's thread for calls that were answered together with others, else on
 * nng's. */
static void on_rpc_done(void *argument, struct ql_rpc_result *result)
{
    struct request *request = argument;
    bool is_here = pthread_equal(pthread_self(), request->loop->thread) != 0;

    pthread_mutex_lock(&request->lock);
    request->is_called_back = true;
    pthread_mutex_unlock(&request->lock);
    if (result->status->code == QL_OK && result->etag_length > 0)
        (void)etag_copy(request->etag, result->etag, result->etag_length);
    request->is_replayed = result->is_replayed;
    if (result->status->code != QL_OK) {
        keep_status(request, result->status);
    } else if (is_here) {
        request->payload = result->payload;
        request->payload_length = result->payload_length;
    } else {
        keep_payload(request, result);
    }
    if (is_here)
        request->resume(request);
    else
        post(request);
}

/* Calls of fast methods travel with others of the same turn of the loop. */
static struct ql_rpc_pending *call_send(struct request *request, const struct ql_rpc_request *call)
{
    struct loop *loop = request->loop;
    struct ql_rpc_gather *gather = loop->backends[request->backend].gather;

    if (request->match.method->is_fast && gather != NULL)
        return ql_rpc_gather_send(gather, call, on_rpc_done, request);
    return ql_rpc_send(loop->gateway->backends->entries[request->backend].channel, call,
                       on_rpc_done, request);
}

static void call_backend(struct request *request)
{
    const struct ql_buffer *wire = &request->loop->wire;
    char traceparent[QL_TRACEPARENT_SIZE];

    if (!transcode_request(request))
        return;
    ql_trace_format(&request->record.trace, traceparent);
    go_under_way(request);
    request->resume = on_answer;
    request->pending = call_send(request, &(struct ql_rpc_request){
                                              .method = request->match.method->full_name,
                                              .payload = wire->length > 0 ? wire->data : "",
                                              .payload_length = wire->length,
                                              .deadline_ms = request->deadline_ms,
                                              .authorization = request->check.token,
                                              .traceparent = traceparent,
                                              .request_id = request->record.request_id,
                                              .idempotency_key = request->idempotency_key,
                                              .if_match = request->if_match,
                                              .client_address = request->record.client,
                                          });
    if (request->pending == NULL)
        reply_busy(request);
}

/* An early answer only: the service decides for itself. */
static void check_access(struct request *request)
{
    const struct ql_method *method = request->match.method;

    memcpy(request->record.user, request->check.identity.subject, sizeof(request->record.user));
    if (!charge_account(request, request->record.user))
        return;
    if (ql_access_allows(method->access, method->callers, &request->check.identity))
        call_backend(request);
    else
        reply_refuse(request, 403, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED",
                     "your role may not call this method");
}

/* Each address has a share of the places where tokens wait for their check. Of a token
 * of an address that sends bad ones, each takes several. */
static bool take_check_place(struct request *request)
{
    struct ql_limits *limits = request->loop->gateway->limits;
    const struct ql_client *client = charge_client(request);
    bool sends_bad_ones = ql_client_limit_held(limits, QL_LIMIT_BAD_TOKENS, client) >=
                          ql_limit_max(limits, QL_LIMIT_BAD_TOKENS);

    request->checked = *client;
    request->n_checked = sends_bad_ones ? BAD_SENDER_PLACES : 1;
    return ql_client_limit_take(limits, QL_LIMIT_UNVERIFIED_TOKENS, client, request->n_checked);
}

static void give_check_place(struct request *request)
{
    ql_client_limit_give(request->loop->gateway->limits, QL_LIMIT_UNVERIFIED_TOKENS,
                         &request->checked, request->n_checked);
}

static void count_bad_token(struct request *request)
{
    /* A count that is full stays full for the rest of its window. */
    if (!ql_client_limit_take(request->loop->gateway->limits, QL_LIMIT_BAD_TOKENS,
                              &request->checked, 1))
        return;
}

static void on_token_checked(struct request *request)
{
    give_check_place(request);
    if (request->check.status.code == QL_UNAUTHENTICATED)
        count_bad_token(request);
    if (request->req == NULL || request->check.status.code != QL_OK)
        reply_error(request, &request->check.status);
    else
        check_access(request);
}

/* On a thread of the token pool. */
static void on_check_done(struct token_check *check)
{
    post(H2O_STRUCT_FROM_MEMBER(struct request, check, check));
}

static void check_token(struct request *request)
{
    struct gateway *gateway = request->loop->gateway;
    struct token_check *check = &request->check;

    if (!intake_token(request))
        return;
    if (ql_verify_token_cached(gateway->verifier, check->token, &check->identity)) {
        check_access(request);
        return;
    }
    if (!take_check_place(request)) {
        reply_refuse_later(request, "TOO_MANY_TOKENS",
                           "too many tokens from your address wait for their check");
        return;
    }
    go_under_way(request);
    request->resume = on_token_checked;
    check->done = on_check_done;
    if (token_pool_submit(gateway->token_pool, check))
        return;
    give_check_place(request);
    reply_busy(request);
}

/* Methods without access for people are no routes, whatever the contract says. */
static enum ql_route_result match_route(struct request *request, char ret_allow[QL_ALLOW_MAX])
{
    h2o_req_t *req = request->req;
    size_t path_length = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    enum ql_route_result result =
        ql_routes_match(request->loop->gateway->routes, req->method.base, req->method.len,
                        req->path.base, path_length, &request->match, ret_allow);

    if (result == QL_ROUTE_FOUND && !backend_serves(request->match.method))
        return QL_ROUTE_NOT_FOUND;
    return result;
}

static bool find_route(struct request *request)
{
    char allow[QL_ALLOW_MAX];

    switch (match_route(request, allow)) {
    case QL_ROUTE_FOUND:
        request->record.method = request->match.method->full_name;
        return true;
    case QL_ROUTE_WRONG_VERB:
        if (cors_answer(request, allow))
            return false;
        reply_add_field(request, "allow", allow);
        reply_refuse(request, 405, QL_INVALID_ARGUMENT, "METHOD_NOT_ALLOWED", "this path is for %s",
                     allow);
        return false;
    case QL_ROUTE_NOT_FOUND:
        break;
    }
    reply_refuse(request, 404, QL_NOT_FOUND, "ROUTE_NOT_FOUND", "there is nothing at this path");
    return false;
}

/* "OPTIONS *" asks about the server as a whole (RFC 9110 section 9.3.7). */
static bool answer_options_of_all(struct request *request)
{
    return h2o_memis(request->req->path.base, request->req->path.len, H2O_STRLIT("*")) &&
           cors_answer(request, "DELETE, GET, HEAD, OPTIONS, PATCH, POST");
}

int request_on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    struct loop *loop = loop_of(req);
    struct request *request;

    (void)handler;
    if (req->version >= 0x200 && connection_of(req)->is_cut)
        return 0; /* was buffered before the cut; h2o disposes of it soon */
    request = request_new(loop, req);
    if (request == NULL) {
        h2o_send_error_503(req, ql_http_status_phrase(503), "", 0);
        return 0;
    }
    intake_identify(request);
    if (!charge_begin(request) || !head_check(request) || !authority_check(request) ||
        answer_options_of_all(request) || probes_answer(request) || !find_route(request) ||
        !intake_check_shape(request))
        return 0;
    request->backend = backends_find(loop->gateway->backends, request->match.method);
    if (request->backend == loop->gateway->backends->n)
        reply_refuse(request, 501, QL_UNIMPLEMENTED, "NO_BACKEND", "no service answers here");
    else if (loop->n_requests >= (size_t)loop->gateway->settings.max_in_flight)
        reply_busy(request);
    else if (request->match.method->access == QL_ACCESS_PUBLIC)
        call_backend(request); /* without a token, so that a stale one never hurts a sign-in */
    else
        check_token(request);
    return 0;
}
