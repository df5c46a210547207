/* A walk over the fields of a Reply and its Results. */
#include "platform/rpc/client/reply_view.h"

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_GROUP_START = 3,
    WIRE_GROUP_END = 4,
    WIRE_FIXED32 = 5,
};

enum {
    REPLY_RESULTS = 1,
    RESULT_ID = 1,
    RESULT_STATUS = 2,
    RESULT_PAYLOAD = 3,
    RESULT_NOT_STARTED = 4,
    RESULT_ETAG = 5,
    RESULT_REPLAYED = 6,
    RESULT_EXECUTION = 7,
};

struct field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;        /* of a varint */
    struct qli_span bytes; /* of a length-delimited field */
};

static bool read_varint(struct qli_span *in, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && in->length > 0; shift += 7) {
        uint8_t byte = *in->bytes++;

        in->length--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool skip_bytes(struct qli_span *in, uint64_t length, struct qli_span *ret_skipped)
{
    if (length > in->length)
        return false;
    *ret_skipped = (struct qli_span){.bytes = in->bytes, .length = (size_t)length};
    in->bytes += length;
    in->length -= (size_t)length;
    return true;
}

static bool read_field(struct qli_span *in, struct field *ret_field)
{
    uint64_t tag, length;

    if (!read_varint(in, &tag))
        return false;
    *ret_field = (struct field){.number = tag >> 3, .type = (enum wire_type)(tag & 7)};
    switch (ret_field->type) {
    case WIRE_VARINT:
        return read_varint(in, &ret_field->value);
    case WIRE_FIXED64:
        return skip_bytes(in, 8, &ret_field->bytes);
    case WIRE_FIXED32:
        return skip_bytes(in, 4, &ret_field->bytes);
    case WIRE_BYTES:
        return read_varint(in, &length) && skip_bytes(in, length, &ret_field->bytes);
    case WIRE_GROUP_START:
    case WIRE_GROUP_END:
        return true;
    }
    return false;
}

/* The next field that is not within a group, which only a later contract can have. */
static bool next_field(struct qli_span *in, struct field *ret_field)
{
    unsigned depth = 0;

    while (in->length > 0 && read_field(in, ret_field)) {
        if (ret_field->type == WIRE_GROUP_START)
            depth++;
        else if (ret_field->type == WIRE_GROUP_END)
            depth = depth > 0 ? depth - 1 : 0;
        else if (depth == 0)
            return true;
    }
    return false;
}

static uint64_t result_read(struct qli_span in, struct qli_result_view *ret_result)
{
    struct field field;
    uint64_t id = 0;

    *ret_result = (struct qli_result_view){.is_not_started = false};
    while (next_field(&in, &field)) {
        if (field.number == RESULT_ID && field.type == WIRE_VARINT)
            id = field.value;
        else if (field.number == RESULT_STATUS && field.type == WIRE_BYTES)
            ret_result->status = field.bytes;
        else if (field.number == RESULT_PAYLOAD && field.type == WIRE_BYTES)
            ret_result->payload = field.bytes;
        else if (field.number == RESULT_ETAG && field.type == WIRE_BYTES)
            ret_result->etag = field.bytes;
        else if (field.number == RESULT_NOT_STARTED && field.type == WIRE_VARINT)
            ret_result->is_not_started = field.value != 0;
        else if (field.number == RESULT_REPLAYED && field.type == WIRE_VARINT)
            ret_result->is_replayed = field.value != 0;
        else if (field.number == RESULT_EXECUTION && field.type == WIRE_VARINT)
            ret_result->execution = field.value;
    }
    return id;
}

bool qli_reply_next(struct qli_span *rest, uint64_t *ret_id, struct qli_result_view *ret_result)
{
    struct field field;

    while (next_field(rest, &field)) {
        if (field.number == REPLY_RESULTS && field.type == WIRE_BYTES) {
            *ret_id = result_read(field.bytes, ret_result);
            return true;
        }
    }
    return false;
}

bool qli_reply_find(const void *reply, size_t length, uint64_t id,
                    struct qli_result_view *ret_result)
{
    struct qli_span rest = {.bytes = reply, .length = length};
    uint64_t found;

    while (qli_reply_next(&rest, &found, ret_result)) {
        if (found == id)
            return true;
    }
    return false;
}
