/* Header fields, bodies, log lines and metrics of answers. */
#include "gateway/reply.h"

#include <stdio.h>
#include <string.h>

#include "gateway/charge.h"
#include "gateway/cors.h"
#include "gateway/host.h"
#include "gateway/metrics.h"
#include "gateway/negotiation.h"
#include "gateway/response_field.h"
#include "platform/base/clock.h"
#include "platform/base/http_status.h"

enum {
    VANISHED_STATUS = 499,
    PIECE_BYTES = 64 * 1024,
    UNCHARGED_BYTES = 1024, /* a shorter answer is covered by the request's own charge */
};

/* The body of an answer; the caller owns all of it. */
struct body {
    const char *type;   /* NULL: none, 204 or 304 */
    const char *coding; /* NULL: none */
    const char *bytes;
    size_t length;
    struct document *document; /* that the bytes belong to; NULL: they are copied */
};

/* An answer that is being sent, in the pool of h2o's request. */
struct sending {
    h2o_generator_t super;
    h2o_iovec_t rest;
};

/* Logs and counts the request. */
static void record_end(struct request *request, int http_status, size_t length)
{
    struct access_record *record = &request->record;
    const char *method = record->method != NULL ? record->method : "none";
    char number[16];

    record->http_status = http_status;
    record->bytes = (int64_t)length;
    record->ms = ql_monotonic_ms() - request->began_ms;
    snprintf(number, sizeof(number), "%d", http_status);
    ql_metric_add(&gateway_metrics[GATEWAY_REQUESTS], number, 1);
    ql_metric_observe_ms(&gateway_metrics[GATEWAY_REQUEST_MS], method, record->ms);
    access_log_add(record);
}

/* An answer with a validator may be cached by its client and revalidated; any other is not
 * stored. A document is the same for all clients. */
static void add_cache_fields(struct request *request, int http_status, const struct body *body)
{
    h2o_req_t *req = request->req;
    char quoted[ETAG_SIZE + 2];

    if (request->etag[0] == '\0' || (http_status != 200 && http_status != 304)) {
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL,
                       H2O_STRLIT("no-store"));
        return;
    }
    snprintf(quoted, sizeof(quoted), "\"%s\"", request->etag);
    response_field_add(req, "etag", quoted);
    response_field_add(req, "vary", body->document != NULL ? "Accept-Encoding" : "Authorization");
    response_field_add(req, "cache-control",
                       body->document != NULL ? "public, no-cache" : "private, no-cache");
}

/* HSTS over TLS (RFC 6797). Not for localhost, where it would affect every server of the
 * machine. */
static void add_transport_field(struct request *request)
{
    h2o_req_t *req = request->req;

    if (h2o_socket_get_ssl_protocol_version(request->connection->socket) != NULL &&
        !host_is_localhost(req->authority.base, req->authority.len))
        response_field_add(req, "strict-transport-security", "max-age=31536000");
}

static void add_fields(struct request *request, int http_status, const struct body *body)
{
    const char *origins = request->gateway->settings.cors_origins;
    h2o_req_t *req = request->req;

    if (body->type != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, body->type,
                       strlen(body->type));
    if (body->coding != NULL)
        response_field_add(req, "content-encoding", body->coding);
    add_cache_fields(request, http_status, body);
    response_fields_add_common(req, request->record.request_id);
    add_transport_field(request);
    cors_add_fields(origins, req);
}

static void release_document(void *memory)
{
    document_release(*(struct document **)memory);
}

/* Sends the next piece. The library encrypts or frames all bytes that it gets at once, so
 * that a whole body would be held twice. */
