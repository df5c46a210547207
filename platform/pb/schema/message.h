/* Packing and unpacking generated protobuf-c messages within a call: memory from
 * the call's arena, bytes checked before they are unpacked. */
#ifndef QL_PB_SCHEMA_MESSAGE_H
#define QL_PB_SCHEMA_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* Checks bytes against the embedded schema and unpacks them into the call's
 * arena. *ret_message lives as long as the arena. Codes of ql_wire_check;
 * RESOURCE_EXHAUSTED when the arena is full. */
enum ql_code ql_message_unpack(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                               const void *bytes, size_t length, void *ret_message) QL_MUST_CHECK;

/* Packs into the call's arena. */
enum ql_code ql_message_pack(struct ql_call *call, const void *message, uint8_t **ret_bytes,
                             size_t *ret_length) QL_MUST_CHECK;

#endif
