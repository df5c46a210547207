/* Writing the normal form, message by message: the pieces of each field become
 * that field. */
#include "tools/ql-transcode/normal_form.h"

#include <string.h>

#include "platform/base/utf8.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/scalar.h"
#include "tools/ql-transcode/normal_writer.h"
#include "tools/ql-transcode/wire_piece.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/schema/wire_type.h"

enum { ITEM_NUMBER = 1, ITEM_TYPE = 2, ITEM_MESSAGE = 3 };

/* What is lost has to be well-formed, and nothing else: it is not written. */
enum ql_code normal_put_lost(struct normal_writer *normal, const struct ql_message *message,
                             const struct ql_field *field, const struct piece *pieces, size_t n,
                             unsigned depth_left)
{
    size_t begin = normal->out->length;
    enum ql_code rc = QL_OK;

    normal->n_lost++;
    for (size_t i = 0; i < n && rc == QL_OK; i++)
        rc = normal_put_field(normal, message, field, &pieces[i], 1, depth_left);
    normal->n_lost--;
    normal->out->length = begin;
    return rc;
}

static enum ql_code text_check(struct normal_writer *normal, const struct ql_field *field,
                               const struct piece *piece)
{
    if (field->type == QL_TYPE_STRING && (field->is_text_checked || normal->is_for_json) &&
        !ql_utf8_is_valid(piece->data, piece->length))
        return ql_violate(normal->call, field->json_name, "must be valid UTF-8");
    return QL_OK;
}

/* What a varint holds beyond its type is cut off, as every reader does. */
static uint64_t bits_of(enum ql_field_type type, uint64_t bits)
{
    switch (type) {
    case QL_TYPE_BOOL:
        return bits != 0;
    case QL_TYPE_UINT32:
    case QL_TYPE_SINT32:
        return (uint32_t)bits;
    case QL_TYPE_INT32:
    case QL_TYPE_ENUM:
        return (uint64_t)(int64_t)(int32_t)bits;
    default:
        return bits;
    }
}

struct qli_value normal_value(const struct ql_field *field, const struct piece *piece)
{
    return (struct qli_value){
        .bits = bits_of(field->type, piece->bits),
        .bytes = {.bytes = (const char *)piece->data, .length = piece->length}};
}

enum ql_code normal_put_scalar(struct normal_writer *normal, const struct ql_field *field,
                               const struct piece *pieces, size_t n)
{
    struct qli_value value = normal_value(field, &pieces[n - 1]);

    for (size_t i = 0; i < n; i++) {
        enum ql_code rc = text_check(normal, field, &pieces[i]);

        if (rc != QL_OK)
            return rc;
    }
    if (field->has_presence || value.bits != 0 || value.bytes.length != 0 || normal->is_in_entry)
        qli_value_put(normal->out, field, &value);
    return QL_OK;
}

/* A message in pieces is those pieces one behind the other, when each of them is
 * whole. */
static enum ql_code merge(struct normal_writer *normal, const struct ql_field *field,
                          const struct piece *pieces, size_t n, unsigned depth_left,
                          struct qli_bytes *ret_bytes)
{
    size_t length = 0;
    uint8_t *merged;

    for (size_t i = 0; i < n; i++) {
        struct qli_wire wire = qli_wire_of(pieces[i].data, pieces[i].length);
        struct qli_wire_field ignored;
        enum qli_wire_step step;

        while ((step = qli_wire_next(&wire, depth_left, &ignored)) == QLI_WIRE_FIELD)
            ;
        if (step == QLI_WIRE_TOO_DEEP)
            return fail_too_deep(normal->call);
        if (step != QLI_WIRE_END)
            return fail_malformed(normal->call, field->message);
        length += pieces[i].length;
    }
    merged = ql_arena_alloc(normal->call->arena, length);
    if (merged == NULL)
        return ql_fail_memory(normal->call);
    *ret_bytes = (struct qli_bytes){.data = merged, .length = length};
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].length != 0)
            memcpy(merged, pieces[i].data, pieces[i].length);
        merged += pieces[i].length;
    }
    return QL_OK;
}

