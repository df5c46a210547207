/* Sending a call, and storing its result for the loop. */
#include "gateway/backend_call.h"

#include <stdlib.h>
#include <string.h>

/* Copies the texts of violations, which are freed with the result. */
static void keep_status(struct request *request, const struct ql_status *status)
{
    size_t size = 0;
    char *at;

    request->status = *status;
    for (size_t i = 0; i < status->n_violations; i++)
        size += strlen(status->violations[i].field) + strlen(status->violations[i].description) +
                strlen(status->violations[i].reason) + 3;
    request->status.n_violations = 0;
    at = request->status_texts = size > 0 ? malloc(size) : NULL;
    if (at == NULL)
        return; /* the status is sent without them */
    for (size_t i = 0; i < status->n_violations; i++) {
        struct ql_violation *kept = &request->status.violations[i];

        kept->field = at;
        at = stpcpy(at, status->violations[i].field) + 1;
        kept->description = at;
        at = stpcpy(at, status->violations[i].description) + 1;
        kept->reason = at;
        at = stpcpy(at, status->violations[i].reason) + 1;
    }
    request->status.n_violations = status->n_violations;
}

/* Takes the result over: it would be freed after the callback, before the loop reads it. */
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

/* On the loop's thread for calls that were answered in a batch, else on nng's. */
static void on_rpc_done(void *argument, struct ql_rpc_result *result)
{
    struct request *request = argument;
    bool is_here = pthread_equal(pthread_self(), request->requests->thread) != 0;

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
        request_post(request);
}

/* Calls of fast methods are sent in a batch with others of the same turn of the loop. */
static struct ql_rpc_pending *call_send(struct request *request, const struct ql_rpc_request *call)
{
    struct ql_rpc_batcher *batcher = request->requests->batchers.entries[request->backend].rpc;

    if (request->match.method->is_fast && batcher != NULL)
        return ql_rpc_batcher_send(batcher, call, on_rpc_done, request);
    return ql_rpc_send(request->gateway->backends->entries[request->backend].channel, call,
                       on_rpc_done, request);
}

bool backend_call_start(struct request *request, request_resume *resume)
{
    const struct ql_buffer *wire = &request->requests->workspace.wire;
    char traceparent[QL_TRACEPARENT_SIZE];

    ql_trace_format(&request->record.trace, traceparent);
    request_begin_wait(request);
    request->resume = resume;
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
    return request->pending != NULL;
}
