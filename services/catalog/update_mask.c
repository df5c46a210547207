/* Field masks over protobuf-c's descriptors. */
#include "services/catalog/update_mask.h"

#include <string.h>

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

static bool is_sent(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *value = member(message, field->offset);

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)member(message, field->quantifier_offset) > 0;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return (*(char *const *)value)[0] != '\0';
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(const void *const *)value != NULL;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)value != 0;
    default: /* int32 and enums: the catalog's have no other types */
        return *(const int32_t *)value != 0;
    }
}

static size_t member_size(const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED || field->type == PROTOBUF_C_TYPE_STRING ||
        field->type == PROTOBUF_C_TYPE_MESSAGE)
        return sizeof(void *);
    return field->type == PROTOBUF_C_TYPE_BOOL ? sizeof(protobuf_c_boolean) : sizeof(int32_t);
}

static bool is_changeable(const char *path, const char *const *changeable)
{
    while (*changeable != NULL && strcmp(*changeable, path) != 0)
        changeable++;
    return *changeable != NULL;
}

static void add(struct update_mask *mask, const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < mask->n_fields; i++)
        if (mask->fields[i] == field)
            return;
    if (mask->n_fields < UPDATE_FIELDS_MAX)
        mask->fields[mask->n_fields++] = field;
}

static void add_all(struct update_mask *mask, const ProtobufCMessage *resource,
                    const char *const *changeable, bool sent_only)
{
    for (; *changeable != NULL; changeable++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(resource->descriptor, *changeable);

        if (!sent_only || is_sent(resource, field))
            add(mask, field);
    }
}

enum ql_code update_mask_read(struct ql_call *call, const Google__Protobuf__FieldMask *pb,
                              const ProtobufCMessage *resource, const char *const *changeable,
                              struct update_mask *ret_mask)
{
    enum ql_code rc = QL_OK;

    ret_mask->n_fields = 0;
    if (pb == NULL || pb->n_paths == 0)
        add_all(ret_mask, resource, changeable, true);
    else if (pb->n_paths == 1 && strcmp(pb->paths[0], "*") == 0)
        add_all(ret_mask, resource, changeable, false);
    else
        for (size_t i = 0; i < pb->n_paths; i++) {
            if (is_changeable(pb->paths[i], changeable))
                add(ret_mask, protobuf_c_message_descriptor_get_field_by_name(resource->descriptor,
                                                                              pb->paths[i]));
            else
                rc = ql_violate(call, "updateMask", "%.80s is no field that can be changed",
                                pb->paths[i]);
        }
    return rc;
}

void update_mask_apply(const struct update_mask *mask, const ProtobufCMessage *from,
                       ProtobufCMessage *onto)
{
    for (size_t i = 0; i < mask->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = mask->fields[i];

        memcpy((char *)onto + field->offset, member(from, field->offset), member_size(field));
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            memcpy((char *)onto + field->quantifier_offset, member(from, field->quantifier_offset),
                   sizeof(size_t));
    }
}
