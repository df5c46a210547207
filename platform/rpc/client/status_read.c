/* From the Status on the wire to the status of a call. */
#include "platform/rpc/client/status_read.h"

#include "questline/rpc/v1/names.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/arena_allocator.h"
#include "platform/rpc/legacy_reasons.h"

static enum ql_code status_read(struct ql_call *call, struct qli_bytes bytes)
{
    ProtobufCAllocator allocator;
    const Status *wire;
    enum ql_code code;

    ql_arena_allocator(call->arena, &allocator);
    wire = Status_unpack(&allocator, bytes.length, bytes.data);
    if (wire == NULL)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's status cannot be read");
    if (wire->code == QL_OK)
        return QL_OK;
    code = wire->code > QL_OK && wire->code <= QL_UNAUTHENTICATED ? (enum ql_code)wire->code
                                                                  : QL_UNKNOWN;
    ql_fail(call, code, wire->reason, "%s", wire->message);
    for (size_t i = 0; i < wire->n_violations && i < QL_VIOLATIONS_MAX; i++) {
        struct ql_violation *violation = &call->status.violations[call->status.n_violations++];

        violation->field = wire->violations[i]->field;
        violation->description = wire->violations[i]->description;
        violation->reason = wire->violations[i]->reason;
    }
    ql_retry_after(call, wire->retry_delay_ms > 0 ? wire->retry_delay_ms : 0);
    call->status.is_precondition_failed = wire->precondition_failed;
    return code;
}

enum ql_code qli_result_read(struct ql_call *call, struct qli_result_view *result)
{
    result->is_not_executed = result->is_not_started || result->execution == EXECUTION_NONE;
    if (result->is_not_started)
        return ql_fail(call, QL_UNAVAILABLE, "NOT_STARTED", "the callee did not start the call");
    if (result->status.data == NULL || status_read(call, result->status) == QL_OK)
        return QL_OK;
    if (result->execution == EXECUTION_UNSPECIFIED) {
        result->is_not_executed = qli_legacy_is_not_executed(&call->status);
        call->status.is_precondition_failed = qli_legacy_is_precondition_failed(&call->status);
    }
    return call->status.code;
}

enum ql_code qli_reply_read(struct ql_call *call, nng_msg *message, uint64_t id,
                            struct qli_result_view *ret_result)
{
    const struct ql_message *type = ql_schema_message(ql_schema_embedded(), Reply_descriptor.name);
    const void *bytes = nng_msg_body(message);
    size_t length = nng_msg_len(message);
    struct qli_result_view of_request;

    *ret_result = (struct qli_result_view){.is_not_started = false};
    if (ql_wire_check(call, type, bytes, length) != QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply is malformed");
    if (qli_reply_find(bytes, length, id, ret_result))
        return qli_result_read(call, ret_result);
    *ret_result = (struct qli_result_view){.is_not_started = false};
    /* A result for id 0 is what the callee says about the whole Request. */
    if (!qli_reply_find(bytes, length, 0, &of_request) || of_request.status.data == NULL ||
        status_read(call, of_request.status) == QL_OK)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has no result");
    return call->status.code;
}
