/* Taking a message apart: which field each of its bytes belongs to, by the rules
 * of the encoding. */
#include "tools/ql-transcode/wire_piece.h"

#include <stdlib.h>

#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_type.h"

enum { ENTRY_VALUE = 2, ITEM_NUMBER = 1, ITEM_TYPE = 2, ITEM_MESSAGE = 3 };

struct oneof {
    const struct ql_field *member; /* set last */
    size_t since;                  /* the piece from which on it was */
};

struct collect {
    struct ql_call *call;
    const struct ql_message *message;
    unsigned depth_left;
    struct pieces pieces;
    struct oneof *oneofs;
};

enum ql_code fail_malformed(struct ql_call *call, const struct ql_message *message)
{
    return ql_fail(call, QL_INVALID_ARGUMENT, "MALFORMED_MESSAGE",
                   "the bytes are no %s: cut off or not protobuf", message->full_name);
}

enum ql_code fail_too_deep(struct ql_call *call)
{
    return ql_fail(call, QL_INVALID_ARGUMENT, "MESSAGE_TOO_DEEP", "messages are nested too deep");
}

static bool is_closed(const struct ql_field *field)
{
    return field->enumeration != NULL && field->enumeration->is_closed;
}

static bool is_packed_form(const struct ql_field *field, const struct qli_wire_field *wire)
{
    enum qli_wire_type element = qli_wire_type_of(field->type);

    return field->is_repeated && wire->type == QLI_WIRE_BYTES && element != QLI_WIRE_BYTES &&
           element != QLI_WIRE_GROUP;
}

/* An entry whose value its enum does not have is an unknown field as a whole. */
static bool is_unknown_entry(const struct ql_field *map, const struct qli_wire_field *wire,
                             unsigned depth_left)
{
    const struct ql_field *value = ql_message_field_by_number(map->message, ENTRY_VALUE);
    struct qli_wire inner = qli_wire_of(wire->data, wire->length);
    struct qli_wire_field piece = {.bits = 0};
    bool is_unknown = false;

    if (!is_closed(value))
        return false;
    while (qli_wire_next(&inner, depth_left, &piece) == QLI_WIRE_FIELD)
        if (piece.number == ENTRY_VALUE && piece.type == QLI_WIRE_VARINT)
            is_unknown = ql_enum_by_number(value->enumeration, (int32_t)piece.bits) == NULL;
    return is_unknown;
}

static const struct ql_field *field_of(const struct collect *collect,
                                       const struct qli_wire_field *wire)
{
    const struct ql_field *field = ql_message_field_by_number(collect->message, wire->number);

    if (field == NULL || is_packed_form(field, wire))
        return field;
    if (wire->type != qli_wire_type_of(field->type))
        return NULL;
    if (is_closed(field))
        return ql_enum_by_number(field->enumeration, (int32_t)wire->bits) != NULL ? field : NULL;
    if (field->is_map && is_unknown_entry(field, wire, collect->depth_left))
        return NULL;
    return field;
}

/* An item of a message set, group 1 {2: the extension's number, 3: its message},
 * is a piece of that extension. Of each the first counts. */
static void item_open(const struct collect *collect, struct piece *piece)
{
    struct qli_wire inner = qli_wire_of(piece->data, piece->length);
    struct qli_wire_field type = {.number = 0}, content = {.number = 0}, wire = {.bits = 0};
    const struct ql_field *field;

    while (qli_wire_next(&inner, collect->depth_left, &wire) == QLI_WIRE_FIELD) {
        if (wire.number == ITEM_TYPE && wire.type == QLI_WIRE_VARINT && type.number == 0)
            type = wire;
        else if (wire.number == ITEM_MESSAGE && wire.type == QLI_WIRE_BYTES && content.number == 0)
            content = wire;
    }
    if (type.number == 0 || content.number == 0 || type.bits > INT32_MAX)
        return;
    field = ql_message_field_by_number(collect->message, (uint32_t)type.bits);
    if (field == NULL || field->type != QL_TYPE_MESSAGE)
        return;
    piece->field = field;
    piece->data = content.data;
    piece->length = content.length;
}

static void push(struct collect *collect, struct piece piece)
{
    struct pieces *pieces = &collect->pieces;

    piece.position = pieces->n;
    if (piece.field != NULL && piece.field->oneof_index >= 0) {
        struct oneof *oneof = &collect->oneofs[piece.field->oneof_index];

        if (oneof->member != piece.field)
            *oneof = (struct oneof){.member = piece.field, .since = piece.position};
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): reserve_piece() made space or failed */
    pieces->all[pieces->n++] = piece;
}

