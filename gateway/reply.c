/* Answers: fields, body, log line, metrics. */
#include "gateway/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/charge.h"
#include "gateway/cors.h"
#include "gateway/host.h"
#include "platform/base/http_status.h"
#include "gateway/metrics.h"
#include "gateway/negotiation.h"
#include "platform/base/clock.h"

enum {
    BUSY_RETRY_MS = 1000,
    VANISHED_STATUS = 499,
    PIECE_BYTES = 64 * 1024,
    UNCHARGED_BYTES = 1024, /* a short answer lies within the request's own charge */
};

/* What an answer brings; all of it the caller's. */
struct body {
    const char *type;   /* NULL: none, 204 or 304 */
    const char *coding; /* NULL: none */
    const char *bytes;
    size_t length;
    struct document *document; /* that the bytes are of; NULL: they are copied */
};

/* An answer on its way, in the pool of h2o's request. */
struct sending {
    h2o_generator_t super;
    h2o_iovec_t rest;
};

void reply_add_field(struct request *request, const char *name, const char *value)
{
    h2o_mem_pool_t *pool;
    h2o_iovec_t copy;

    if (request->req == NULL)
        return;
    pool = &request->req->pool;
    copy = h2o_strdup(pool, value, SIZE_MAX);
    h2o_add_header_by_str(pool, &request->req->res.headers, name, strlen(name), 1, NULL, copy.base,
                          copy.len);
}

/* Lets h2o read from the connection again (see watch in request.c). */
static void unwatch(struct request *request)
{
    h2o_socket_t *socket = request->connection->socket;

    h2o_socket_read_stop(socket);
    h2o_socket_dont_read(socket, 0);
}

/* Logs, counts and frees the request; h2o's is left to be answered. */
static void finish(struct request *request, int http_status, size_t length)
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
    request_free(request);
}

/* What has a validator may be kept by the client that asked, and asked for again; all
 * else is for this once. A document is the same for all clients. */
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
    reply_add_field(request, "etag", quoted);
    reply_add_field(request, "vary", body->document != NULL ? "Accept-Encoding" : "Authorization");
    reply_add_field(request, "cache-control",
                    body->document != NULL ? "public, no-cache" : "private, no-cache");
}

/* Who came over TLS shall not be led back to what anybody on the way can read (RFC 6797).
 * Not for localhost: there it would hold for every program of the machine. */
static void add_transport_field(struct request *request)
{
    h2o_req_t *req = request->req;

    if (h2o_socket_get_ssl_protocol_version(request->connection->socket) != NULL &&
        !host_is_localhost(req->authority.base, req->authority.len))
        h2o_add_header_by_str(&req->pool, &req->res.headers,
                              H2O_STRLIT("strict-transport-security"), 1, NULL,
                              H2O_STRLIT("max-age=31536000"));
}

static void add_fields(struct request *request, int http_status, const struct body *body)
{
    const char *origins = request->loop->gateway->settings.cors_origins;
    h2o_req_t *req = request->req;

    if (body->type != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, body->type,
                       strlen(body->type));
    if (body->coding != NULL)
        reply_add_field(request, "content-encoding", body->coding);
    add_cache_fields(request, http_status, body);
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"), 1,
                          NULL, H2O_STRLIT("nosniff"));
    add_transport_field(request);
    reply_add_field(request, "x-request-id", request->record.request_id);
    cors_add_fields(origins, req);
}

static void release_document(void *memory)
{
    document_release(*(struct document **)memory);
}

/* Sends the next piece. The library encrypts, or frames, all that it gets at once, so
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

/* Copies what is the request's own and uses what is shared, until h2o disposes of it. */
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

static void vanish(struct request *request)
{
    ql_metric_add(&gateway_metrics[GATEWAY_VANISHED], NULL, 1);
    finish(request, VANISHED_STATUS, 0);
}

static void send_body(struct request *request, int http_status, const struct body *body)
{
    h2o_req_t *req = request->req;
    struct sending *sending;
    bool is_head;

    if (req == NULL) {
        vanish(request);
        return;
    }
    is_head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    if (!is_head && body->document == NULL && body->length > UNCHARGED_BYTES &&
        charge_bytes(request, body->length) != MEMORY_TAKEN) {
        request->etag[0] = '\0';
        reply_too_many(request);
        return;
    }
    if (request->is_watched)
        unwatch(request);
    if (request->loop->is_draining)
        req->http1_is_persistent = 0;
    req->res.status = http_status;
    req->res.reason = ql_http_status_phrase(http_status);
    req->res.content_length = body->type != NULL ? body->length : SIZE_MAX;
    add_fields(request, http_status, body);
    sending = sending_new(req, body, is_head);
    /* Before the bytes go: who has an answer finds it counted. */
    finish(request, http_status, is_head ? 0 : body->length);
    h2o_start_response(req, &sending->super);
    sending_proceed(&sending->super, req);
}

