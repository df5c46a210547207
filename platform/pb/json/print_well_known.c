/* Well-known messages as JSON. A value that has no JSON (a time outside the
 * years 1 to 9999, NaN in a Value) is an error: there is nothing true to write. */
#include "platform/pb/json/print_well_known.h"

#include <math.h>
#include <string.h>

#include "platform/pb/json/collect.h"
#include "platform/pb/json/printer.h"
#include "platform/pb/json/time.h"
#include "platform/pb/schema/build.h"

enum {
    SECONDS_NUMBER = 1,
    NANOS_NUMBER = 2,
    ANY_TYPE_URL = 1,
    ANY_VALUE = 2,
    VALUE_DOUBLE = 2,
    ONLY_NUMBER = 1, /* of Struct, ListValue, FieldMask and the wrappers */
};

static enum ql_code fail_unprintable(struct qli_json_print *print, const struct ql_message *message)
{
    return ql_fail(print->call, QL_INTERNAL, "UNPRINTABLE_VALUE",
                   "a %s holds a value that JSON has no form for", message->full_name);
}

static enum ql_code print_time(struct qli_json_print *print, const struct ql_message *message,
                               const struct qli_content *contents)
{
    int64_t seconds = (int64_t)qli_json_content(message, contents, SECONDS_NUMBER)->bits;
    int32_t nanos = (int32_t)qli_json_content(message, contents, NANOS_NUMBER)->bits;
    char text[QLI_TIME_SIZE + 2];
    size_t length;

    length = message->well_known == QL_WELL_KNOWN_TIMESTAMP
                 ? qli_timestamp_print(text + 1, seconds, nanos)
                 : qli_duration_print(text + 1, seconds, nanos);
    if (length == 0)
        return fail_unprintable(print, message);
    text[0] = text[length + 1] = '"';
    ql_buffer_append(print->out, text, length + 2);
    return QL_OK;
}

/* "user_name" as "userName"; false for what would not come back the same, as a
 * comma, which would part the path. */
static bool camel_write(char *out, const uint8_t *path, size_t length, size_t *ret_length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        if ((path[i] >= 'A' && path[i] <= 'Z') || path[i] == ',')
            return false;
        if (path[i] != '_') {
            out[n++] = (char)path[i];
            continue;
        }
        if (++i == length || path[i] < 'a' || path[i] > 'z')
            return false;
        out[n++] = (char)(path[i] - 'a' + 'A');
    }
    *ret_length = n;
    return true;
}

static enum ql_code print_field_mask(struct qli_json_print *print, const struct ql_message *message,
                                     const struct qli_content *contents)
{
    const struct qli_content *content = qli_json_content(message, contents, ONLY_NUMBER);
    char *text = ql_arena_alloc(print->call->arena, (size_t)(content->end - content->begin) + 1);
    struct qli_wire wire = {.at = content->begin, .end = content->end};
    struct qli_wire_field piece = {.bits = 0};
    size_t n = 0, written;

    if (text == NULL)
        return ql_fail_memory(print->call);
    while (qli_wire_next(&wire, qli_json_depth_limit(print), &piece) == QLI_WIRE_FIELD) {
        if (piece.number != ONLY_NUMBER)
            continue;
        if (n != 0)
            text[n++] = ',';
        if (!camel_write(text + n, piece.data, piece.length, &written) ||
            (written == 0 && content->n_pieces > 1))
            return fail_unprintable(print, message);
        n += written;
    }
    ql_buffer_append_json_string(print->out, text, n);
    return QL_OK;
}

static enum ql_code print_value(struct qli_json_print *print, const struct ql_message *message,
                                const struct qli_content *contents)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];
        double number;

        if (contents[i].n_pieces == 0)
            continue;
        memcpy(&number, &contents[i].bits, sizeof(number));
        if (field->number == VALUE_DOUBLE && !isfinite(number))
            return fail_unprintable(print, message);
        return print->field(print, field, &contents[i]);
    }
    ql_buffer_append_text(print->out, "null"); /* none set: read back as null_value */
    return QL_OK;
}

