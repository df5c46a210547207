/* Members of generated messages, by protobuf-c's descriptors: whether one is
 * there, whether two are the same, and copying one. For any field of any message
 * of the contract. */
#ifndef QLI_PB_SCHEMA_MEMBER_H
#define QLI_PB_SCHEMA_MEMBER_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"

/* Whether the field is present: not the default of proto3, or for a field with
 * presence there at all. */
bool qli_member_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Bytes of one value in the struct, or in the array of a repeated field. */
size_t qli_member_value_size(const ProtobufCFieldDescriptor *field);

/* Whether two messages of one type have the same value in a field. UUIDs are the
 * same in any case of letters. RESOURCE_EXHAUSTED. */
enum ql_code qli_member_compare(struct ql_call *call, const ProtobufCFieldDescriptor *field,
                                const ProtobufCMessage *left, const ProtobufCMessage *right,
                                bool *ret_is_same) QL_MUST_CHECK;

/* Sets the field of onto as it is in from; what it points to is shared. */
void qli_member_copy(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *from,
                     ProtobufCMessage *onto);

#endif
