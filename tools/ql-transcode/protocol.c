/* Requests and responses on the wire. */
#include "tools/ql-transcode/protocol.h"

#include "platform/pb/wire/wire.h"

enum { /* fields of Request */
       PROTOBUF_NUMBER = 1,
       JSON_NUMBER = 2,
       WANTED_NUMBER = 3,
       MESSAGE_TYPE_NUMBER = 4,
       CATEGORY_NUMBER = 5,
       JSPB_NUMBER = 7,
       TEXT_NUMBER = 8,
       MAX_GROUPS = 8,
       CATEGORY_JSON_IGNORING_UNKNOWN = 3,
};

static void payload_take(struct transcode_request *request, enum transcode_format format,
                         const struct qli_wire_field *field)
{
    request->payload = format;
    request->bytes = field->data;
    request->length = field->length;
}

static void bytes_take(struct transcode_request *request, const struct qli_wire_field *field)
{
    switch (field->number) {
    case PROTOBUF_NUMBER:
        payload_take(request, FORMAT_PROTOBUF, field);
        break;
    case JSON_NUMBER:
        payload_take(request, FORMAT_JSON, field);
        break;
    case JSPB_NUMBER:
        payload_take(request, FORMAT_JSPB, field);
        break;
    case TEXT_NUMBER:
        payload_take(request, FORMAT_TEXT, field);
        break;
    case MESSAGE_TYPE_NUMBER:
        request->message_type = (const char *)field->data;
        request->message_type_length = field->length;
        break;
    default:
        break;
    }
}

bool protocol_read(const uint8_t *bytes, size_t length, struct transcode_request *ret_request)
{
    struct qli_wire wire = qli_wire_of(bytes, length);
    struct qli_wire_field field = {.bits = 0};
    enum qli_wire_step step;

    *ret_request = (struct transcode_request){.message_type = ""};
    while ((step = qli_wire_next(&wire, MAX_GROUPS, &field)) == QLI_WIRE_FIELD) {
        if (field.type == QLI_WIRE_BYTES)
            bytes_take(ret_request, &field);
        else if (field.type == QLI_WIRE_VARINT && field.number == WANTED_NUMBER)
            ret_request->wanted =
                field.bits <= FORMAT_TEXT ? (enum transcode_format)field.bits : FORMAT_UNSPECIFIED;
        else if (field.type == QLI_WIRE_VARINT && field.number == CATEGORY_NUMBER)
            ret_request->ignores_unknown = field.bits == CATEGORY_JSON_IGNORING_UNKNOWN;
    }
    return step == QLI_WIRE_END;
}

void protocol_write(struct ql_buffer *out, enum transcode_result result, const char *bytes,
                    size_t length)
{
    qli_wire_put_bytes(out, (uint32_t)result, bytes, length);
}
