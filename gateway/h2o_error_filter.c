/* The filter, which replaces h2o's text and keeps its status. */
#include "gateway/h2o_error_filter.h"

#include <stdio.h>
#include <string.h>

#include "gateway/access_log.h"
#include "gateway/connection.h"
#include "gateway/cors.h"
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "gateway/response_field.h"
#include "platform/base/http_status.h"

enum { BODY_BYTES = 1024 };

struct error_stream {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static const struct {
    int http_status;
    struct ql_status status;
} errors[] = {
    {400,
     {.code = QL_INVALID_ARGUMENT,
      .reason = "MALFORMED_REQUEST",
      .message = "the request is not well-formed HTTP"}},
    {404,
     {.code = QL_NOT_FOUND,
      .reason = "ROUTE_NOT_FOUND",
      .message = "there is nothing at this path"}},
    {413,
     {.code = QL_INVALID_ARGUMENT,
      .reason = "BODY_TOO_LARGE",
      .message = "the body is larger than the limit"}},
    {417,
     {.code = QL_INVALID_ARGUMENT,
      .reason = "EXPECTATION_FAILED",
      .message = "Expect may only be 100-continue"}},
};

static struct ql_status status_for(int http_status)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(errors); i++)
        if (errors[i].http_status == http_status)
            return errors[i].status;
    return (struct ql_status){.code = QL_INTERNAL, .message = "an error of the HTTP library"};
}

static void stream_send(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t n_bufs,
                        h2o_send_state_t state)
{
    struct error_stream *stream = (struct error_stream *)self;
    bool is_head = h2o_memis(req->input.method.base, req->input.method.len, H2O_STRLIT("HEAD"));

    (void)bufs;
    (void)n_bufs;
    h2o_ostream_send_next(self, req, &stream->body, is_head ? 0 : 1, state);
}

static void record_error(h2o_req_t *req, struct access_record *record,
                         const struct ql_status *status, size_t length)
{
    size_t path_length = req->query_at != SIZE_MAX ? req->query_at : req->path.len;
    char number[16];

    record->level = QL_LOG_INFO;
    ql_trace_new(&record->trace);
    snprintf(record->verb, sizeof(record->verb), "%.*s", (int)req->method.len, req->method.base);
    snprintf(record->path, sizeof(record->path), "%.*s",
             (int)(path_length < sizeof(record->path) ? path_length : sizeof(record->path)),
             req->path.base);
    snprintf(record->reason, sizeof(record->reason), "%s", status->reason);
    record->http_status = req->res.status;
    record->bytes = (int64_t)length;
    access_log_add(record);
    snprintf(number, sizeof(number), "%d", req->res.status);
    ql_metric_add(&gateway_metrics[GATEWAY_REQUESTS], number, 1);
}

static void on_setup_ostream(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    struct ql_status status = status_for(req->res.status);
    struct access_record record = {0};
    char uuid[QL_UUID_SIZE];
    struct error_stream *stream;
    struct ql_buffer body;

    (void)self;
    ql_uuid_new(uuid);
    memcpy(record.request_id, uuid, sizeof(uuid));
    ql_buffer_init(&body, BODY_BYTES);
    ql_http_status_write_error(&body, req->res.status, &status, uuid);
    memset(&req->res.headers, 0, sizeof(req->res.headers));
    response_field_add(req, "content-type", "application/json");
    response_field_add(req, "cache-control", "no-store");
    response_fields_add_common(req, uuid);
    cors_add_fields(connection_of(req)->connections->gateway->settings.cors_origins, req);
    req->res.reason = ql_http_status_phrase(req->res.status);
    req->res.content_length = body.failed ? 0 : body.length;
    stream = (struct error_stream *)h2o_add_ostream(req, sizeof(*stream), slot);
    stream->super.do_send = stream_send;
    stream->body =
        h2o_strdup(&req->pool, body.data != NULL ? body.data : "", req->res.content_length);
    record_error(req, &record, &status, req->res.content_length);
    ql_buffer_done(&body);
    h2o_setup_next_ostream(req, &stream->super.next);
}

void h2o_error_filter_register(h2o_pathconf_t *fallback_path)
{
    h2o_filter_t *filter = h2o_create_filter(fallback_path, sizeof(*filter));

    filter->on_setup_ostream = on_setup_ostream;
}
