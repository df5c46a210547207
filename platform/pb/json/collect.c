/* What a message's bytes say about each field, before any of it is printed: the
 * wire may repeat and interleave fields as it likes. */
#include "platform/pb/json/collect.h"

#include <string.h>

#include "platform/pb/json/printer.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_type.h"

enum ql_code qli_json_print_malformed(struct qli_json_print *print,
                                      const struct ql_message *message)
{
    return ql_fail(print->call, QL_INTERNAL, "MALFORMED_MESSAGE", "the bytes are no %s",
                   message->full_name);
}

/* Room for a content for each field and each oneof of the message. */
static struct qli_content *contents_of_level(struct qli_json_print *print,
                                             const struct ql_message *message)
{
    size_t n_contents = message->n_fields + message->n_oneofs + 1; /* never none */
    size_t n = print->levels[print->depth].n_contents;

    if (n < n_contents) {
        n = n_contents < 2 * n ? 2 * n : n_contents;
        print->levels[print->depth].contents =
            ql_arena_alloc(print->call->arena, n * sizeof(struct qli_content));
        print->levels[print->depth].n_contents = n;
        if (print->levels[print->depth].contents == NULL) {
            print->levels[print->depth].n_contents = 0;
            return NULL;
        }
    }
    memset(print->levels[print->depth].contents, 0, n_contents * sizeof(struct qli_content));
    return print->levels[print->depth].contents;
}

static bool type_fits(const struct ql_field *known, const struct qli_wire_field *field)
{
    enum qli_wire_type expected = qli_wire_type_of(known->type);

    return field->type == expected ||
           (known->is_repeated && field->type == QLI_WIRE_BYTES && expected != QLI_WIRE_GROUP);
}

bool qli_json_is_unknown_value(const struct ql_field *field, uint64_t bits)
{
    return field->enumeration != NULL && field->enumeration->is_closed &&
           ql_enum_by_number(field->enumeration, (int32_t)bits) == NULL;
}

static void fill_content(struct qli_content *content, const struct qli_wire_field *field,
                         const uint8_t *end)
{
    if (content->n_pieces++ == 0)
        content->begin = field->start;
    content->end = end;
    content->data = field->data;
    content->length = field->length;
    content->bits = field->bits;
}

enum ql_code qli_json_collect(struct qli_json_print *print, const struct ql_message *message,
                              struct qli_bytes bytes, struct qli_content **ret_contents)
{
    struct qli_wire wire = qli_wire_of(bytes.data, bytes.length);
    struct qli_content *contents = contents_of_level(print, message);
    struct qli_wire_field field = {.bits = 0};
    enum qli_wire_step step;

    if (contents == NULL)
        return ql_fail_memory(print->call);
    *ret_contents = contents;
    while ((step = qli_wire_next(&wire, qli_json_depth_limit(print), &field)) == QLI_WIRE_FIELD) {
        const struct ql_field *known = ql_message_field_by_number(message, field.number);
        struct qli_content *content;

        if (known == NULL)
            continue;
        if (!type_fits(known, &field))
            return qli_json_print_malformed(print, message);
        /* A map drops the whole entry: it looks itself. */
        if (!known->is_repeated && !message->is_map_entry &&
            qli_json_is_unknown_value(known, field.bits))
            continue;
        content = &contents[known - message->fields];
        if (known->oneof_index >= 0) {
            /* The oneof's own content remembers, in bits, which member is set. */
            struct qli_content *oneof = &contents[message->n_fields + (size_t)known->oneof_index];

            if (oneof->n_pieces != 0 && &contents[oneof->bits] != content)
                contents[oneof->bits] = (struct qli_content){.n_pieces = 0};
            oneof->n_pieces = 1;
            oneof->bits = (uint64_t)(known - message->fields);
        }
        fill_content(content, &field, wire.at);
    }
    return step == QLI_WIRE_END ? QL_OK : qli_json_print_malformed(print, message);
}

const struct qli_content *qli_json_content(const struct ql_message *message,
                                           const struct qli_content *contents, uint32_t number)
{
    return &contents[ql_message_field_by_number(message, number) - message->fields];
}

enum ql_code qli_json_merge(struct qli_json_print *print, const struct ql_field *field,
                            const struct qli_content *content, struct qli_bytes *ret_bytes)
{
    struct qli_wire wire = {.at = content->begin, .end = content->end};
    struct qli_wire_field piece = {.bits = 0};
    uint8_t *merged;

    *ret_bytes = (struct qli_bytes){.data = content->data, .length = content->length};
    if (content->n_pieces < 2)
        return QL_OK;
    /* Messages put one after the other are those messages merged. */
    merged = ql_arena_alloc(print->call->arena, (size_t)(content->end - content->begin));
    if (merged == NULL)
        return ql_fail_memory(print->call);
    *ret_bytes = (struct qli_bytes){.data = merged};
    while (qli_wire_next(&wire, qli_json_depth_limit(print), &piece) == QLI_WIRE_FIELD) {
        if (piece.number != field->number || piece.length == 0)
            continue;
        memcpy(merged + ret_bytes->length, piece.data, piece.length);
        ret_bytes->length += piece.length;
    }
    return QL_OK;
}
