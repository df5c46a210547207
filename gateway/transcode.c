/* Both directions use the loop's workspace during one callback; reply copies the bytes of
 * the answer. */
#include "gateway/transcode.h"

#include <string.h>

#include "platform/pb/route/request.h"
#include "platform/pb/schema/wire_check.h"

static void call_for(struct request *request, struct ql_call *ret_call)
{
    memset(ret_call, 0, sizeof(*ret_call));
    ret_call->arena = request->requests->workspace.arena;
    ret_call->deadline_ms = request->deadline_ms;
    ret_call->identity = request->check.identity;
    ret_call->trace = request->record.trace;
    memcpy(ret_call->request_id, request->record.request_id, sizeof(ret_call->request_id));
    ret_call->method = request->match.method->full_name;
}

bool transcode_request(struct request *request, struct refusal *ret_refusal)
{
    struct workspace *workspace = &request->requests->workspace;
    h2o_req_t *req = request->req;
    size_t query_at = req->query_at != SIZE_MAX ? req->query_at + 1 : req->path.len;
    struct ql_call call;
    enum ql_code rc;

    call_for(request, &call);
    workspace_clear(&workspace->wire);
    rc = ql_route_read_request(&call, request->gateway->routes, &request->match,
                               req->path.base + query_at, req->path.len - query_at,
                               req->entity.len > 0 ? req->entity.base : "", req->entity.len,
                               &workspace->wire);
    if (rc == QL_OK)
        return true;
    if (workspace->wire.failed)
        return refusal_set(ret_refusal, 413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE",
                           "the message is larger than %zu bytes", workspace->wire.limit);
    if (rc == QL_RESOURCE_EXHAUSTED && ql_arena_is_spent(workspace->arena))
        return refusal_set(ret_refusal, 413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE",
                           "the request takes more than %d bytes of memory to read",
                           WORKSPACE_ARENA_BYTES);
    return refusal_set_status(ret_refusal, &call.status);
}

static enum ql_code write_json(struct request *request, struct ql_call *call)
{
    const void *payload = request->payload_length > 0 ? request->payload : "";
    enum ql_code rc;

    rc = ql_wire_check(call, request->match.method->output, payload, request->payload_length);
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_ANSWER", "the service's answer: %s",
                       call->status.message);
    rc = ql_route_write_response(call, request->gateway->routes, &request->match, payload,
                                 request->payload_length, &request->requests->workspace.json);
    if (rc != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_ANSWER", "the answer as JSON: %s",
                       call->status.message);
    return QL_OK;
}

bool transcode_response(struct request *request, struct refusal *ret_refusal)
{
    struct ql_call call;

    call_for(request, &call);
    workspace_clear(&request->requests->workspace.json);
    return write_json(request, &call) == QL_OK || refusal_set_status(ret_refusal, &call.status);
}