static enum ql_code normalize(struct normal_writer *normal, const struct ql_message *message,
                              struct qli_bytes bytes, unsigned depth_left);

static enum ql_code put_group(struct normal_writer *normal, const struct ql_field *field,
                              struct qli_bytes bytes, unsigned depth_left)
{
    enum ql_code rc;

    qli_wire_put_tag(normal->out, field->number, QLI_WIRE_GROUP);
    rc = normalize(normal, field->message, bytes, depth_left);
    qli_wire_put_tag(normal->out, field->number, QLI_WIRE_GROUP_END);
    return rc;
}

static enum ql_code put_prefixed(struct normal_writer *normal, const struct ql_field *field,
                                 uint32_t number, struct qli_bytes bytes, unsigned depth_left)
{
    enum ql_code rc;
    size_t mark;

    qli_wire_put_tag(normal->out, number, QLI_WIRE_BYTES);
    mark = qli_wire_open(normal->out);
    rc = normalize(normal, field->message, bytes, depth_left);
    qli_wire_close(normal->out, mark);
    return rc;
}

static enum ql_code put_item(struct normal_writer *normal, const struct ql_field *field,
                             struct qli_bytes bytes, unsigned depth_left)
{
    enum ql_code rc;

    qli_wire_put_tag(normal->out, ITEM_NUMBER, QLI_WIRE_GROUP);
    qli_wire_put_tag(normal->out, ITEM_TYPE, QLI_WIRE_VARINT);
    qli_wire_put_varint(normal->out, field->number);
    rc = put_prefixed(normal, field, ITEM_MESSAGE, bytes, depth_left);
    qli_wire_put_tag(normal->out, ITEM_NUMBER, QLI_WIRE_GROUP_END);
    return rc;
}

enum ql_code normal_put_message(struct normal_writer *normal, const struct ql_message *message,
                                const struct ql_field *field, const struct piece *pieces, size_t n,
                                unsigned depth_left)
{
    struct qli_bytes bytes = {.data = NULL};
    bool was_in_entry = normal->is_in_entry;
    enum ql_code rc = QL_OK;

    if (depth_left == 0)
        return fail_too_deep(normal->call);
    if (n == 1)
        bytes = (struct qli_bytes){.data = pieces[0].data, .length = pieces[0].length};
    else if (n > 1)
        rc = merge(normal, field, pieces, n, depth_left - 1, &bytes);
    if (rc != QL_OK)
        return rc;
    normal->is_in_entry = false;
    if (field->type == QL_TYPE_GROUP)
        rc = put_group(normal, field, bytes, depth_left - 1);
    else if (message->is_message_set && !normal->is_for_json)
        rc = put_item(normal, field, bytes, depth_left - 1);
    else
        rc = put_prefixed(normal, field, field->number, bytes, depth_left - 1);
    normal->is_in_entry = was_in_entry;
    return rc;
}

static void put_element(struct normal_writer *normal, const struct ql_field *field, uint64_t bits)
{
    const struct qli_value value = {.bits = bits_of(field->type, bits)};

    if (field->is_packed)
        qli_value_put_bare(normal->out, field->type, &value);
    else
        qli_value_put(normal->out, field, &value);
}

/* Numbers, packed or not, written as the field wants them. */
static void put_elements(struct normal_writer *normal, const struct ql_field *field,
                         const struct piece *pieces, size_t n)
{
    enum qli_wire_type type = qli_wire_type_of(field->type);
    size_t begin = normal->out->length, mark = 0;
    uint64_t bits;

    if (field->is_packed) {
        qli_wire_put_tag(normal->out, field->number, QLI_WIRE_BYTES);
        mark = qli_wire_open(normal->out);
    }
    for (size_t i = 0; i < n; i++) {
        struct qli_wire wire = qli_wire_of(pieces[i].data, pieces[i].length);

        if (!pieces[i].is_packed)
            put_element(normal, field, pieces[i].bits);
        while (pieces[i].is_packed && qli_wire_read_element(&wire, type, &bits))
            put_element(normal, field, bits);
    }
    if (!field->is_packed)
        return;
    if (normal->out->length == mark)
        normal->out->length = begin; /* no element: no field */
    else
        qli_wire_close(normal->out, mark);
}

