/* A resource as id, revision and encoded message, for code that forwards it unread. */
#ifndef QL_RESOURCE_ITEM_H
#define QL_RESOURCE_ITEM_H

#include "platform/events/event.h"
#include "platform/resource/kind.h"

/* One revision. */
struct ql_resource_item {
    const char *id; /* a UUID in lower case */
    int64_t revision;
    int64_t revised_ms; /* since 1970 */
    bool is_archived;   /* lists leave it out, from this revision on for ever */
    const char *etag;
    const void *bytes; /* the message as protobuf encodes it */
    size_t length;
};

/* Encodes into the call's arena; id and etag stay the resource's memory. */
enum ql_code ql_resource_item_encode(struct ql_call *call, const ProtobufCMessage *resource,
                                     struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* Whether a field of encoded bytes is this text, which is not empty. For matches_encoded of a
 * kind. */
bool ql_resource_item_has_text(const void *bytes, size_t length, unsigned field, const char *text);

/* From encoded bytes; in the call's arena. */
enum ql_code ql_resource_item_decode(struct ql_call *call, const struct ql_resource_kind *kind,
                                     const void *bytes, size_t length,
                                     struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From the body of the kind's event. INVALID_ARGUMENT (NOT_A_REVISION) when it holds no
 * revision of a resource. */
enum ql_code ql_resource_item_of_event(struct ql_call *call, const struct ql_resource_kind *kind,
                                       const struct ql_event *event,
                                       struct ql_resource_item *ret_item) QL_MUST_CHECK;

#endif
