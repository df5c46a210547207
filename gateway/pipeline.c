/* The steps of a request in their order, and the replies. */
#include "gateway/pipeline.h"

#include <string.h>

#include "gateway/authority.h"
#include "gateway/backend_call.h"
#include "gateway/charge.h"
#include "gateway/cors.h"
#include "gateway/http_head.h"
#include "gateway/reply.h"
#include "gateway/request_headers.h"
#include "gateway/response_field.h"
#include "gateway/token_step.h"
#include "gateway/transcode.h"
#include "gateway/well_known.h"
#include "platform/base/http_status.h"

/* Called after the reply, which may have used memory of the arena. */
static void end_request(struct request *request)
{
    ql_arena_reset(request->requests->workspace.arena);
    request_free(request);
}

static void refuse_request(struct request *request, const struct refusal *refusal)
{
    request_end_wait(request);
    reply_refusal(request, refusal);
    end_request(request);
}

static void refuse_busy(struct request *request)
{
    struct refusal refusal;

    refusal_set_busy(&refusal);
    refuse_request(request, &refusal);
}

static bool is_verb(const struct request *request, const char *verb)
{
    return h2o_memis(request->req->method.base, request->req->method.len, verb, strlen(verb));
}

static void answer_options(struct request *request, const char *allow)
{
    cors_add_options_fields(request->gateway->settings.cors_origins, request->req, allow);
    reply_empty(request);
    end_request(request);
}

static void refuse_verb(struct request *request, const char *allow)
{
    struct refusal refusal;

    response_field_add(request->req, "allow", allow);
    refusal_set(&refusal, 405, QL_INVALID_ARGUMENT, "METHOD_NOT_ALLOWED", "this path is for %s",
                allow);
    refuse_request(request, &refusal);
}

/* Services of the version before report an etag in the body as they report If-Match. */
static bool set_service_refusal(const struct request *request, struct refusal *ret_refusal)
{
    refusal_set_status(ret_refusal, &request->status);
    if (request->status.is_precondition_failed && request->if_match != NULL)
        ret_refusal->http_status = 412;
    return false;
}

static bool read_answer(struct request *request, struct refusal *ret_refusal)
{
    bool has_vanished = request->req == NULL;

    if (request->status.code == QL_CANCELLED && !has_vanished)
        return refusal_set(ret_refusal, 503, QL_UNAVAILABLE, "GATEWAY_STOPPED",
                           "the gateway stopped before the answer came");
    if (request->status.code != QL_OK)
        return set_service_refusal(request, ret_refusal);
    if (request->is_replayed && !has_vanished)
        response_field_add(request->req, "idempotency-replayed", "true");
    return has_vanished || transcode_response(request, ret_refusal);
}

static void on_answer(struct request *request)
{
    struct refusal refusal;

    if (!read_answer(request, &refusal)) {
        refuse_request(request, &refusal);
        return;
    }
    request_end_wait(request);
    reply_json(request);
    end_request(request);
}

static void call_backend(struct request *request)
{
    struct refusal refusal;

    if (!transcode_request(request, &refusal)) {
        refuse_request(request, &refusal);
        return;
    }
    ql_arena_reset(request->requests->workspace.arena);
    if (!backend_call_start(request, on_answer))
        refuse_busy(request);
}

static void call_if_allowed(struct request *request)
{
    struct refusal refusal;

    if (token_step_check_access(request, &refusal))
        call_backend(request);
    else
        refuse_request(request, &refusal);
}

static void on_token_checked(struct request *request)
{
    struct refusal refusal;

    if (!token_step_end(request, &refusal)) {
        refuse_request(request, &refusal);
        return;
    }
    if (request->req != NULL) {
        call_if_allowed(request);
        return;
    }
    request_end_wait(request);
    reply_vanished(request);
    end_request(request);
}

static void check_token(struct request *request)
{
    struct refusal refusal;
    enum token_verdict verdict = TOKEN_REFUSED;

    if (request_headers_token(request, &refusal))
        verdict = token_step_begin(request, on_token_checked, &refusal);
    switch (verdict) {
    case TOKEN_VERIFIED:
        call_if_allowed(request);
        break;
    case TOKEN_WAITS:
        break;
    case TOKEN_REFUSED:
        refuse_request(request, &refusal);
        break;
    }
}

