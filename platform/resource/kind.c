/* The fields that every resource has, found by their names in the contract. */
#include "platform/resource/kind.h"

#include <inttypes.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"

void *ql_resource_member(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);

    return field == NULL ? NULL : (char *)message + field->offset;
}

void *ql_resource_first_member(const ProtobufCMessage *message)
{
    return (char *)message + message->descriptor->fields[0].offset;
}

/* The number of the value ARCHIVED of the field state. */
static int archived_state(const ProtobufCMessage *resource)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(resource->descriptor, "state");
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(field->descriptor, "ARCHIVED");

    return value->value;
}

static bool is_archived(const ProtobufCMessage *resource)
{
    const protobuf_c_boolean *archived = ql_resource_member(resource, "archived");

    if (archived != NULL)
        return *archived != 0;
    return *(const int *)ql_resource_member(resource, "state") == archived_state(resource);
}

struct ql_resource_head ql_resource_head_of(const ProtobufCMessage *resource)
{
    const Google__Protobuf__Timestamp *const *revised_at =
        ql_resource_member(resource, "revised_at");

    return (struct ql_resource_head){
        .id = *(const char *const *)ql_resource_first_member(resource),
        .revision = *(const int64_t *)ql_resource_member(resource, "revision"),
        .revised_ms = *revised_at == NULL ? 0 : ql_timestamp_ms(*revised_at),
        .is_archived = is_archived(resource),
        .etag = *(const char *const *)ql_resource_member(resource, "etag"),
    };
}

enum ql_code ql_resource_set_etag(struct ql_call *call, ProtobufCMessage *resource)
{
    int64_t revision = *(const int64_t *)ql_resource_member(resource, "revision");
    char *etag = ql_arena_printf(call->arena, "%" PRId64, revision);

    *(char **)ql_resource_member(resource, "etag") = etag;
    return etag == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code ql_resource_begin(struct ql_call *call, ProtobufCMessage *resource, const char *id)
{
    Google__Protobuf__Timestamp **created_at = ql_resource_member(resource, "created_at");
    char *own_id = ql_arena_strdup(call->arena, id);
    enum ql_code rc;

    if (own_id == NULL)
        return ql_fail_memory(call);
    *(char **)ql_resource_first_member(resource) = own_id;
    *(int64_t *)ql_resource_member(resource, "revision") = 0;
    if (ql_resource_member(resource, "archived") != NULL)
        *(protobuf_c_boolean *)ql_resource_member(resource, "archived") = 0;
    rc = ql_resource_revise(call, resource);
    if (rc != QL_OK)
        return rc;
    if (created_at != NULL)
        *created_at = *(Google__Protobuf__Timestamp **)ql_resource_member(resource, "revised_at");
    return QL_OK;
}

enum ql_code ql_resource_revise(struct ql_call *call, ProtobufCMessage *resource)
{
    Google__Protobuf__Timestamp *now = ql_timestamp_new(call, ql_unix_ms());

    if (now == NULL)
        return ql_fail_memory(call);
    ++*(int64_t *)ql_resource_member(resource, "revision");
    *(Google__Protobuf__Timestamp **)ql_resource_member(resource, "revised_at") = now;
    return ql_resource_set_etag(call, resource);
}

void ql_resource_set_archived(ProtobufCMessage *resource)
{
    protobuf_c_boolean *archived = ql_resource_member(resource, "archived");

    if (archived != NULL)
        *archived = 1;
    else
        *(int *)ql_resource_member(resource, "state") = archived_state(resource);
}

static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const uint32_t *member = (const void *)((const char *)message + field->quantifier_offset);

    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 || *member == field->id;
}

void ql_resource_drop_unknown(ProtobufCMessage *message)
{
    message->n_unknown_fields = 0;
    message->unknown_fields = NULL;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const char *value = (const char *)message + field->offset;
        size_t n = 1;

        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !is_there(message, field))
            continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            n = *(const size_t *)(const void *)((const char *)message + field->quantifier_offset);
            value = *(const char *const *)(const void *)value;
        }
        for (size_t k = 0; k < n; k++) {
            ProtobufCMessage *inner = ((ProtobufCMessage *const *)(const void *)value)[k];

            if (inner != NULL)
                ql_resource_drop_unknown(inner);
        }
    }
}

ProtobufCMessage *ql_resource_copy(struct ql_call *call, const ProtobufCMessage *resource)
{
    size_t size = resource->descriptor->sizeof_message;
    ProtobufCMessage *copy = ql_arena_alloc(call->arena, size);

    if (copy != NULL)
        memcpy(copy, resource, size);
    return copy;
}
