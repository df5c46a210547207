/* Well-known messages that are one string or one scalar in JSON: Timestamp,
 * Duration, FieldMask and the wrappers. */
#include "platform/pb/json/well_known.h"

#include <string.h>

#include "platform/pb/json/any.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/scalar.h"
#include "platform/pb/json/struct.h"
#include "platform/pb/json/time.h"
#include "platform/pb/wire/wire.h"

enum { SECONDS_NUMBER = 1, NANOS_NUMBER = 2, PATHS_NUMBER = 1, WRAPPED_NUMBER = 1 };

static void put_time(struct qli_json_parse *parse, int64_t seconds, int32_t nanos)
{
    if (seconds != 0 || parse->writes_defaults) {
        qli_wire_put_tag(parse->out, SECONDS_NUMBER, QLI_WIRE_VARINT);
        qli_wire_put_varint(parse->out, (uint64_t)seconds);
    }
    if (nanos != 0 || parse->writes_defaults) {
        qli_wire_put_tag(parse->out, NANOS_NUMBER, QLI_WIRE_VARINT);
        qli_wire_put_varint(parse->out, (uint64_t)(int64_t)nanos);
    }
}

static enum ql_code parse_timestamp(struct qli_json_parse *parse, const struct qli_path *path,
                                    struct qli_text text)
{
    int64_t seconds;
    int32_t nanos;

    if (!qli_timestamp_read(text.bytes, text.length, &seconds, &nanos))
        return qli_json_violate(parse, path, "must be a time like 2024-02-29T12:00:00Z");
    put_time(parse, seconds, nanos);
    return QL_OK;
}

static enum ql_code parse_duration(struct qli_json_parse *parse, const struct qli_path *path,
                                   struct qli_text text)
{
    int64_t seconds;
    int32_t nanos;

    if (!qli_duration_read(text.bytes, text.length, &seconds, &nanos))
        return qli_json_violate(parse, path, "must be a duration like 1.5s");
    put_time(parse, seconds, nanos);
    return QL_OK;
}

/* "userName" to "user_name"; false for what does not come back the same. */
static bool put_mask_path(struct ql_buffer *out, const char *text, size_t length)
{
    size_t mark;

    qli_wire_put_tag(out, PATHS_NUMBER, QLI_WIRE_BYTES);
    mark = qli_wire_open(out);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '_')
            return false;
        if (text[i] >= 'A' && text[i] <= 'Z') {
            char lowered[] = {'_', (char)(text[i] - 'A' + 'a')};

            ql_buffer_append(out, lowered, sizeof(lowered));
        } else {
            ql_buffer_append_byte(out, text[i]);
        }
    }
    qli_wire_close(out, mark);
    return length > 0;
}

static enum ql_code parse_field_mask(struct qli_json_parse *parse, const struct qli_path *path,
                                     struct qli_text text)
{
    const char *at = text.bytes, *end = at + text.length, *comma;
    enum ql_code rc;

    for (; text.length > 0; at = comma + 1) {
        comma = memchr(at, ',', (size_t)(end - at));
        if (comma == NULL)
            comma = end;
        rc = qli_json_count(parse, path);
        if (rc != QL_OK)
            return rc;
        if (!put_mask_path(parse->out, at, (size_t)(comma - at)))
            return qli_json_violate(parse, path, "must be field paths in lowerCamelCase");
        if (comma == end)
            break;
    }
    return QL_OK;
}

static enum ql_code put_wrapped(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_message *message, const struct qli_scalar *scalar)
{
    const struct ql_field *wrapped = ql_message_field_by_number(message, WRAPPED_NUMBER);
    struct qli_value value;
    enum ql_code rc = qli_scalar_convert(parse, path, wrapped, scalar, &value);

    if (rc != QL_OK)
        return rc;
    if (parse->writes_defaults || value.bits != 0 || value.bytes.length != 0)
        qli_value_put(parse->out, wrapped, &value);
    return QL_OK;
}

enum ql_code qli_json_parse_text(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_message *message, struct qli_text text)
{
    const struct qli_scalar plain = {.kind = QLI_SCALAR_PLAIN, .text = text};

    switch (message->well_known) {
    case QL_WELL_KNOWN_TIMESTAMP:
        return parse_timestamp(parse, path, text);
    case QL_WELL_KNOWN_DURATION:
        return parse_duration(parse, path, text);
    case QL_WELL_KNOWN_FIELD_MASK:
        return parse_field_mask(parse, path, text);
    case QL_WELL_KNOWN_WRAPPER:
        return put_wrapped(parse, path, message, &plain);
    default:
        return qli_json_violate(parse, path, "has no form as plain text");
    }
}

/* The forms that are one scalar. */
static enum ql_code parse_scalar_form(struct qli_json_parse *parse, const struct qli_path *path,
                                      const struct ql_message *message)
{
    struct qli_scalar scalar;
    enum ql_code rc = qli_scalar_read(parse, path, &scalar);

    if (rc != QL_OK)
        return rc;
    if (message->well_known == QL_WELL_KNOWN_WRAPPER)
        return put_wrapped(parse, path, message, &scalar);
    if (scalar.kind != QLI_SCALAR_STRING)
        return qli_json_violate(parse, path, "must be a string");
    return qli_json_parse_text(parse, path, message, scalar.text);
}

enum ql_code qli_json_parse_well_known(struct qli_json_parse *parse, const struct qli_path *path,
                                       const struct ql_message *message)
{
    switch (message->well_known) {
    case QL_WELL_KNOWN_ANY:
        return qli_json_parse_any(parse, path);
    case QL_WELL_KNOWN_STRUCT:
        return qli_json_parse_struct(parse, path);
    case QL_WELL_KNOWN_VALUE:
        return qli_json_parse_value(parse, path);
    case QL_WELL_KNOWN_LIST_VALUE:
        return qli_json_parse_list(parse, path);
    default:
        return parse_scalar_form(parse, path, message);
    }
}