static void sending_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct sending *sending = (struct sending *)generator;
    h2o_iovec_t piece = sending->rest;

    if (piece.len > PIECE_BYTES)
        piece.len = PIECE_BYTES;
    sending->rest.base += piece.len;
    sending->rest.len -= piece.len;
    h2o_send(req, &piece, piece.len > 0 ? 1 : 0,
             sending->rest.len > 0 ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

/* Copies the body, or takes a reference to its document, until h2o disposes of the request. */
static struct sending *sending_new(h2o_req_t *req, const struct body *body, bool is_head)
{
    struct sending *sending = h2o_mem_alloc_pool(&req->pool, sizeof(*sending));

    *sending = (struct sending){.super = {sending_proceed, NULL}};
    if (is_head)
        return sending;
    if (body->document != NULL) {
        struct document **use = h2o_mem_alloc_shared(&req->pool, sizeof(*use), release_document);

        *use = document_use(body->document);
        sending->rest = h2o_iovec_init(body->bytes, body->length);
    } else {
        sending->rest = h2o_strdup(&req->pool, body->bytes, body->length);
    }
    return sending;
}

void reply_vanished(struct request *request)
{
    ql_metric_add(&gateway_metrics[GATEWAY_VANISHED], NULL, 1);
    record_end(request, VANISHED_STATUS, 0);
}

/* False for a short answer, which the request's own charge covers, and for a document, which
 * is shared. */
static bool is_charged(const struct body *body)
{
    return body->document == NULL && body->length > UNCHARGED_BYTES;
}

static void send_body(struct request *request, int http_status, const struct body *body)
{
    h2o_req_t *req = request->req;
    struct sending *sending;
    bool is_head;

    if (req == NULL) {
        reply_vanished(request);
        return;
    }
    is_head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    if (!is_head && is_charged(body) && charge_bytes(request, body->length) != MEMORY_TAKEN) {
        struct refusal refusal;

        refusal_set_too_many_requests(&refusal);
        request->etag[0] = '\0';
        reply_refusal(request, &refusal);
        return;
    }
    if (request->connection->connections->is_draining)
        req->http1_is_persistent = 0;
    req->res.status = http_status;
    req->res.reason = ql_http_status_phrase(http_status);
    req->res.content_length = body->type != NULL ? body->length : SIZE_MAX;
    add_fields(request, http_status, body);
    sending = sending_new(req, body, is_head);
    /* Before the bytes are sent, so that metrics include an answer once its client has it. */
    record_end(request, http_status, is_head ? 0 : body->length);
    h2o_start_response(req, &sending->super);
    sending_proceed(&sending->super, req);
}

static void send_json(struct request *request, int http_status, const struct ql_buffer *json)
{
    send_body(request, http_status,
              &(struct body){.type = "application/json",
                             .bytes = json->length > 0 ? json->data : "",
                             .length = json->length});
}

/* 304 for a client that has this state of a resource, 412 for one whose If-Match names
 * another, which is checked before If-None-Match (RFC 9110 section 13.2.2), else 200. */
static int status_of_read(const h2o_req_t *req, const char *etag)
{
    if (etag_is_another(req, etag))
        return 412;
    return etag_is_known(req, etag) ? 304 : 200;
}

static void refuse_read(struct request *request)
{
    struct refusal refusal;

    refusal_set(&refusal, 412, QL_ABORTED, "ETAG_MISMATCH",
                "the resource has none of the etags of If-Match");
    reply_refusal(request, &refusal);
}

void reply_json(struct request *request)
{
    bool has_etag = request->req != NULL && request->etag[0] != '\0';
    int http_status = has_etag ? status_of_read(request->req, request->etag) : 200;

    if (http_status == 412)
        refuse_read(request);
    else if (http_status == 304)
        send_body(request, 304, &(struct body){.bytes = ""});
    else
        send_json(request, 200, &request->requests->workspace.json);
}

static bool wants_gzip(h2o_req_t *req)
{
    bool is_wanted = false;

    for (ssize_t at = -1;
         (at = h2o_find_header(&req->headers, H2O_TOKEN_ACCEPT_ENCODING, at)) >= 0;)
        is_wanted |=
            accepts_gzip(req->headers.entries[at].value.base, req->headers.entries[at].value.len);
    return is_wanted;
}

void reply_document(struct request *request, struct document *document)
{
    const struct document_form *form = document_form(document, wants_gzip(request->req));
    int http_status = status_of_read(request->req, form->etag);
    bool is_known = http_status == 304;

    if (http_status == 412) {
        refuse_read(request);
        return;
    }
    memcpy(request->etag, form->etag, sizeof(request->etag));
    send_body(request, http_status,
              &(struct body){.type = is_known ? NULL : "application/json",
                             .coding = is_known ? NULL : form->coding,
                             .bytes = form->bytes,
                             .length = is_known ? 0 : form->length,
                             .document = document});
}

void reply_text(struct request *request, int http_status, const char *text)
{
    send_body(
        request, http_status,
        &(struct body){.type = "text/plain; charset=utf-8", .bytes = text, .length = strlen(text)});
}

void reply_empty(struct request *request)
{
    send_body(request, 204, &(struct body){.bytes = ""});
}

static void add_retry_field(h2o_req_t *req, int64_t delay_ms)
{
    char seconds[24];

    snprintf(seconds, sizeof(seconds), "%lld", (long long)((delay_ms + 999) / 1000));
    response_field_add(req, "retry-after", seconds);
}

void reply_refusal(struct request *request, const struct refusal *refusal)
{
    const struct ql_status *status = &refusal->status;
    struct ql_buffer *body = &request->requests->workspace.json;
    struct access_record *record = &request->record;

    snprintf(record->reason, sizeof(record->reason), "%s", status->reason);
    /* The log has the detail that the client does not get. */
    if (refusal->http_status >= 500)
        snprintf(record->error, sizeof(record->error), "%s", status->message);
    ql_buffer_clear(body);
    ql_http_status_write_error(body, refusal->http_status, status, record->request_id);
    if (body->failed) /* no memory, or a status of megabytes */
        ql_buffer_clear(body);
    if (request->req != NULL && refusal->http_status == 401)
        response_field_add(request->req, "www-authenticate", "Bearer");
    if (request->req != NULL && status->retry_delay_ms > 0)
        add_retry_field(request->req, status->retry_delay_ms);
    send_json(request, refusal->http_status, body);
}
