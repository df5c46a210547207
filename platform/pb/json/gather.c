/* What a message's bytes say about each field, before any of it is printed: the
 * wire may repeat and interleave fields as it likes. */
#include "platform/pb/json/gather.h"

#include <string.h>

#include "platform/pb/json/print.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/schema/wire_type.h"

enum ql_code qli_json_print_malformed(struct qli_json_print *print,
                                      const struct ql_message *message)
{
    return ql_fail(print->call, QL_INTERNAL, "MALFORMED_MESSAGE", "the bytes are no %s",
                   message->full_name);
}

/* Room for a slot for each field and each oneof of the message. */
static struct qli_slot *slots_of_level(struct qli_json_print *print,
                                       const struct ql_message *message)
{
    size_t n_slots = message->n_fields + qli_message_of(message)->n_oneofs + 1; /* never none */
    size_t n = print->levels[print->depth].n_slots;

    if (n < n_slots) {
        n = n_slots < 2 * n ? 2 * n : n_slots;
        print->levels[print->depth].slots =
            ql_arena_alloc(print->call->arena, n * sizeof(struct qli_slot));
        print->levels[print->depth].n_slots = n;
        if (print->levels[print->depth].slots == NULL) {
            print->levels[print->depth].n_slots = 0;
            return NULL;
        }
    }
    memset(print->levels[print->depth].slots, 0, n_slots * sizeof(struct qli_slot));
    return print->levels[print->depth].slots;
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

static void slot_fill(struct qli_slot *slot, const struct qli_wire_field *field, const uint8_t *end)
{
    if (slot->n_pieces++ == 0)
        slot->begin = field->start;
    slot->end = end;
    slot->data = field->data;
    slot->length = field->length;
    slot->bits = field->bits;
}

enum ql_code qli_json_gather(struct qli_json_print *print, const struct ql_message *message,
                             struct qli_bytes bytes, struct qli_slot **ret_slots)
{
    struct qli_wire wire = qli_wire_of(bytes.data, bytes.length);
    struct qli_slot *slots = slots_of_level(print, message);
    struct qli_wire_field field = {.bits = 0};
    enum qli_wire_step step;

    if (slots == NULL)
        return ql_fail_memory(print->call);
    *ret_slots = slots;
    while ((step = qli_wire_next(&wire, qli_json_depth_limit(print), &field)) == QLI_WIRE_FIELD) {
        const struct ql_field *known = ql_message_field_by_number(message, field.number);
        struct qli_slot *slot;

        if (known == NULL)
            continue;
        if (!type_fits(known, &field))
            return qli_json_print_malformed(print, message);
        /* A map drops the whole entry: it looks itself. */
        if (!known->is_repeated && !message->is_map_entry &&
            qli_json_is_unknown_value(known, field.bits))
            continue;
        slot = &slots[known - message->fields];
        if (known->oneof_index >= 0) {
            /* The oneof's own slot remembers, in bits, which member is set. */
            struct qli_slot *oneof = &slots[message->n_fields + (size_t)known->oneof_index];

            if (oneof->n_pieces != 0 && &slots[oneof->bits] != slot)
                slots[oneof->bits] = (struct qli_slot){.n_pieces = 0};
            oneof->n_pieces = 1;
            oneof->bits = (uint64_t)(known - message->fields);
        }
        slot_fill(slot, &field, wire.at);
    }
    return step == QLI_WIRE_END ? QL_OK : qli_json_print_malformed(print, message);
}

const struct qli_slot *qli_json_slot(const struct ql_message *message, const struct qli_slot *slots,
                                     uint32_t number)
{
    return &slots[ql_message_field_by_number(message, number) - message->fields];
}

enum ql_code qli_json_merge(struct qli_json_print *print, const struct ql_field *field,
                            const struct qli_slot *slot, struct qli_bytes *ret_bytes)
{
    struct qli_wire wire = {.at = slot->begin, .end = slot->end};
    struct qli_wire_field piece = {.bits = 0};
    uint8_t *merged;

    *ret_bytes = (struct qli_bytes){.data = slot->data, .length = slot->length};
    if (slot->n_pieces < 2)
        return QL_OK;
    /* Messages put one after the other are those messages merged. */
    merged = ql_arena_alloc(print->call->arena, (size_t)(slot->end - slot->begin));
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
