/* One scalar: from JSON or from plain text to the bits of its type. */
#include "platform/pb/json/scalar.h"

#include <inttypes.h>
#include <string.h>

#include "platform/pb/json/number.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/schema/wire_type.h"
#include "platform/pb/wire/wire.h"

static bool text_is(struct qli_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

enum ql_code qli_scalar_read(struct qli_json_parse *parse, const struct qli_path *path,
                             struct qli_scalar *ret_scalar)
{
    struct qli_json_reader *reader = &parse->reader;
    const char *word;

    switch (qli_json_next_byte(reader)) {
    case '"':
        ret_scalar->kind = QLI_SCALAR_STRING;
        if (!qli_json_read_string(reader, &ret_scalar->text))
            return qli_json_malformed(parse, path);
        return QL_OK;
    case 't':
    case 'f':
        word = *reader->at == 't' ? "true" : "false";
        ret_scalar->kind = QLI_SCALAR_BOOL;
        ret_scalar->text = (struct qli_text){.bytes = word, .length = strlen(word)};
        if (!qli_json_read_word(reader, word))
            return qli_json_malformed(parse, path);
        return QL_OK;
    case 'n':
        if (!qli_json_read_word(reader, "null"))
            return qli_json_malformed(parse, path);
        return qli_json_violate(parse, path, "must not be null");
    case '{':
        return qli_json_violate(parse, path, "must not be an object");
    case '[':
        return qli_json_violate(parse, path, "must not be an array");
    default:
        ret_scalar->kind = QLI_SCALAR_NUMBER;
        if (!qli_json_read_number(reader, &ret_scalar->text))
            return qli_json_malformed(parse, path);
        return QL_OK;
    }
}

/* A whole number between -lowest and highest, as two's complement. */
static enum ql_code integer_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                    struct qli_text text, uint64_t lowest, uint64_t highest,
                                    uint64_t *ret_bits)
{
    bool is_negative = false;
    uint64_t magnitude = 0;

    switch (qli_integer_read(text.bytes, text.length, &is_negative, &magnitude)) {
    case QLI_INTEGER_OK:
        if (magnitude > (is_negative ? lowest : highest))
            break;
        *ret_bits = is_negative ? -magnitude : magnitude;
        return QL_OK;
    case QLI_INTEGER_RANGE:
        break;
    default:
        return qli_json_violate(parse, path, "must be a whole number");
    }
    return qli_json_violate(parse, path, "must be between %s%" PRIu64 " and %" PRIu64,
                            lowest == 0 ? "" : "-", lowest, highest);
}

static enum ql_code double_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                   const struct qli_scalar *scalar, uint64_t *ret_bits)
{
    struct qli_text text = scalar->text;
    double value = 0;

    if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "NaN"))
        *ret_bits = UINT64_C(0x7ff8000000000000);
    else if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "Infinity"))
        *ret_bits = UINT64_C(0x7ff0000000000000);
    else if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "-Infinity"))
        *ret_bits = UINT64_C(0xfff0000000000000);
    else if (qli_double_read(text.bytes, text.length, &value))
        memcpy(ret_bits, &value, sizeof(value));
    else
        return qli_json_violate(parse, path, "must be a number of 64 bits");
    return QL_OK;
}

static enum ql_code float_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                  const struct qli_scalar *scalar, uint64_t *ret_bits)
{
    struct qli_text text = scalar->text;
    uint32_t bits = 0;
    float value = 0;

    if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "NaN"))
        bits = UINT32_C(0x7fc00000);
    else if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "Infinity"))
        bits = UINT32_C(0x7f800000);
    else if (scalar->kind != QLI_SCALAR_NUMBER && text_is(text, "-Infinity"))
        bits = UINT32_C(0xff800000);
    else if (qli_float_read(text.bytes, text.length, &value))
        memcpy(&bits, &value, sizeof(value));
    else
        return qli_json_violate(parse, path, "must be a number of 32 bits");
    *ret_bits = bits;
    return QL_OK;
}

static enum ql_code enum_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_enum *enumeration, const struct qli_scalar *scalar,
                                 uint64_t *ret_bits)
{
    const struct ql_enum_value *value = NULL;
    enum ql_code rc;

    if (scalar->kind != QLI_SCALAR_NUMBER) {
        value = ql_enum_by_name(enumeration, scalar->text.bytes, scalar->text.length);
        if (value != NULL) {
            *ret_bits = (uint64_t)(int64_t)value->number;
            return QL_OK;
        }
        if (qli_number_length(scalar->text.bytes, scalar->text.length) == 0) {
            parse->has_ignored = parse->ignores_unknown;
            *ret_bits = 0;
            if (parse->has_ignored)
                return QL_OK;
            return qli_json_violate(parse, path, "is no value of %s", enumeration->full_name);
        }
    }
    rc = integer_convert(parse, path, scalar->text, (uint64_t)INT32_MAX + 1, INT32_MAX, ret_bits);
    if (rc != QL_OK)
        return rc;
    if (enumeration->is_closed && ql_enum_by_number(enumeration, (int32_t)*ret_bits) == NULL)
        return qli_json_violate(parse, path, "is no value of %s", enumeration->full_name);
    return QL_OK;
}

static int base64_digit(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

/* Both alphabets; padding whole or missing. */
static enum ql_code bytes_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                  struct qli_text text, struct qli_text *ret_bytes)
{
    size_t length = text.length, padding = 0, n = 0;
    uint32_t collected = 0;
    char *bytes;

