/* Both directions borrow the loop's arena and buffers for the length of one
 * function; what the answer needs longer is copied by reply. */
#include "gateway/transcode.h"

#include <string.h>

#include "gateway/reply.h"
#include "platform/pb/wire_check.h"

/* A buffer that once held something large gives it back. */
enum { KEPT_BYTES = 256 * 1024 };

static void buffer_reuse(struct ql_buffer *buffer)
{
    size_t limit = buffer->limit;

    ql_buffer_clear(buffer);
    if (buffer->capacity > KEPT_BYTES) {
        ql_buffer_done(buffer);
        ql_buffer_init(buffer, limit);
    }
}

static void call_for(struct request *request, struct ql_call *ret_call)
{
    memset(ret_call, 0, sizeof(*ret_call));
    ret_call->arena = request->loop->scratch;
    ret_call->deadline_ms = request->deadline_ms;
    ret_call->identity = request->check.identity;
    ret_call->trace = request->record.trace;
    memcpy(ret_call->request_id, request->record.request_id, sizeof(ret_call->request_id));
    ret_call->method = request->match.method->full_name;
}

bool transcode_request(struct request *request)
{
    struct loop *loop = request->loop;
    h2o_req_t *req = request->req;
    size_t query_at = req->query_at != SIZE_MAX ? req->query_at + 1 : req->path.len;
    struct ql_call call;
    enum ql_code rc;

    call_for(request, &call);
    buffer_reuse(&loop->wire);
    rc = ql_route_read_request(&call, loop->gateway->routes, &request->match,
                               req->path.base + query_at, req->path.len - query_at,
                               req->entity.len > 0 ? req->entity.base : "", req->entity.len,
                               &loop->wire);
    if (rc != QL_OK && loop->wire.failed)
        reply_refuse(request, 413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE",
                     "the message is larger than %zu bytes", loop->wire.limit);
    else if (rc == QL_RESOURCE_EXHAUSTED && ql_arena_is_spent(loop->scratch))
        reply_refuse(request, 413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE",
                     "the request takes more than %d bytes of memory to read", LOOP_SCRATCH_BYTES);
    else if (rc != QL_OK)
        reply_error(request, &call.status);
    ql_arena_reset(loop->scratch);
    return rc == QL_OK;
}

static enum ql_code write_json(struct request *request, struct ql_call *call)
{
    struct loop *loop = request->loop;
    const void *payload = request->payload_length > 0 ? request->payload : "";
    enum ql_code rc;

    rc = ql_wire_check(call, request->match.method->output, payload, request->payload_length);
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_ANSWER", "the service's answer: %s",
                       call->status.message);
    rc = ql_route_write_response(call, loop->gateway->routes, &request->match, payload,
                                 request->payload_length, &loop->json);
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_ANSWER", "the answer as JSON: %s",
                       call->status.message);
    return QL_OK;
}

void transcode_response(struct request *request)
{
    struct loop *loop = request->loop;
    struct ql_call call;

    call_for(request, &call);
    buffer_reuse(&loop->json);
    if (request->is_replayed)
        reply_add_field(request, "idempotency-replayed", "true");
    if (request->req == NULL || write_json(request, &call) == QL_OK)
        reply_json(request, &loop->json);
    else
        reply_error(request, &call.status);
    ql_arena_reset(loop->scratch);
}