/* To whatever looked at the bytes so far an Any is a string of bytes. */
static enum ql_code content_check(struct qli_json_print *print, const struct ql_message *type,
                                  struct ql_buffer *normal, struct qli_bytes *content)
{
    enum ql_code rc;

    if (print->options.normalize == NULL) {
        rc = ql_wire_check(print->call, type, content->data, content->length);
        return rc == QL_OK ? QL_OK : qli_json_print_malformed(print, type);
    }
    rc = print->options.normalize(print->call, type, content->data, content->length,
                                  qli_json_depth_limit(print) - print->depth, true, normal);
    *content = (struct qli_bytes){.data = (const uint8_t *)normal->data, .length = normal->length};
    return rc;
}

static enum ql_code print_any_content(struct qli_json_print *print, const struct ql_message *type,
                                      struct qli_bytes content)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer normal;
    enum ql_code rc;

    ql_buffer_init(&normal, print->out->limit);
    rc = qli_json_print_deeper(print);
    if (rc != QL_OK)
        return rc;
    rc = content_check(print, type, &normal, &content);
    if (rc != QL_OK)
        return rc;
    if (type->well_known == QL_WELL_KNOWN_NONE) {
        rc = print->members(print, type, content, false);
    } else {
        ql_buffer_append_text(print->out, ",\"value\":");
        rc = print->message(print, type, content);
    }
    print->depth--;
    return rc;
}

static enum ql_code print_any(struct qli_json_print *print, const struct ql_message *message,
                              const struct qli_content *contents)
{
    const struct qli_content *url = qli_json_content(message, contents, ANY_TYPE_URL);
    const struct qli_content *value = qli_json_content(message, contents, ANY_VALUE);
    const struct qli_bytes content = {.data = value->data, .length = value->length};
    const struct ql_message *type = NULL;
    const uint8_t *slash;
    char *name;
    enum ql_code rc;

    if (url->length == 0 && value->length == 0) {
        ql_buffer_append_text(print->out, "{}");
        return QL_OK;
    }
    slash = url->length == 0 ? NULL : memrchr(url->data, '/', url->length);
    if (slash != NULL) {
        name = ql_arena_strndup(print->call->arena, (const char *)slash + 1,
                                (size_t)(url->data + url->length - slash - 1));
        if (name == NULL)
            return ql_fail_memory(print->call);
        type = qli_any_type(print->schema, name, print->options.adds_well_known);
    }
    if (type == NULL)
        return ql_fail(print->call, QL_INTERNAL, "UNKNOWN_ANY_TYPE",
                       "an Any holds a type that the contract does not have");
    ql_buffer_append_text(print->out, "{\"@type\":");
    ql_buffer_append_json_string(print->out, (const char *)url->data, url->length);
    rc = print_any_content(print, type, content);
    ql_buffer_append_byte(print->out, '}');
    return rc;
}

enum ql_code qli_json_print_well_known(struct qli_json_print *print,
                                       const struct ql_message *message, struct qli_bytes bytes)
{
    const struct ql_field *only = ql_message_field_by_number(message, ONLY_NUMBER);
    struct qli_content *contents;
    enum ql_code rc = qli_json_collect(print, message, bytes, &contents);

    if (rc != QL_OK)
        return rc;
    switch (message->well_known) {
    case QL_WELL_KNOWN_TIMESTAMP:
    case QL_WELL_KNOWN_DURATION:
        return print_time(print, message, contents);
    case QL_WELL_KNOWN_FIELD_MASK:
        return print_field_mask(print, message, contents);
    case QL_WELL_KNOWN_VALUE:
        return print_value(print, message, contents);
    case QL_WELL_KNOWN_ANY:
        return print_any(print, message, contents);
    default: /* Struct and ListValue are their one field, wrappers too */
        return print->field(print, only, &contents[only - message->fields]);
    }
}
