/* One scalar of the wire as JSON. */
#include "platform/pb/json/print_scalar.h"

#include <math.h>
#include <string.h>

#include "platform/pb/json/number.h"
#include "platform/pb/json/printer.h"
#include "platform/pb/schema/build.h"

static void print_not_finite(struct ql_buffer *out, double value)
{
    ql_buffer_append_text(out, isnan(value) ? "\"NaN\""
                               : value < 0  ? "\"-Infinity\""
                                            : "\"Infinity\"");
}

static void print_double(struct ql_buffer *out, uint64_t bits)
{
    char text[QLI_NUMBER_SIZE];
    double value;

    memcpy(&value, &bits, sizeof(value));
    if (isfinite(value))
        ql_buffer_append(out, text, qli_double_print(text, value));
    else
        print_not_finite(out, value);
}

static void print_float(struct ql_buffer *out, uint64_t bits)
{
    uint32_t narrow = (uint32_t)bits;
    char text[QLI_NUMBER_SIZE];
    float value;

    memcpy(&value, &narrow, sizeof(value));
    if (isfinite(value))
        ql_buffer_append(out, text, qli_float_print(text, value));
    else
        print_not_finite(out, (double)value);
}

static void print_signed(struct ql_buffer *out, int64_t value, bool is_quoted)
{
    char text[QLI_NUMBER_SIZE + 2];
    size_t length;

    text[0] = '"';
    length = 1 + qli_signed_print(text + 1, value);
    text[length] = '"';
    ql_buffer_append(out, is_quoted ? text : text + 1, is_quoted ? length + 1 : length - 1);
}

static void print_unsigned(struct ql_buffer *out, uint64_t value, bool is_quoted)
{
    char text[QLI_NUMBER_SIZE + 2];
    size_t length;

    text[0] = '"';
    length = 1 + qli_unsigned_print(text + 1, value);
    text[length] = '"';
    ql_buffer_append(out, is_quoted ? text : text + 1, is_quoted ? length + 1 : length - 1);
}

static void print_base64(struct ql_buffer *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    ql_buffer_append_byte(out, '"');
    for (size_t i = 0; i < length; i += 3) {
        size_t n = length - i < 3 ? length - i : 3;
        uint32_t word = (uint32_t)bytes[i] << 16 | (n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (n > 2 ? bytes[i + 2] : 0);
        char group[4] = {digits[word >> 18], digits[word >> 12 & 63],
                         n > 1 ? digits[word >> 6 & 63] : '=', n > 2 ? digits[word & 63] : '='};

        ql_buffer_append(out, group, sizeof(group));
    }
    ql_buffer_append_byte(out, '"');
}

static void print_enum(struct ql_buffer *out, const struct ql_field *field, int32_t number,
                       bool is_quoted)
{
    const struct ql_enum_value *value;

    if (qli_field_is_null_value(field)) {
        ql_buffer_append_text(out, "null");
        return;
    }
    value = ql_enum_by_number(field->enumeration, number);
    if (value == NULL) {
        print_signed(out, number, is_quoted);
        return;
    }
    ql_buffer_append_byte(out, '"');
    ql_buffer_append_text(out, value->name);
    ql_buffer_append_byte(out, '"');
}

static int64_t decode_zigzag(uint64_t bits)
{
    return (int64_t)(bits >> 1 ^ -(bits & 1));
}

/* Quotes around 64 bits, and around any number that is a key. */
static void print_number(struct ql_buffer *out, const struct ql_field *field, uint64_t bits,
                         bool is_key)
{
    switch (field->type) {
    case QL_TYPE_UINT32:
    case QL_TYPE_FIXED32:
        print_unsigned(out, (uint32_t)bits, is_key);
        break;
    case QL_TYPE_UINT64:
    case QL_TYPE_FIXED64:
        print_unsigned(out, bits, true);
        break;
    case QL_TYPE_INT64:
    case QL_TYPE_SFIXED64:
        print_signed(out, (int64_t)bits, true);
        break;
    case QL_TYPE_SINT64:
        print_signed(out, decode_zigzag(bits), true);
        break;
    case QL_TYPE_SINT32:
        print_signed(out, (int32_t)decode_zigzag((uint32_t)bits), is_key);
        break;
    default:
        print_signed(out, (int32_t)bits, is_key);
    }
}

void qli_json_print_scalar(struct qli_json_print *print, const struct ql_field *field,
                           const struct qli_content *content)
{
    struct ql_buffer *out = print->out;

    switch (field->type) {
    case QL_TYPE_DOUBLE:
        print_double(out, content->bits);
        break;
    case QL_TYPE_FLOAT:
        print_float(out, content->bits);
        break;
    case QL_TYPE_BOOL:
        ql_buffer_append_text(out, content->bits != 0 ? "true" : "false");
        break;
    case QL_TYPE_STRING:
        ql_buffer_append_json_string(out, (const char *)content->data, content->length);
        break;
    case QL_TYPE_BYTES:
        print_base64(out, content->data, content->length);
        break;
    case QL_TYPE_ENUM:
        print_enum(out, field, (int32_t)content->bits, false);
        break;
    default:
        print_number(out, field, content->bits, false);
    }
}

void qli_json_print_key(struct qli_json_print *print, const struct ql_field *field,
                        const struct qli_content *content)
{
    if (field->type == QL_TYPE_STRING)
        ql_buffer_append_json_string(print->out, (const char *)content->data, content->length);
    else if (field->type == QL_TYPE_BOOL)
        ql_buffer_append_text(print->out, content->bits != 0 ? "\"true\"" : "\"false\"");
    else
        print_number(print->out, field, content->bits, true);
}