enum ql_code normal_put_field(struct normal_writer *normal, const struct ql_message *message,
                              const struct ql_field *field, const struct piece *pieces, size_t n,
                              unsigned depth_left)
{
    enum ql_code rc = QL_OK;

    if (field->is_map)
        return normal_put_map(normal, field, pieces, n, depth_left);
    if (!field->is_repeated)
        return field->message != NULL
                   ? normal_put_message(normal, message, field, pieces, n, depth_left)
                   : normal_put_scalar(normal, field, pieces, n);
    if (field->message == NULL && field->type != QL_TYPE_STRING && field->type != QL_TYPE_BYTES) {
        put_elements(normal, field, pieces, n);
        return QL_OK;
    }
    for (size_t i = 0; i < n && rc == QL_OK; i++) {
        if (field->message != NULL) {
            rc = normal_put_message(normal, message, field, &pieces[i], 1, depth_left);
            continue;
        }
        rc = text_check(normal, field, &pieces[i]);
        qli_wire_put_bytes(normal->out, field->number, pieces[i].data, pieces[i].length);
    }
    return rc;
}

static void put_unknown(struct normal_writer *normal, const struct piece *pieces, size_t n)
{
    for (size_t i = 0; i < n && !normal->is_for_json; i++) {
        if (pieces[i].start != NULL) {
            ql_buffer_append(normal->out, pieces[i].start,
                             (size_t)(pieces[i].end - pieces[i].start));
            continue;
        }
        qli_wire_put_tag(normal->out, pieces[i].number, QLI_WIRE_VARINT);
        qli_wire_put_varint(normal->out, pieces[i].bits);
    }
}

static bool is_there(const struct pieces *pieces, const struct ql_field *field)
{
    for (size_t i = 0; i < pieces->n; i++)
        if (pieces->all[i].field == field)
            return true;
    return false;
}

/* Looked for only when one is known to be missing. */
static enum ql_code fail_missing(struct normal_writer *normal, const struct ql_message *message,
                                 const struct pieces *pieces)
{
    const struct ql_field *field = message->fields;

    while (!field->is_mandatory || is_there(pieces, field))
        field++;
    return ql_violate(normal->call, field->json_name, "is required");
}

static enum ql_code normalize(struct normal_writer *normal, const struct ql_message *message,
                              struct qli_bytes bytes, unsigned depth_left)
{
    size_t n_mandatory = 0, lost, end;
    struct pieces pieces = {.n = 0};
    enum ql_code rc;

    rc = pieces_collect(normal->call, message, bytes.data, bytes.length, depth_left, &pieces);
    for (size_t i = 0; i < pieces.n && rc == QL_OK; i = end) {
        const struct ql_field *field = pieces.all[i].field;

        end = pieces_run(&pieces, i);
        if (field == NULL) {
            put_unknown(normal, &pieces.all[i], end - i);
            continue;
        }
        n_mandatory += field->is_mandatory;
        for (lost = i; lost < end && pieces.all[lost].is_lost;)
            lost++;
        if (lost > i)
            rc = normal_put_lost(normal, message, field, &pieces.all[i], lost - i, depth_left);
        if (rc == QL_OK && lost < end)
            rc =
                normal_put_field(normal, message, field, &pieces.all[lost], end - lost, depth_left);
    }
    if (rc == QL_OK && n_mandatory < qli_message_of(message)->n_mandatory && normal->n_lost == 0)
        rc = fail_missing(normal, message, &pieces);
    return rc;
}

enum ql_code normal_form_write(struct ql_call *call, const struct ql_message *message,
                               const void *bytes, size_t length, unsigned max_depth,
                               bool is_for_json, struct ql_buffer *out)
{
    struct normal_writer normal = {.call = call, .is_for_json = is_for_json, .out = out};
    size_t begin = out->length;
    enum ql_code rc;

    rc =
        normalize(&normal, message, (struct qli_bytes){.data = bytes, .length = length}, max_depth);
    if (rc == QL_OK && out->failed)
        rc = ql_fail(call, QL_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                     "the message is larger than %zu bytes", out->limit);
    if (rc != QL_OK)
        out->length = begin;
    return rc;
}