    while (padding < 2 && length > 0 && text.bytes[length - 1] == '=') {
        length--;
        padding++;
    }
    if ((padding != 0 && text.length % 4 != 0) || length % 4 == 1)
        return qli_json_violate(parse, path, "must be base64");
    bytes = ql_arena_alloc(parse->call->arena, length / 4 * 3 + 3);
    if (bytes == NULL)
        return ql_fail_memory(parse->call);
    for (size_t i = 0; i < length; i++) {
        int digit = base64_digit(text.bytes[i]);

        if (digit < 0)
            return qli_json_violate(parse, path, "must be base64");
        collected = collected << 6 | (uint32_t)digit;
        if (i % 4 != 0)
            bytes[n++] = (char)(collected >> (6 - 2 * (i % 4)));
    }
    *ret_bytes = (struct qli_text){.bytes = bytes, .length = n};
    return QL_OK;
}

static enum ql_code bool_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct qli_scalar *scalar, uint64_t *ret_bits)
{
    *ret_bits = text_is(scalar->text, "true");
    if ((scalar->kind == QLI_SCALAR_BOOL || scalar->kind == QLI_SCALAR_PLAIN) &&
        (*ret_bits != 0 || text_is(scalar->text, "false")))
        return QL_OK;
    return qli_json_violate(parse, path, "must be true or false");
}

static uint64_t encode_zigzag(uint64_t bits)
{
    return bits << 1 ^ (uint64_t)((int64_t)bits >> 63);
}

static enum ql_code number_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                   const struct ql_field *field, const struct qli_scalar *scalar,
                                   uint64_t *ret_bits)
{
    const uint64_t beyond_int32 = (uint64_t)INT32_MAX + 1, beyond_int64 = (uint64_t)INT64_MAX + 1;
    enum ql_code rc;

    if (scalar->kind == QLI_SCALAR_BOOL)
        return qli_json_violate(parse, path, "must be a number");
    switch (field->type) {
    case QL_TYPE_DOUBLE:
        return double_convert(parse, path, scalar, ret_bits);
    case QL_TYPE_FLOAT:
        return float_convert(parse, path, scalar, ret_bits);
    case QL_TYPE_UINT32:
    case QL_TYPE_FIXED32:
        return integer_convert(parse, path, scalar->text, 0, UINT32_MAX, ret_bits);
    case QL_TYPE_UINT64:
    case QL_TYPE_FIXED64:
        return integer_convert(parse, path, scalar->text, 0, UINT64_MAX, ret_bits);
    case QL_TYPE_INT64:
    case QL_TYPE_SFIXED64:
    case QL_TYPE_SINT64:
        rc = integer_convert(parse, path, scalar->text, beyond_int64, INT64_MAX, ret_bits);
        break;
    default:
        rc = integer_convert(parse, path, scalar->text, beyond_int32, INT32_MAX, ret_bits);
    }
    if (rc == QL_OK && (field->type == QL_TYPE_SINT32 || field->type == QL_TYPE_SINT64))
        *ret_bits = encode_zigzag(*ret_bits);
    return rc;
}

enum ql_code qli_scalar_convert(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field, const struct qli_scalar *scalar,
                                struct qli_value *ret_value)
{
    bool is_text = scalar->kind == QLI_SCALAR_STRING || scalar->kind == QLI_SCALAR_PLAIN;

    *ret_value = (struct qli_value){.bits = 0};
    parse->has_ignored = false;
    switch (field->type) {
    case QL_TYPE_BOOL:
        return bool_convert(parse, path, scalar, &ret_value->bits);
    case QL_TYPE_STRING:
        if (!is_text)
            return qli_json_violate(parse, path, "must be a string");
        ret_value->bytes = scalar->text;
        return QL_OK;
    case QL_TYPE_BYTES:
        if (!is_text)
            return qli_json_violate(parse, path, "must be a string");
        return bytes_convert(parse, path, scalar->text, &ret_value->bytes);
    case QL_TYPE_ENUM:
        if (scalar->kind == QLI_SCALAR_BOOL)
            return qli_json_violate(parse, path, "is no value of %s",
                                    field->enumeration->full_name);
        return enum_convert(parse, path, field->enumeration, scalar, &ret_value->bits);
    default:
        return number_convert(parse, path, field, scalar, &ret_value->bits);
    }
}

void qli_value_put_bare(struct ql_buffer *out, enum ql_field_type type,
                        const struct qli_value *value)
{
    switch (qli_wire_type_of(type)) {
    case QLI_WIRE_FIXED64:
        qli_wire_put_fixed(out, 8, value->bits);
        break;
    case QLI_WIRE_FIXED32:
        qli_wire_put_fixed(out, 4, value->bits);
        break;
    default:
        qli_wire_put_varint(out, value->bits);
    }
}

void qli_value_put(struct ql_buffer *out, const struct ql_field *field,
                   const struct qli_value *value)
{
    if (field->type == QL_TYPE_STRING || field->type == QL_TYPE_BYTES) {
        qli_wire_put_bytes(out, field->number, value->bytes.bytes, value->bytes.length);
        return;
    }
    qli_wire_put_tag(out, field->number, qli_wire_type_of(field->type));
    qli_value_put_bare(out, field->type, value);
}
