/* Reading and writing the wire format. Every read stays inside its cursor, and
 * nothing here allocates. */
#include "platform/pb/wire/wire.h"

#include <string.h>

#include "platform/pb/wire/varint.h"

enum { TAG_MAX_BYTES = 5 };

bool qli_wire_read_varint(struct qli_wire *wire, uint64_t *ret_value)
{
    const uint8_t *at = wire->at;
    uint64_t value = 0;

    for (unsigned i = 0; i < QL_VARINT_MAX_BYTES && at < wire->end; i++) {
        uint8_t byte = *at++;

        /* The tenth byte holds the 64th bit and nothing else. */
        if (i == QL_VARINT_MAX_BYTES - 1 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            wire->at = at;
            *ret_value = value;
            return true;
        }
    }
    return false;
}

bool qli_wire_read_fixed(struct qli_wire *wire, size_t size, uint64_t *ret_value)
{
    uint64_t value = 0;

    if ((size_t)(wire->end - wire->at) < size)
        return false;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)wire->at[i] << (8 * i);
    wire->at += size;
    *ret_value = value;
    return true;
}

bool qli_wire_read_element(struct qli_wire *wire, enum qli_wire_type type, uint64_t *ret_value)
{
    if (type == QLI_WIRE_FIXED64)
        return qli_wire_read_fixed(wire, 8, ret_value);
    if (type == QLI_WIRE_FIXED32)
        return qli_wire_read_fixed(wire, 4, ret_value);
    return qli_wire_read_varint(wire, ret_value);
}

static enum qli_wire_step next_raw(struct qli_wire *wire, unsigned depth_left,
                                   struct qli_wire_field *field);

/* Moves past a group whose start tag was read. */
static enum qli_wire_step skip_group(struct qli_wire *wire, unsigned depth_left,
                                     struct qli_wire_field *group)
{
    struct qli_wire_field field;
    enum qli_wire_step step;

    if (depth_left == 0)
        return QLI_WIRE_TOO_DEEP;
    group->data = wire->at;
    do {
        step = next_raw(wire, depth_left - 1, &field);
        if (step == QLI_WIRE_END)
            return QLI_WIRE_MALFORMED;
        if (step != QLI_WIRE_FIELD)
            return step;
    } while (field.type != QLI_WIRE_GROUP_END);
    if (field.number != group->number)
        return QLI_WIRE_MALFORMED;
    group->length = (size_t)(field.start - group->data);
    return QLI_WIRE_FIELD;
}

/* As qli_wire_next, and hands out the end tags of groups too. */
static enum qli_wire_step next_raw(struct qli_wire *wire, unsigned depth_left,
                                   struct qli_wire_field *field)
{
    uint64_t tag, length;

    /* What is not of this field's type must not be the field's before it. */
    *field = (struct qli_wire_field){.start = wire->at};
    if (wire->at == wire->end)
        return QLI_WIRE_END;
    /* protobuf-c reads no longer tags; an overlong spelling is nobody's habit. */
    if (!qli_wire_read_varint(wire, &tag) || wire->at - field->start > TAG_MAX_BYTES ||
        tag > UINT32_MAX || tag >> 3 == 0)
        return QLI_WIRE_MALFORMED;
    field->number = (uint32_t)(tag >> 3);
    field->type = (enum qli_wire_type)(tag & 7);
    switch (field->type) {
    case QLI_WIRE_VARINT:
    case QLI_WIRE_FIXED64:
    case QLI_WIRE_FIXED32:
        return qli_wire_read_element(wire, field->type, &field->bits) ? QLI_WIRE_FIELD
                                                                      : QLI_WIRE_MALFORMED;
    case QLI_WIRE_BYTES:
        if (!qli_wire_read_varint(wire, &length) || length > (uint64_t)(wire->end - wire->at))
            return QLI_WIRE_MALFORMED;
        field->data = wire->at;
        field->length = (size_t)length;
        wire->at += length;
        return QLI_WIRE_FIELD;
    case QLI_WIRE_GROUP:
        return skip_group(wire, depth_left, field);
    case QLI_WIRE_GROUP_END:
        return QLI_WIRE_FIELD;
    }
    return QLI_WIRE_MALFORMED;
}

enum qli_wire_step qli_wire_next(struct qli_wire *wire, unsigned depth_left,
                                 struct qli_wire_field *ret_field)
{
    enum qli_wire_step step = next_raw(wire, depth_left, ret_field);

    /* Ends of groups are met inside skip_group(); here one is astray. */
    if (step == QLI_WIRE_FIELD && ret_field->type == QLI_WIRE_GROUP_END)
        return QLI_WIRE_MALFORMED;
    return step;
}

void qli_wire_put_varint(struct ql_buffer *out, uint64_t value)
{
    uint8_t bytes[QL_VARINT_MAX_BYTES];

    ql_buffer_append(out, bytes, ql_varint_write(bytes, value));
}

void qli_wire_put_tag(struct ql_buffer *out, uint32_t number, enum qli_wire_type type)
{
    qli_wire_put_varint(out, (uint64_t)number << 3 | type);
}

void qli_wire_put_fixed(struct ql_buffer *out, size_t size, uint64_t value)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    ql_buffer_append(out, bytes, size);
}

void qli_wire_put_bytes(struct ql_buffer *out, uint32_t number, const void *bytes, size_t length)
{
    uint8_t head[2 * QL_VARINT_MAX_BYTES];
    size_t n = ql_varint_write(head, (uint64_t)number << 3 | QLI_WIRE_BYTES);

    n += ql_varint_write(head + n, length);
    ql_buffer_append(out, head, n);
    ql_buffer_append(out, bytes, length);
}

size_t qli_wire_open(struct ql_buffer *out)
{
    ql_buffer_append_byte(out, 0);
    return out->length;
}

void qli_wire_close(struct ql_buffer *out, size_t mark)
{
    uint8_t prefix[QL_VARINT_MAX_BYTES];
    size_t length, n;

    if (out->failed)
        return;
    length = out->length - mark;
    n = ql_varint_write(prefix, length);
    if (n > 1) {
        ql_buffer_append(out, prefix, n - 1);
        if (out->failed)
            return;
        memmove(out->data + mark + n - 1, out->data + mark, length);
    }
    memcpy(out->data + mark - 1, prefix, n);
}