/* A method without access for accounts is never served, even if it has a route. */
static enum ql_route_result match_route(struct request *request, char ret_allow[QL_ALLOW_MAX])
{
    h2o_req_t *req = request->req;
    size_t path_length = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    enum ql_route_result result =
        ql_routes_match(request->gateway->routes, req->method.base, req->method.len, req->path.base,
                        path_length, &request->match, ret_allow);

    if (result == QL_ROUTE_FOUND && !backend_serves(request->match.method))
        return QL_ROUTE_NOT_FOUND;
    return result;
}

static bool find_backend(struct request *request, struct refusal *ret_refusal)
{
    const struct backends *backends = request->gateway->backends;

    request->backend = backends_find(backends, request->match.method);
    if (request->backend == backends->n)
        return refusal_set(ret_refusal, 501, QL_UNIMPLEMENTED, "NO_BACKEND",
                           "no service serves this method");
    if (request->requests->n_under_way >= (size_t)request->gateway->settings.max_in_flight)
        return refusal_set_busy(ret_refusal);
    return true;
}

/* Serves a request that has a route. */
static void serve_method(struct request *request)
{
    struct refusal refusal;

    request->record.method = request->match.method->full_name;
    if (!request_headers_check(request, &refusal) || !find_backend(request, &refusal)) {
        refuse_request(request, &refusal);
        return;
    }
    /* A public method ignores the token, so that an expired one never fails a sign-in. */
    if (request->match.method->access == QL_ACCESS_PUBLIC)
        call_backend(request);
    else
        check_token(request);
}

static void serve_route(struct request *request)
{
    char allow[QL_ALLOW_MAX];
    struct refusal refusal;

    switch (match_route(request, allow)) {
    case QL_ROUTE_FOUND:
        serve_method(request);
        return;
    case QL_ROUTE_WRONG_VERB:
        if (is_verb(request, "OPTIONS"))
            answer_options(request, allow);
        else
            refuse_verb(request, allow);
        return;
    case QL_ROUTE_NOT_FOUND:
        break;
    }
    refusal_set(&refusal, 404, QL_NOT_FOUND, "ROUTE_NOT_FOUND", "there is nothing at this path");
    refuse_request(request, &refusal);
}

static void answer_well_known(struct request *request, const struct well_known *page)
{
    struct well_known_answer answer;

    if (!page->answer(request->gateway, &answer)) {
        refuse_busy(request);
        return;
    }
    if (answer.document != NULL)
        reply_document(request, answer.document);
    else
        reply_text(request, answer.http_status, answer.text);
    document_release(answer.document);
    end_request(request);
}

static void serve_well_known(struct request *request, const struct well_known *page)
{
    static const char allow[] = "GET, HEAD";

    if (page->is_probe)
        request->record.level = QL_LOG_DEBUG;
    if (is_verb(request, "OPTIONS"))
        answer_options(request, allow);
    else if (is_verb(request, "GET") || is_verb(request, "HEAD"))
        answer_well_known(request, page);
    else
        refuse_verb(request, allow);
}

/* "OPTIONS *" concerns the server as a whole (RFC 9110 section 9.3.7). */
static bool is_for_server(const struct request *request)
{
    return h2o_memis(request->req->path.base, request->req->path.len, H2O_STRLIT("*")) &&
           is_verb(request, "OPTIONS");
}

static void serve_request(struct request *request)
{
    const struct well_known *page;
    struct refusal refusal;

    request_headers_identify(request);
    if (!charge_begin(request, &refusal) || !http_head_check(request, &refusal) ||
        !authority_check(request, &refusal)) {
        refuse_request(request, &refusal);
        return;
    }
    page = well_known_find(request->record.path);
    if (is_for_server(request))
        answer_options(request, "DELETE, GET, HEAD, OPTIONS, PATCH, POST");
    else if (page != NULL)
        serve_well_known(request, page);
    else
        serve_route(request);
}

int pipeline_on_req(h2o_handler_t *handler, h2o_req_t *req)
{
    struct requests *requests = h2o_context_get_handler_context(req->conn->ctx, handler);
    struct request *request;

    if (req->version >= 0x200 && connection_of(req)->is_cut)
        return 0; /* it was buffered before the cut; h2o disposes of it next */
    request = request_new(requests, req);
    if (request != NULL)
        serve_request(request);
    else
        h2o_send_error_503(req, ql_http_status_phrase(503), "", 0);
    return 0;
}
