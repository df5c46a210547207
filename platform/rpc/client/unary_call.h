/* A call that waits for its answer. */
#ifndef QL_RPC_CLIENT_UNARY_CALL_H
#define QL_RPC_CLIENT_UNARY_CALL_H

#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/rpc/client/channel.h"

/* Calls and waits, within the call's deadline less a little for ourselves; the
 * answer is unpacked into the call's arena. On failure the call's status is the
 * callee's. The call's Idempotency-Key goes along unless the method has no side
 * effects. No answer: DEADLINE_EXCEEDED; no connection or lost: UNAVAILABLE.
 * Threads: any but nng's and an event loop's. */
enum ql_code ql_rpc_call(struct ql_call *call, struct ql_rpc_channel *channel, const char *method,
                         const void *in, const ProtobufCMessageDescriptor *output,
                         void *ret_out) QL_MUST_CHECK;

/* The same with this token ("" for none) instead of the channel's own. */
enum ql_code ql_rpc_call_as(struct ql_call *call, struct ql_rpc_channel *channel,
                            const char *authorization, const char *method, const void *in,
                            const ProtobufCMessageDescriptor *output, void *ret_out) QL_MUST_CHECK;

/* The same with wire bytes, for methods that are known from a descriptor set only. The
 * answer's bytes lie in the call's arena, unchecked: ql_wire_check them. */
enum ql_code ql_rpc_call_bytes(struct ql_call *call, struct ql_rpc_channel *channel,
                               const char *authorization, const char *method, const void *payload,
                               size_t payload_length, void **ret_payload,
                               size_t *ret_length) QL_MUST_CHECK;

#endif
