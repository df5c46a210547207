/* Which fields an update changes (google.protobuf.FieldMask, AIP-134), and
 * changing them: for any generated message of the contract. */
#ifndef QL_CATALOG_UPDATE_MASK_H
#define QL_CATALOG_UPDATE_MASK_H

#include "google/protobuf/field_mask.pb-c.h"
#include "platform/base/call.h"

enum { UPDATE_FIELDS_MAX = 32 };

struct update_mask {
    const ProtobufCFieldDescriptor *fields[UPDATE_FIELDS_MAX];
    size_t n_fields;
};

/* pb may be NULL. No path means every field that is sent, "*" all that can be
 * changed. changeable ends with NULL. INVALID_ARGUMENT names "updateMask" when a
 * path is no changeable field of the resource. */
enum ql_code update_mask_read(struct ql_call *call, const Google__Protobuf__FieldMask *pb,
                              const ProtobufCMessage *resource, const char *const *changeable,
                              struct update_mask *ret_mask) QL_MUST_CHECK;

/* Sets the fields of onto as they are in from, absent ones included; what they
 * point to is shared. Both are of the mask's message type. */
void update_mask_apply(const struct update_mask *mask, const ProtobufCMessage *from,
                       ProtobufCMessage *onto);

#endif
