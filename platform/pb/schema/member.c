/* Where protobuf-c keeps members: a value at an offset, behind a count for
 * repeated fields, behind the number of the member that is set for a oneof. */
#include "platform/pb/schema/member.h"

#include <string.h>
#include <strings.h>

#include "platform/pb/schema/message.h"

static const void *member_at(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

static bool is_repeated(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static bool is_in_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static size_t count_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const size_t *)member_at(message, field->quantifier_offset);
}

size_t qli_member_value_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(int64_t);
    default: /* the 32-bit numbers and enums */
        return sizeof(int32_t);
    }
}

static bool is_zero(const void *bytes, size_t size)
{
    static const char zeros[sizeof(ProtobufCBinaryData)];

    return memcmp(bytes, zeros, size) == 0;
}

bool qli_member_is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *value = member_at(message, field->offset);

    if (is_repeated(field))
        return count_of(message, field) > 0;
    if (is_in_oneof(field))
        return *(const uint32_t *)member_at(message, field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return *(const char *const *)value != NULL && (*(const char *const *)value)[0] != '\0';
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)value)->len > 0;
    return !is_zero(value, qli_member_value_size(field));
}

static bool texts_equal(const char *left, const char *right)
{
    if (strcmp(left, right) == 0)
        return true;
    return ql_uuid_is_valid(left) && ql_uuid_is_valid(right) && strcasecmp(left, right) == 0;
}

static enum ql_code messages_compare(struct ql_call *call, const ProtobufCMessage *left,
                                     const ProtobufCMessage *right, bool *ret_is_same)
{
    uint8_t *left_bytes, *right_bytes;
    size_t left_length, right_length;
    enum ql_code rc;

    *ret_is_same = left == right;
    if (left == NULL || right == NULL || *ret_is_same)
        return QL_OK;
    rc = ql_message_pack(call, left, &left_bytes, &left_length);
    if (rc == QL_OK)
        rc = ql_message_pack(call, right, &right_bytes, &right_length);
    if (rc != QL_OK)
        return rc;
    *ret_is_same = left_length == right_length && memcmp(left_bytes, right_bytes, left_length) == 0;
    return QL_OK;
}

/* Two values of a field that is there in both messages. */
static enum ql_code values_compare(struct ql_call *call, const ProtobufCFieldDescriptor *field,
                                   const void *left, const void *right, bool *ret_is_same)
{
    const ProtobufCBinaryData *left_bytes = left, *right_bytes = right;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *ret_is_same = texts_equal(*(const char *const *)left, *(const char *const *)right);
        return QL_OK;
    case PROTOBUF_C_TYPE_MESSAGE:
        return messages_compare(call, *(const ProtobufCMessage *const *)left,
                                *(const ProtobufCMessage *const *)right, ret_is_same);
    case PROTOBUF_C_TYPE_BYTES:
        *ret_is_same = left_bytes->len == right_bytes->len &&
                       (left_bytes->len == 0 ||
                        memcmp(left_bytes->data, right_bytes->data, left_bytes->len) == 0);
        return QL_OK;
    default:
        *ret_is_same = memcmp(left, right, qli_member_value_size(field)) == 0;
        return QL_OK;
    }
}

static enum ql_code lists_compare(struct ql_call *call, const ProtobufCFieldDescriptor *field,
                                  const ProtobufCMessage *left, const ProtobufCMessage *right,
                                  bool *ret_is_same)
{
    const char *lefts = *(const char *const *)member_at(left, field->offset);
    const char *rights = *(const char *const *)member_at(right, field->offset);
    size_t n = count_of(left, field), size = qli_member_value_size(field);

    *ret_is_same = n == count_of(right, field);
    for (size_t i = 0; i < n && *ret_is_same; i++) {
        enum ql_code rc =
            values_compare(call, field, lefts + i * size, rights + i * size, ret_is_same);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code qli_member_compare(struct ql_call *call, const ProtobufCFieldDescriptor *field,
                                const ProtobufCMessage *left, const ProtobufCMessage *right,
                                bool *ret_is_same)
{
    bool is_there = qli_member_is_set(left, field);

    *ret_is_same = is_there == qli_member_is_set(right, field);
    if (!*ret_is_same || !is_there)
        return QL_OK;
    if (is_repeated(field))
        return lists_compare(call, field, left, right, ret_is_same);
    return values_compare(call, field, member_at(left, field->offset),
                          member_at(right, field->offset), ret_is_same);
}

void qli_member_copy(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *from,
                     ProtobufCMessage *onto)
{
    bool is_list = is_repeated(field);

    if (is_in_oneof(field) && !qli_member_is_set(from, field)) {
        /* Absent: another member that is set in onto stays. */
        if (qli_member_is_set(onto, field))
            memset((char *)onto + field->quantifier_offset, 0, sizeof(uint32_t));
        return;
    }
    memcpy((char *)onto + field->offset, member_at(from, field->offset),
           is_list ? sizeof(void *) : qli_member_value_size(field));
    if (is_list)
        memcpy((char *)onto + field->quantifier_offset, member_at(from, field->quantifier_offset),
               sizeof(size_t));
    if (is_in_oneof(field))
        memcpy((char *)onto + field->quantifier_offset, member_at(from, field->quantifier_offset),
               sizeof(uint32_t));
}
