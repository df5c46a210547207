/* Wire bytes to JSON: messages, fields and elements. */
#include "platform/pb/json/print.h"

#include "platform/pb/json/collect.h"
#include "platform/pb/json/print_map.h"
#include "platform/pb/json/print_scalar.h"
#include "platform/pb/json/print_well_known.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_type.h"

void qli_json_print_init(struct qli_json_print *print, struct ql_call *call,
                         const struct ql_schema *schema, struct ql_buffer *out)
{
    *print = (struct qli_json_print){.call = call,
                                     .schema = schema,
                                     .out = out,
                                     .message = qli_json_print_message,
                                     .members = qli_json_print_members,
                                     .field = qli_json_print_field};
}

static enum ql_code print_nested(struct qli_json_print *print, const struct ql_message *message,
                                 struct qli_bytes bytes)
{
    enum ql_code rc;

    rc = qli_json_print_deeper(print);
    if (rc != QL_OK)
        return rc;
    rc = qli_json_print_message(print, message, bytes);
    print->depth--;
    return rc;
}

static enum ql_code print_packed(struct qli_json_print *print, const struct ql_field *field,
                                 const struct qli_wire_field *piece, bool *is_first)
{
    struct qli_wire wire = qli_wire_of(piece->data, piece->length);
    enum qli_wire_type type = qli_wire_type_of(field->type);
    struct qli_content element = {.n_pieces = 1};

    while (wire.at < wire.end) {
        if (!qli_wire_read_element(&wire, type, &element.bits))
            return ql_fail(print->call, QL_INTERNAL, "MALFORMED_MESSAGE",
                           "packed elements of %s are cut off", field->name);
        if (qli_json_is_unknown_value(field, element.bits))
            continue;
        if (!*is_first)
            ql_buffer_append_byte(print->out, ',');
        *is_first = false;
        qli_json_print_scalar(print, field, &element);
    }
    return QL_OK;
}

static enum ql_code print_element(struct qli_json_print *print, const struct ql_field *field,
                                  const struct qli_wire_field *piece)
{
    const struct qli_bytes bytes = {.data = piece->data, .length = piece->length};
    const struct qli_content content = {
        .data = piece->data, .length = piece->length, .bits = piece->bits, .n_pieces = 1};

    if (field->message != NULL)
        return print_nested(print, field->message, bytes);
    qli_json_print_scalar(print, field, &content);
    return QL_OK;
}

static enum ql_code print_array(struct qli_json_print *print, const struct ql_field *field,
                                const struct qli_content *content)
{
    struct qli_wire wire = {.at = content->begin, .end = content->end};
    enum qli_wire_type type = qli_wire_type_of(field->type);
    struct qli_wire_field piece = {.bits = 0};
    bool is_first = true;
    enum ql_code rc = QL_OK;

    ql_buffer_append_byte(print->out, '[');
    while (qli_wire_next(&wire, qli_json_depth_limit(print), &piece) == QLI_WIRE_FIELD) {
        if (piece.number != field->number)
            continue;
        if (piece.type != type) {
            rc = print_packed(print, field, &piece, &is_first);
        } else if (!qli_json_is_unknown_value(field, piece.bits)) {
            if (!is_first)
                ql_buffer_append_byte(print->out, ',');
            is_first = false;
            rc = print_element(print, field, &piece);
        }
        if (rc != QL_OK)
            return rc;
    }
    ql_buffer_append_byte(print->out, ']');
    return QL_OK;
}

enum ql_code qli_json_print_field(struct qli_json_print *print, const struct ql_field *field,
                                  const struct qli_content *content)
{
    struct qli_bytes bytes;
    enum ql_code rc;

    if (field->is_map)
        return qli_json_print_map(print, field, content);
    if (field->is_repeated)
        return print_array(print, field, content);
    if (field->message == NULL) {
        qli_json_print_scalar(print, field, content);
        return QL_OK;
    }
    rc = qli_json_merge(print, field, content, &bytes);
    if (rc != QL_OK)
        return rc;
    return print_nested(print, field->message, bytes);
}

enum ql_code qli_json_print_members(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes, bool is_first)
{
    const struct qli_json_key *keys = qli_message_of(message)->keys;
    struct qli_content *contents;
    enum ql_code rc = qli_json_collect(print, message, bytes, &contents);

    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        if (field->is_secret && !print->options.prints_secrets)
            continue;
        if (contents[i].n_pieces == 0 && (field->has_presence || print->options.omits_defaults))
            continue;
        if (!is_first)
            ql_buffer_append_byte(print->out, ',');
        is_first = false;
        if (print->options.keeps_names)
            ql_buffer_printf(print->out, "\"%s\":", field->name);
        else
            ql_buffer_append(print->out, keys[i].text, keys[i].length);
        rc = qli_json_print_field(print, field, &contents[i]);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code qli_json_print_message(struct qli_json_print *print, const struct ql_message *message,
                                    struct qli_bytes bytes)
{
    enum ql_code rc;

    if (message->well_known != QL_WELL_KNOWN_NONE)
        return qli_json_print_well_known(print, message, bytes);
    ql_buffer_append_byte(print->out, '{');
    rc = qli_json_print_members(print, message, bytes, true);
    ql_buffer_append_byte(print->out, '}');
    return rc;
}
