/* Updates of a resource (AIP-134): which fields one names, and making them so.
 * For any generated message; what may change is what (google.api.field_behavior)
 * says in the contract, so no service lists it a second time.
 *
 *     rc = ql_update_read(call, in->update_mask, &in->quest->base, &update);
 *     ... lock what is stored, make a message of it ...
 *     rc = ql_update_apply(call, &update, "quest", &in->quest->base, &stored->base);
 *
 * Without a mask, named is what is present: over RPC all that has not proto3's
 * default; over HTTP the gateway fills the mask with the members of the JSON
 * body, null, false, 0 and "" included (platform/pb/route/route.h). */
#ifndef QL_PB_SCHEMA_UPDATE_H
#define QL_PB_SCHEMA_UPDATE_H

#include "google/protobuf/field_mask.pb-c.h"
#include "platform/base/call.h"

enum { QL_UPDATE_FIELDS_MAX = 64 };

struct ql_update {
    const ProtobufCFieldDescriptor *fields[QL_UPDATE_FIELDS_MAX];
    size_t n_fields;
};

/* Fills *ret_update. mask may be NULL; "*" alone names all that can be changed.
 * INVALID_ARGUMENT names "updateMask" when a path is no field of the resource. */
enum ql_code ql_update_read(struct ql_call *call, const Google__Protobuf__FieldMask *mask,
                            const ProtobufCMessage *wanted,
                            struct ql_update *ret_update) QL_MUST_CHECK;

/* Sets the named fields of onto, a message of what is stored, as they are in
 * wanted, absent ones included; what they point to is shared. A field that is
 * OUTPUT_ONLY or IMMUTABLE never changes: one that is named or present in wanted
 * must be as it is stored, or INVALID_ARGUMENT names it ("quest.revision"). A
 * field called etag is the caller's to check and stays (AIP-154). name is put in
 * front of the names of fields; RESOURCE_EXHAUSTED. */
enum ql_code ql_update_apply(struct ql_call *call, const struct ql_update *update, const char *name,
                             const ProtobufCMessage *wanted, ProtobufCMessage *onto) QL_MUST_CHECK;

#endif
