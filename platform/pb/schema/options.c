/* Options among the unknown fields of a descriptor's options. */
#include "platform/pb/schema/options.h"

#include "platform/pb/wire/wire.h"

static bool option_find(const ProtobufCMessage *options, uint32_t number, enum qli_wire_type type,
                        struct qli_wire *ret_value)
{
    bool is_found = false;

    for (size_t i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];

        if (unknown->tag != number || (int)unknown->wire_type != (int)type)
            continue;
        *ret_value = qli_wire_of(unknown->data, unknown->len);
        is_found = true;
    }
    return is_found;
}

bool qli_option_varint(const ProtobufCMessage *options, uint32_t number, uint64_t *ret_value)
{
    struct qli_wire value;

    return option_find(options, number, QLI_WIRE_VARINT, &value) &&
           qli_wire_read_varint(&value, ret_value);
}

bool qli_option_has(const ProtobufCMessage *options, uint32_t number, uint64_t value)
{
    for (size_t i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];
        struct qli_wire wire = qli_wire_of(unknown->data, unknown->len);
        uint64_t found;

        if (unknown->tag == number && (int)unknown->wire_type == QLI_WIRE_VARINT &&
            qli_wire_read_varint(&wire, &found) && found == value)
            return true;
    }
    return false;
}

/* protobuf-c keeps the length in front of the bytes. */
bool qli_option_bytes(const ProtobufCMessage *options, uint32_t number, const uint8_t **ret_bytes,
                      size_t *ret_length)
{
    struct qli_wire value;
    uint64_t length;

    if (!option_find(options, number, QLI_WIRE_BYTES, &value) ||
        !qli_wire_read_varint(&value, &length) || length != (uint64_t)(value.end - value.at))
        return false;
    *ret_bytes = value.at;
    *ret_length = (size_t)length;
    return true;
}

bool qli_option_text(struct ql_arena *arena, const ProtobufCMessage *options, uint32_t number,
                     const char **ret_text)
{
    const uint8_t *bytes;
    size_t length;

    *ret_text = NULL;
    if (!qli_option_bytes(options, number, &bytes, &length))
        return true;
    *ret_text = ql_arena_strndup(arena, (const char *)bytes, length);
    return *ret_text != NULL;
}

bool qli_option_texts(struct ql_arena *arena, const ProtobufCMessage *options, uint32_t number,
                      const char *const **ret_texts, size_t *ret_count)
{
    const char **texts = ql_arena_calloc(arena, options->n_unknown_fields + 1, sizeof(*texts));
    size_t n = 0;

    if (texts == NULL)
        return false;
    for (size_t i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];
        struct qli_wire value = qli_wire_of(unknown->data, unknown->len);
        uint64_t length;

        if (unknown->tag != number || (int)unknown->wire_type != QLI_WIRE_BYTES)
            continue;
        if (!qli_wire_read_varint(&value, &length) || length != (uint64_t)(value.end - value.at))
            return false;
        texts[n] = ql_arena_strndup(arena, (const char *)value.at, length);
        if (texts[n++] == NULL)
            return false;
    }
    *ret_texts = texts;
    *ret_count = n;
    return true;
}
