/* A walk over the fields of a Reply and its Results. */
#include "platform/rpc/client/reply_view.h"

#include "platform/pb/schema/wire_check.h"

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

/* The next field; what is malformed ends the walk. */
static bool next_field(struct qli_bytes *in, struct qli_wire_field *ret_field)
{
    struct qli_wire wire = qli_wire_of(in->data, in->length);
    bool is_there = qli_wire_next(&wire, QL_WIRE_MAX_DEPTH, ret_field) == QLI_WIRE_FIELD;

    *in = (struct qli_bytes){.data = wire.at, .length = (size_t)(wire.end - wire.at)};
    return is_there;
}

static struct qli_bytes bytes_of(const struct qli_wire_field *field)
{
    return (struct qli_bytes){.data = field->data, .length = field->length};
}

static uint64_t result_read(struct qli_bytes in, struct qli_result_view *ret_result)
{
    struct qli_wire_field field;
    uint64_t id = 0;

    *ret_result = (struct qli_result_view){.is_not_started = false};
    while (next_field(&in, &field)) {
        if (field.number == RESULT_ID && field.type == QLI_WIRE_VARINT)
            id = field.bits;
        else if (field.number == RESULT_STATUS && field.type == QLI_WIRE_BYTES)
            ret_result->status = bytes_of(&field);
        else if (field.number == RESULT_PAYLOAD && field.type == QLI_WIRE_BYTES)
            ret_result->payload = bytes_of(&field);
        else if (field.number == RESULT_ETAG && field.type == QLI_WIRE_BYTES)
            ret_result->etag = bytes_of(&field);
        else if (field.number == RESULT_NOT_STARTED && field.type == QLI_WIRE_VARINT)
            ret_result->is_not_started = field.bits != 0;
        else if (field.number == RESULT_REPLAYED && field.type == QLI_WIRE_VARINT)
            ret_result->is_replayed = field.bits != 0;
        else if (field.number == RESULT_EXECUTION && field.type == QLI_WIRE_VARINT)
            ret_result->execution = field.bits;
    }
    return id;
}

bool qli_reply_next(struct qli_bytes *rest, uint64_t *ret_id, struct qli_result_view *ret_result)
{
    struct qli_wire_field field;

    while (next_field(rest, &field)) {
        if (field.number == REPLY_RESULTS && field.type == QLI_WIRE_BYTES) {
            *ret_id = result_read(bytes_of(&field), ret_result);
            return true;
        }
    }
    return false;
}

bool qli_reply_find(const void *reply, size_t length, uint64_t id,
                    struct qli_result_view *ret_result)
{
    struct qli_bytes rest = {.data = reply, .length = length};
    uint64_t found;

    while (qli_reply_next(&rest, &found, ret_result)) {
        if (found == id)
            return true;
    }
    return false;
}