/* True when a read has been refused because of its If-Match, which is looked at before
 * If-None-Match (RFC 9110 section 13.2.2). */
static bool refuse_another(struct request *request, const char *etag)
{
    if (!etag_is_another(request->req, etag))
        return false;
    reply_refuse(request, 412, QL_ABORTED, "ETAG_MISMATCH",
                 "the resource has none of the etags of If-Match");
    return true;
}

void reply_json(struct request *request, const struct ql_buffer *body)
{
    if (request->req != NULL && request->etag[0] != '\0' && refuse_another(request, request->etag))
        return;
    if (request->req != NULL && request->etag[0] != '\0' &&
        etag_is_known(request->req, request->etag)) {
        reply_nothing(request, 304);
        return;
    }
    send_body(request, 200,
              &(struct body){.type = "application/json",
                             .bytes = body->length > 0 ? body->data : "",
                             .length = body->length});
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
    bool is_known = etag_is_known(request->req, form->etag);

    if (refuse_another(request, form->etag))
        return;
    memcpy(request->etag, form->etag, sizeof(request->etag));
    send_body(request, is_known ? 304 : 200,
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

void reply_nothing(struct request *request, int http_status)
{
    send_body(request, http_status, &(struct body){.bytes = ""});
}

/* The log has what the client may not see. */
static void record_error(struct access_record *record, int http_status,
                         const struct ql_status *status)
{
    snprintf(record->reason, sizeof(record->reason), "%s", status->reason);
    if (http_status >= 500)
        snprintf(record->error, sizeof(record->error), "%s", status->message);
}

static void send_error(struct request *request, int http_status, const struct ql_status *status)
{
    struct ql_buffer *body = &request->loop->json;

    ql_buffer_clear(body);
    ql_http_status_write_error(body, http_status, status, request->record.request_id);
    record_error(&request->record, http_status, status);
    if (http_status == 401)
        reply_add_field(request, "www-authenticate", "Bearer");
    if (status->retry_delay_ms > 0) {
        char seconds[24];

        snprintf(seconds, sizeof(seconds), "%lld",
                 (long long)((status->retry_delay_ms + 999) / 1000));
        reply_add_field(request, "retry-after", seconds);
    }
    if (body->failed) /* without memory, or a status of megabytes */
        ql_buffer_clear(body);
    send_body(request, http_status,
              &(struct body){.type = "application/json",
                             .bytes = body->length > 0 ? body->data : "",
                             .length = body->length});
}

/* The same failure has two statuses: of an If-Match, or of an etag in the body. */
void reply_error(struct request *request, const struct ql_status *status)
{
    int http_status = ql_http_status_from_code(status->code);

    if (strcmp(status->reason, "ETAG_MISMATCH") == 0)
        http_status = request->if_match != NULL ? 412 : 409;
    send_error(request, http_status, status);
}

void reply_refuse(struct request *request, int http_status, enum ql_code code, const char *reason,
                  const char *format, ...)
{
    struct ql_status status = {.code = code};
    va_list arguments;

    snprintf(status.reason, sizeof(status.reason), "%s", reason);
    va_start(arguments, format);
    vsnprintf(status.message, sizeof(status.message), format, arguments);
    va_end(arguments);
    send_error(request, http_status, &status);
}

void reply_busy(struct request *request)
{
    const struct ql_status status = {.code = QL_UNAVAILABLE,
                                     .reason = "GATEWAY_BUSY",
                                     .message = "too many requests are under way",
                                     .retry_delay_ms = BUSY_RETRY_MS};

    send_error(request, 503, &status);
}

void reply_refuse_later(struct request *request, const char *reason, const char *message)
{
    struct ql_status status = {.code = QL_RESOURCE_EXHAUSTED, .retry_delay_ms = BUSY_RETRY_MS};

    snprintf(status.reason, sizeof(status.reason), "%s", reason);
    snprintf(status.message, sizeof(status.message), "%s", message);
    send_error(request, ql_http_status_from_code(status.code), &status);
}

void reply_too_many(struct request *request)
{
    reply_refuse_later(request, "TOO_MANY_REQUESTS",
                       "you have too many requests under way at once");
}
