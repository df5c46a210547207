/* The envelope of a call. */
#include "platform/rpc/client/request_pack.h"

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/rpc/envelope.h"

void qli_call_fill(Call *call, const struct ql_rpc_request *request, uint64_t id,
                   int64_t remaining_ms)
{
    Call_init(call);
    call->id = id;
    call->method = (char *)(uintptr_t)request->method;
    call->payload.data = (uint8_t *)(uintptr_t)request->payload;
    call->payload.len = request->payload_length;
    call->deadline_unix_ms = ql_unix_ms() + remaining_ms;
    call->authorization = (char *)(uintptr_t)request->authorization;
    call->traceparent = (char *)(uintptr_t)request->traceparent;
    call->request_id = (char *)(uintptr_t)request->request_id;
    call->idempotency_key = (char *)(uintptr_t)request->idempotency_key;
    if (request->if_match != NULL)
        call->if_match = (char *)(uintptr_t)request->if_match;
    if (request->client_address != NULL)
        call->client_address = (char *)(uintptr_t)request->client_address;
}

enum ql_code qli_request_pack(const struct ql_rpc_request *request, uint64_t id,
                              int64_t remaining_ms, nng_msg **ret_message)
{
    Call call, *calls[] = {&call};
    Request wire;
    size_t size;

    qli_call_fill(&call, request, id, remaining_ms);
    Request_init(&wire);
    wire.calls = calls;
    wire.n_calls = 1;
    size = Request_pack_size(&wire);
    if (size > QLI_ENVELOPE_MAX)
        return QL_INVALID_ARGUMENT;
    if (nng_msg_alloc(ret_message, size) != 0)
        return QL_RESOURCE_EXHAUSTED;
    Request_pack(&wire, nng_msg_body(*ret_message));
    return QL_OK;
}
