/* Encoding and decoding resources. */
#include "platform/resource/item.h"

#include <string.h>

#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/wire.h"

enum ql_code ql_resource_item_encode(struct ql_call *call, const ProtobufCMessage *resource,
                                     struct ql_resource_item *ret_item)
{
    const struct ql_resource_head head = ql_resource_head_of(resource);
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, resource, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    *ret_item = (struct ql_resource_item){.id = head.id,
                                          .revision = head.revision,
                                          .revised_ms = head.revised_ms,
                                          .is_archived = head.is_archived,
                                          .etag = head.etag,
                                          .bytes = bytes,
                                          .length = length};
    return QL_OK;
}

/* Of a field that is there twice the last one counts. */
bool ql_resource_item_has_text(const void *bytes, size_t length, unsigned field, const char *text)
{
    struct qli_wire wire = qli_wire_of(bytes, length);
    struct qli_wire_field at;
    bool is_same = false;

    while (qli_wire_next(&wire, QL_WIRE_MAX_DEPTH, &at) == QLI_WIRE_FIELD)
        if (at.number == field)
            is_same = at.type == QLI_WIRE_BYTES && at.length == strlen(text) &&
                      memcmp(at.data, text, at.length) == 0;
    return is_same;
}

enum ql_code ql_resource_item_decode(struct ql_call *call, const struct ql_resource_kind *kind,
                                     const void *bytes, size_t length,
                                     struct ql_resource_item *ret_item)
{
    ProtobufCMessage *resource;
    enum ql_code rc = ql_message_unpack(call, kind->type, bytes, length, &resource);

    if (rc != QL_OK)
        return rc;
    return ql_resource_item_encode(call, resource, ret_item);
}

enum ql_code ql_resource_item_of_event(struct ql_call *call, const struct ql_resource_kind *kind,
                                       const struct ql_event *event,
                                       struct ql_resource_item *ret_item)
{
    const ProtobufCMessage *body, *resource;
    struct ql_resource_head head = {0};
    enum ql_code rc =
        ql_message_unpack(call, kind->changed, event->body, event->body_length, &body);

    if (rc != QL_OK)
        return rc;
    resource = *(const ProtobufCMessage *const *)ql_resource_first_member(body);
    if (resource != NULL)
        head = ql_resource_head_of(resource);
    if (resource == NULL || !ql_uuid_is_valid(head.id) || head.revision < 1)
        return ql_fail(call, QL_INVALID_ARGUMENT, "NOT_A_REVISION",
                       "the event names no revision of a %s", kind->name);
    return ql_resource_item_encode(call, resource, ret_item);
}
