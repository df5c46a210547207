/* Content moves within the buffer, and the length prefixes around it grow. */
#include "platform/pb/route/nest.h"

#include <string.h>

#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/varint.h"

struct qli_bytes qli_buffer_rest(const struct ql_buffer *buffer, size_t begin)
{
    if (buffer->length == begin)
        return (struct qli_bytes){.data = NULL};
    return (struct qli_bytes){.data = (const uint8_t *)buffer->data + begin,
                              .length = buffer->length - begin};
}

bool qli_wire_find_last(struct qli_bytes message, uint32_t number, struct qli_bytes *ret_value)
{
    struct qli_wire wire = qli_wire_of(message.data, message.length);
    struct qli_wire_field field;
    bool is_found = false;

    while (qli_wire_next(&wire, QL_WIRE_MAX_DEPTH, &field) == QLI_WIRE_FIELD)
        if (field.number == number && field.type == QLI_WIRE_BYTES) {
            *ret_value = (struct qli_bytes){.data = field.data, .length = field.length};
            is_found = true;
        }
    return is_found;
}

void qli_nest_find(struct qli_nest *nest, const struct qli_chain *chain,
                   const struct ql_buffer *out, size_t begin)
{
    const uint8_t *all = (const uint8_t *)out->data;
    struct qli_bytes message = qli_buffer_rest(out, begin);

    for (nest->n_found = 0; nest->n_found + 1 < chain->n; nest->n_found++) {
        if (!qli_wire_find_last(message, chain->fields[nest->n_found]->number, &message))
            return;
        nest->found[nest->n_found].begin = (size_t)(message.data - all);
        nest->found[nest->n_found].end = (size_t)(message.data - all) + message.length;
    }
}

static void reverse(char *bytes, size_t length)
{
    for (size_t i = 0; i < length / 2; i++) {
        char byte = bytes[i];

        bytes[i] = bytes[length - 1 - i];
        bytes[length - 1 - i] = byte;
    }
}

/* Brings the last length bytes of the buffer to the place at. */
static void tail_move(struct ql_buffer *out, size_t at, size_t length)
{
    reverse(out->data + at, out->length - length - at);
    reverse(out->data + out->length - length, length);
    reverse(out->data + at, out->length - at);
}

void qli_nest_move(const struct qli_nest *nest, struct ql_buffer *out, size_t tail)
{
    size_t grown = out->length - tail;

    if (nest->n_found == 0 || out->failed)
        return;
    tail_move(out, nest->found[nest->n_found - 1].end, grown);
    for (size_t i = nest->n_found; i-- > 0;) {
        size_t begin = nest->found[i].begin, length = nest->found[i].end - begin;
        size_t size = ql_varint_size(length), more = ql_varint_size(length + grown) - size;
        static const char zeros[QL_VARINT_MAX_BYTES];

        ql_buffer_append(out, zeros, more);
        if (out->failed)
            return;
        tail_move(out, begin, more);
        (void)ql_varint_write((uint8_t *)out->data + begin - size, length + grown);
        grown += more;
    }
}
