/* Fields: what a descriptor says about each, and how a message finds them. */
#include "platform/pb/schema/build.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/buffer.h"
#include "platform/pb/schema/options.h"

/* of google.api.FieldBehavior */
enum { BEHAVIOR_REQUIRED = 2, BEHAVIOR_OUTPUT_ONLY = 3, BEHAVIOR_IMMUTABLE = 5 };

/* protoc fills json_name; other makers of descriptors may not. */
static const char *json_name_of(struct ql_arena *arena, const char *name)
{
    char *text = ql_arena_alloc(arena, strlen(name) + 1), *end = text;
    bool raise = false;

    if (text == NULL)
        return NULL;
    for (; *name != '\0'; name++) {
        if (*name == '_') {
            raise = true;
            continue;
        }
        *end++ = raise && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        raise = false;
    }
    *end = '\0';
    return text;
}

static bool is_packable(enum ql_field_type type)
{
    return type != QL_TYPE_STRING && type != QL_TYPE_BYTES && type != QL_TYPE_MESSAGE &&
           type != QL_TYPE_GROUP;
}

static bool type_resolve(struct qli_schema_build *build, const struct ql_message *message,
                         const Google__Protobuf__FieldDescriptorProto *proto,
                         struct ql_field *field)
{
    const char *reference = proto->type_name == NULL ? "" : proto->type_name;

    if (field->type == QL_TYPE_MESSAGE || field->type == QL_TYPE_GROUP) {
        field->message = qli_message_referred(build->schema, reference);
        field->is_map =
            field->is_repeated && field->message != NULL && field->message->is_map_entry;
    } else if (field->type == QL_TYPE_ENUM) {
        if (reference[0] == '.')
            field->enumeration = ql_schema_enum(build->schema, reference + 1);
    } else {
        return true;
    }
    if (field->message == NULL && field->enumeration == NULL)
        return qli_schema_fail(build, "%s.%s: no type %s", message->full_name, field->name,
                               reference);
    return true;
}

bool qli_field_fill(struct qli_schema_build *build, const struct qli_message *made,
                    const Google__Protobuf__FieldDescriptorProto *proto, struct ql_field *field)
{
    const struct ql_message *message = &made->message;
    struct ql_arena *arena = build->schema->arena;
    bool in_oneof = proto->has_oneof_index;
    uint64_t is_secret = 0;

    if (proto->name == NULL || proto->number < 1 || proto->number > (1 << 29) - 1 ||
        (int)proto->type < QL_TYPE_DOUBLE || (int)proto->type > QL_TYPE_SINT64)
        return qli_schema_fail(build, "%s: a field without name, number or type",
                               message->full_name);
    if (in_oneof && (proto->oneof_index < 0 || (size_t)proto->oneof_index >= message->n_oneofs))
        return qli_schema_fail(build, "%s.%s: no such oneof", message->full_name, proto->name);
    field->name = ql_arena_strdup(arena, proto->name);
    field->json_name = proto->json_name == NULL ? json_name_of(arena, proto->name)
                                                : ql_arena_strdup(arena, proto->json_name);
    if (field->name == NULL || field->json_name == NULL)
        return qli_schema_fail(build, "out of memory");
    field->number = (uint32_t)proto->number;
    field->type = (enum ql_field_type)proto->type;
    field->is_repeated =
        proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    field->is_mandatory =
        proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED;
    field->is_text_checked = build->is_proto3;
    field->oneof_index = in_oneof && !proto->proto3_optional ? proto->oneof_index : -1;
    field->is_packed = field->is_repeated && is_packable(field->type) && build->is_proto3;
    if (proto->options != NULL) {
        if (proto->options->has_packed)
            field->is_packed =
                proto->options->packed && field->is_repeated && is_packable(field->type);
        if (!qli_option_text(arena, &proto->options->base, QLI_OPTION_EXAMPLE, &field->example))
            return qli_schema_fail(build, "out of memory");
        qli_option_varint(&proto->options->base, QLI_OPTION_SECRET, &is_secret);
        field->is_required =
            qli_option_has(&proto->options->base, QLI_OPTION_FIELD_BEHAVIOR, BEHAVIOR_REQUIRED);
        field->is_output_only =
            qli_option_has(&proto->options->base, QLI_OPTION_FIELD_BEHAVIOR, BEHAVIOR_OUTPUT_ONLY);
        field->is_immutable =
            qli_option_has(&proto->options->base, QLI_OPTION_FIELD_BEHAVIOR, BEHAVIOR_IMMUTABLE);
    }
    field->is_secret = is_secret != 0;
    if (!type_resolve(build, message, proto, field))
        return false;
    field->has_presence =
        !field->is_repeated && (field->message != NULL || in_oneof || !build->is_proto3);
    return true;
}

static int field_compare(const void *left, const void *right)
{
    const struct ql_field *a = *(const struct ql_field *const *)left;
    const struct ql_field *b = *(const struct ql_field *const *)right;

    return a->number < b->number ? -1 : a->number > b->number;
}

static bool key_spell(struct ql_arena *arena, const char *json_name, struct qli_json_key *ret_key)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;

    ql_buffer_init(&text, 64 * 1024);
    ql_buffer_append_json_string(&text, json_name, strlen(json_name));
    ql_buffer_append_byte(&text, ':');
    if (text.failed)
        return false;
    ret_key->text = ql_arena_memdup(arena, text.data, text.length);
    ret_key->length = text.length;
    return ret_key->text != NULL;
}

/* The lookups, and the keys as JSON spells them. */
bool qli_fields_index(struct qli_schema_build *build, struct qli_message *made)
{
    const struct ql_message *message = &made->message;
    struct ql_arena *arena = build->schema->arena;
    struct qli_json_key *keys = ql_arena_calloc(arena, message->n_fields, sizeof(*keys));

    made->by_number = ql_arena_calloc(arena, message->n_fields, sizeof(*made->by_number));
    if (keys == NULL || made->by_number == NULL ||
        !qli_name_index_init(&made->by_name, arena, 2 * message->n_fields))
        return qli_schema_fail(build, "out of memory");
    made->keys = keys;
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];

        made->by_number[i] = field;
        if (!key_spell(arena, field->json_name, &keys[i]))
            return qli_schema_fail(build, "out of memory");
        made->n_mandatory += field->is_mandatory;
        if (!qli_name_index_add(&made->by_name, field->json_name, field) && made->is_proto3)
            return qli_schema_fail(build, "%s: %s twice", message->full_name, field->json_name);
    }
    /* A name that is another field's JSON name means that one. */
    for (size_t i = 0; i < message->n_fields; i++)
        (void)qli_name_index_add(&made->by_name, message->fields[i].name, &message->fields[i]);
    qsort(made->by_number, message->n_fields, sizeof(*made->by_number), field_compare);
    for (size_t i = 1; i < message->n_fields; i++)
        if (made->by_number[i - 1]->number == made->by_number[i]->number)
            return qli_schema_fail(build, "%s: field number %u twice", message->full_name,
                                   made->by_number[i]->number);
    return true;
}