static void push_packed_enum(struct collect *collect, const struct ql_field *field,
                             const struct qli_wire_field *wire)
{
    struct qli_wire inner = qli_wire_of(wire->data, wire->length);
    struct piece piece = {.number = field->number};

    while (inner.at < inner.end && qli_wire_read_varint(&inner, &piece.bits)) {
        piece.field =
            ql_enum_by_number(field->enumeration, (int32_t)piece.bits) != NULL ? field : NULL;
        push(collect, piece);
    }
}

static void push_field(struct collect *collect, const struct qli_wire_field *wire,
                       const uint8_t *end)
{
    struct piece piece = {.field = field_of(collect, wire),
                          .start = wire->start,
                          .end = end,
                          .data = wire->data,
                          .length = wire->length,
                          .bits = wire->bits,
                          .number = wire->number};

    piece.is_packed = piece.field != NULL && is_packed_form(piece.field, wire);
    if (piece.is_packed && is_closed(piece.field)) {
        push_packed_enum(collect, piece.field, wire);
        return;
    }
    if (collect->message->is_message_set && wire->number == ITEM_NUMBER &&
        wire->type == QLI_WIRE_GROUP)
        item_open(collect, &piece);
    push(collect, piece);
}

/* How many pieces there will be. False when a packed field is cut off. */
static bool count_pieces(const struct collect *collect, const struct qli_wire_field *wire,
                         size_t *n)
{
    const struct ql_field *field = ql_message_field_by_number(collect->message, wire->number);
    struct qli_wire inner = qli_wire_of(wire->data, wire->length);
    size_t n_elements = 0;
    uint64_t ignored;

    if (field == NULL || !is_packed_form(field, wire)) {
        ++*n;
        return true;
    }
    for (; inner.at < inner.end; n_elements++)
        if (!qli_wire_read_element(&inner, qli_wire_type_of(field->type), &ignored))
            return false;
    *n += is_closed(field) ? n_elements : 1;
    return true;
}

static enum ql_code reserve_piece(struct collect *collect, struct qli_wire wire)
{
    size_t n_oneofs = collect->message->n_oneofs, n = 0;
    struct qli_wire_field field = {.bits = 0};
    enum qli_wire_step step;

    while ((step = qli_wire_next(&wire, collect->depth_left, &field)) == QLI_WIRE_FIELD)
        if (!count_pieces(collect, &field, &n))
            return fail_malformed(collect->call, collect->message);
    if (step == QLI_WIRE_TOO_DEEP)
        return fail_too_deep(collect->call);
    if (step != QLI_WIRE_END)
        return fail_malformed(collect->call, collect->message);
    collect->pieces.all = ql_arena_calloc(collect->call->arena, n + 1, sizeof(struct piece));
    collect->oneofs = ql_arena_calloc(collect->call->arena, n_oneofs + 1, sizeof(struct oneof));
    if (collect->pieces.all == NULL || collect->oneofs == NULL)
        return ql_fail_memory(collect->call);
    return QL_OK;
}

static int piece_compare(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    uint64_t first = a->field == NULL ? UINT64_MAX : a->field->number;
    uint64_t second = b->field == NULL ? UINT64_MAX : b->field->number;

    if (first != second)
        return first < second ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

enum ql_code pieces_collect(struct ql_call *call, const struct ql_message *message,
                            const uint8_t *data, size_t length, unsigned depth_left,
                            struct pieces *ret_pieces)
{
    struct collect collect = {.call = call, .message = message, .depth_left = depth_left};
    struct qli_wire wire = qli_wire_of(data, length);
    struct qli_wire_field field = {.bits = 0};
    bool is_sorted = true;
    enum ql_code rc;

    rc = reserve_piece(&collect, wire);
    if (rc != QL_OK)
        return rc;
    while (qli_wire_next(&wire, depth_left, &field) == QLI_WIRE_FIELD)
        push_field(&collect, &field, wire.at);
    *ret_pieces = collect.pieces;
    for (size_t i = 0; i < ret_pieces->n; i++) {
        struct piece *piece = &ret_pieces->all[i];

        if (piece->field != NULL && piece->field->oneof_index >= 0) {
            const struct oneof *oneof = &collect.oneofs[piece->field->oneof_index];

            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as above */
            piece->is_lost = oneof->member != piece->field || piece->position < oneof->since;
        }
        is_sorted = is_sorted && (i == 0 || piece_compare(piece - 1, piece) < 0);
    }
    if (!is_sorted)
        qsort(ret_pieces->all, ret_pieces->n, sizeof(*ret_pieces->all), piece_compare);
    return QL_OK;
}

size_t pieces_run(const struct pieces *pieces, size_t begin)
{
    size_t end = begin + 1;

    while (end < pieces->n && pieces->all[end].field == pieces->all[begin].field)
        end++;
    return end;
}
