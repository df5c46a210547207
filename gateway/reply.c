/* Answers: fields, body, log line, metrics. */
#include "gateway/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/cors.h"
#include "gateway/host.h"
#include "gateway/http_status.h"
#include "gateway/metrics.h"
#include "platform/base/clock.h"

enum { BUSY_RETRY_MS = 1000, VANISHED_STATUS = 499 };

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
 * else is for this once. */
static void add_cache_fields(struct request *request, int http_status)
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
    reply_add_field(request, "vary", "Authorization");
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CACHE_CONTROL, NULL,
                   H2O_STRLIT("private, no-cache"));
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

static void send_body(struct request *request, int http_status, const char *type, const char *bytes,
                      size_t length)
{
    static h2o_generator_t generator = {NULL, NULL};
    const char *origins = request->loop->gateway->settings.cors_origins;
    h2o_req_t *req = request->req;
    h2o_iovec_t body;
    bool is_head;

    if (req == NULL) {
        ql_metric_add(&gateway_metrics[GATEWAY_VANISHED], NULL, 1);
        finish(request, VANISHED_STATUS, 0);
        return;
    }
    if (request->is_watched)
        unwatch(request);
    if (request->loop->is_draining)
        req->http1_is_persistent = 0;
    is_head = h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"));
    req->res.status = http_status;
    req->res.reason = http_status_phrase(http_status);
    req->res.content_length = type != NULL ? length : SIZE_MAX;
    if (type != NULL)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, type,
                       strlen(type));
    add_cache_fields(request, http_status);
    h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("x-content-type-options"), 1,
                          NULL, H2O_STRLIT("nosniff"));
    add_transport_field(request);
    reply_add_field(request, "x-request-id", request->record.request_id);
    cors_add_fields(origins, req);
    body = h2o_strdup(&req->pool, bytes, length);
    /* Before the bytes go: who has an answer finds it counted. */
    finish(request, http_status, is_head ? 0 : length);
    h2o_start_response(req, &generator);
    h2o_send(req, &body, is_head || length == 0 ? 0 : 1, H2O_SEND_STATE_FINAL);
}

void reply_json(struct request *request, const struct ql_buffer *body)
{
    if (request->req != NULL && request->etag[0] != '\0' &&
        etag_is_known(request->req, request->etag)) {
        reply_nothing(request, 304);
        return;
    }
    send_body(request, 200, "application/json", body->length > 0 ? body->data : "", body->length);
}

void reply_text(struct request *request, int http_status, const char *text)
{
    send_body(request, http_status, "text/plain; charset=utf-8", text, strlen(text));
}

void reply_nothing(struct request *request, int http_status)
{
    send_body(request, http_status, NULL, "", 0);
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
    http_status_write_error(body, http_status, status, request->record.request_id);
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
    send_body(request, http_status, "application/json", body->length > 0 ? body->data : "",
              body->length);
}

/* The same failure has two statuses: of an If-Match, or of an etag in the body. */
void reply_error(struct request *request, const struct ql_status *status)
{
    int http_status = http_status_from_code(status->code);

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
