/* The rules of fields (buf.validate), kept as they are on the wire with where they
 * stand: what reads them, platform/pb/validate, stands above the schema. */
#include "platform/pb/schema/rules.h"

#include <string.h>

#include "platform/pb/schema/options.h"
#include "platform/pb/wire/wire.h"

enum { ONEOF_REQUIRED = 1, RULES_MAX_DEPTH = 8 }; /* a number of buf.validate.OneofRules */

/* An option that was stated piece by piece arrives in as many occurrences: joined they
 * are one message again. *ret_bytes is NULL for none; false when the arena is full. */
static bool rules_join(struct ql_arena *arena, const ProtobufCMessage *options, uint8_t **ret_bytes,
                       size_t *ret_length)
{
    uint8_t *bytes = NULL;
    size_t length = 0;

    for (size_t i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];
        struct qli_wire piece = qli_wire_of(unknown->data, unknown->len);
        uint8_t *longer;
        uint64_t size;

        /* protobuf-c keeps the length in front of the bytes. */
        if (unknown->tag != QLI_OPTION_RULES || (int)unknown->wire_type != QLI_WIRE_BYTES ||
            !qli_wire_read_varint(&piece, &size) || size != (uint64_t)(piece.end - piece.at))
            continue;
        longer = ql_arena_alloc(arena, length + size);
        if (longer == NULL)
            return false;
        if (length > 0)
            memcpy(longer, bytes, length);
        memcpy(longer + length, piece.at, size);
        bytes = longer;
        length += size;
    }
    *ret_bytes = bytes;
    *ret_length = length;
    return true;
}

bool qli_field_rules_keep(struct qli_schema_build *build, const struct qli_declaration *declaration,
                          const Google__Protobuf__FieldDescriptorProto *proto,
                          struct ql_field *field)
{
    struct ql_arena *arena = build->schema->arena;
    int line = qli_line_at(build, declaration);
    uint8_t *bytes;
    size_t length;

    if (proto->options == NULL)
        return true;
    if (!rules_join(arena, &proto->options->base, &bytes, &length))
        return qli_schema_fail(build, "out of memory");
    if (bytes == NULL)
        return true;
    field->rules = bytes;
    field->rules_length = length;
    field->declared_at = line == 0 ? ql_arena_strdup(arena, build->file)
                                   : ql_arena_printf(arena, "%s:%d", build->file, line);
    return field->declared_at != NULL || qli_schema_fail(build, "out of memory");
}

static bool is_required(const Google__Protobuf__OneofDescriptorProto *proto)
{
    struct qli_wire_field field;
    struct qli_wire wire;
    const uint8_t *bytes;
    size_t length;

    if (proto->options == NULL ||
        !qli_option_bytes(&proto->options->base, QLI_OPTION_RULES, &bytes, &length))
        return false;
    wire = qli_wire_of(bytes, length);
    while (qli_wire_next(&wire, RULES_MAX_DEPTH, &field) == QLI_WIRE_FIELD)
        if (field.number == ONEOF_REQUIRED && field.type == QLI_WIRE_VARINT)
            return field.bits != 0;
    return false;
}

bool qli_oneofs_fill(struct qli_schema_build *build, const Google__Protobuf__DescriptorProto *proto,
                     struct ql_message *message)
{
    size_t n = proto->n_oneof_decl;
    struct ql_oneof *oneofs = ql_arena_calloc(build->schema->arena, n, sizeof(*oneofs));

    if (oneofs == NULL)
        return qli_schema_fail(build, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const char *name = proto->oneof_decl[i]->name;

        oneofs[i].name = ql_arena_strdup(build->schema->arena, name == NULL ? "" : name);
        oneofs[i].is_required = is_required(proto->oneof_decl[i]);
        if (oneofs[i].name == NULL)
            return qli_schema_fail(build, "out of memory");
    }
    message->oneofs = oneofs;
    message->n_oneofs = n;
    return true;
}
