/* The protobuf wire format, field by field: a cursor that reads and a handful of
 * writers (https://protobuf.dev/programming-guides/encoding/). Knows no types.
 *
 *     struct qli_wire wire = qli_wire_of(bytes, length);
 *     while (qli_wire_next(&wire, depth_left, &field) == QLI_WIRE_FIELD)
 *         ...
 */
#ifndef QLI_PB_WIRE_WIRE_H
#define QLI_PB_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/buffer.h"

enum qli_wire_type {
    QLI_WIRE_VARINT = 0,
    QLI_WIRE_FIXED64 = 1,
    QLI_WIRE_BYTES = 2,
    QLI_WIRE_GROUP = 3,
    QLI_WIRE_GROUP_END = 4,
    QLI_WIRE_FIXED32 = 5,
};

struct qli_wire {
    const uint8_t *at;
    const uint8_t *end;
};

/* Some bytes of somebody else. */
struct qli_bytes {
    const uint8_t *data;
    size_t length;
};

struct qli_wire_field {
    uint32_t number;
    enum qli_wire_type type;
    uint64_t bits;       /* of VARINT, FIXED64 and FIXED32 */
    const uint8_t *data; /* of BYTES and GROUP: the content */
    size_t length;
    const uint8_t *start; /* the field's tag */
};

enum qli_wire_step {
    QLI_WIRE_END,
    QLI_WIRE_FIELD,
    QLI_WIRE_MALFORMED,
    QLI_WIRE_TOO_DEEP, /* groups nested past depth_left */
};

static inline struct qli_wire qli_wire_of(const void *bytes, size_t length)
{
    const uint8_t *at = length == 0 ? (const uint8_t *)"" : bytes;

    return (struct qli_wire){.at = at, .end = at + length};
}

/* Reads the next field. A group is one field: its content lies in data. */
enum qli_wire_step qli_wire_next(struct qli_wire *wire, unsigned depth_left,
                                 struct qli_wire_field *ret_field);

/* Reads one bare value, an element of a packed field: false when it is cut off
 * or, a varint, longer than 64 bits. */
bool qli_wire_read_varint(struct qli_wire *wire, uint64_t *ret_value);
bool qli_wire_read_fixed(struct qli_wire *wire, size_t size, uint64_t *ret_value);
bool qli_wire_read_element(struct qli_wire *wire, enum qli_wire_type type, uint64_t *ret_value);

void qli_wire_put_varint(struct ql_buffer *out, uint64_t value);
void qli_wire_put_tag(struct ql_buffer *out, uint32_t number, enum qli_wire_type type);
void qli_wire_put_fixed(struct ql_buffer *out, size_t size, uint64_t value);
void qli_wire_put_bytes(struct ql_buffer *out, uint32_t number, const void *bytes, size_t length);

/* Between open and close, whatever is appended becomes one length-prefixed
 * value: open keeps a byte for the length, close moves the content when the
 * length needs more. */
size_t qli_wire_open(struct ql_buffer *out);
void qli_wire_close(struct ql_buffer *out, size_t mark);

#endif
