/* Messages, fields and enums of a file. */
#include "platform/pb/schema_build.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/buffer.h"

enum { /* numbers of descriptor.proto, which paths of comments are made of */
       FILE_MESSAGE = 4,
       FILE_ENUM = 5,
       MESSAGE_FIELD = 2,
       MESSAGE_NESTED = 3,
       MESSAGE_ENUM = 4,
       ENUM_VALUE = 2,
};

enum { BEHAVIOR_REQUIRED = 2, BEHAVIOR_OUTPUT_ONLY = 3 }; /* of google.api.FieldBehavior */

typedef Google__Protobuf__DescriptorProto message_proto;
typedef Google__Protobuf__EnumDescriptorProto enum_proto;
typedef Google__Protobuf__FieldDescriptorProto field_proto;

static const char *join(struct ql_arena *arena, const char *scope, const char *name)
{
    if (name == NULL)
        return NULL;
    return scope[0] == '\0' ? ql_arena_strdup(arena, name)
                            : ql_arena_printf(arena, "%s.%s", scope, name);
}

static bool enums_name(struct qli_schema_build *build, const char *scope, enum_proto *const *enums,
                       size_t n_enums)
{
    struct ql_schema *schema = build->schema;

    for (size_t i = 0; i < n_enums; i++) {
        struct ql_enum *enumeration = &schema->enums[build->enums_done++].enumeration;

        enumeration->full_name = join(schema->arena, scope, enums[i]->name);
        if (enumeration->full_name == NULL)
            return qli_schema_fail(build, "an enum without a name");
        if (!qli_name_index_add(&schema->enums_by_name, enumeration->full_name, enumeration))
            return qli_schema_fail(build, "%s is declared twice", enumeration->full_name);
    }
    return true;
}

static bool messages_name(struct qli_schema_build *build, const char *scope,
                          message_proto *const *types, size_t n_types)
{
    struct ql_schema *schema = build->schema;

    for (size_t i = 0; i < n_types; i++) {
        struct ql_message *message = &schema->messages[build->messages_done++].message;

        message->full_name = join(schema->arena, scope, types[i]->name);
        if (message->full_name == NULL)
            return qli_schema_fail(build, "a message without a name");
        if (!qli_name_index_add(&schema->messages_by_name, message->full_name, message))
            return qli_schema_fail(build, "%s is declared twice", message->full_name);
        message->is_map_entry = types[i]->options != NULL && types[i]->options->map_entry;
        if (!enums_name(build, message->full_name, types[i]->enum_type, types[i]->n_enum_type) ||
            !messages_name(build, message->full_name, types[i]->nested_type,
                           types[i]->n_nested_type))
            return false;
    }
    return true;
}

bool qli_types_name(struct qli_schema_build *build,
                    const Google__Protobuf__FileDescriptorProto *file)
{
    const char *package = file->package == NULL ? "" : file->package;

    return enums_name(build, package, file->enum_type, file->n_enum_type) &&
           messages_name(build, package, file->message_type, file->n_message_type);
}

static int enum_value_compare(const void *left, const void *right)
{
    const struct ql_enum_value *a = *(const struct ql_enum_value *const *)left;
    const struct ql_enum_value *b = *(const struct ql_enum_value *const *)right;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a < b ? -1 : a > b; /* aliases: the one declared first in front */
}

static bool enum_fill(struct qli_schema_build *build, const struct qli_place *place,
                      const enum_proto *proto)
{
    struct qli_enum *made = &build->schema->enums[build->enums_done++];
    struct ql_arena *arena = build->schema->arena;
    size_t n = proto->n_value;
    struct ql_enum_value *values = ql_arena_calloc(arena, n, sizeof(*values));

    made->by_number = ql_arena_calloc(arena, n, sizeof(*made->by_number));
    if (values == NULL || made->by_number == NULL || !qli_name_index_init(&made->by_name, arena, n))
        return qli_schema_fail(build, "out of memory");
    for (size_t i = 0; i < n; i++) {
        struct qli_place inner = qli_place_in(place, ENUM_VALUE, i);

        if (proto->value[i]->name == NULL)
            return qli_schema_fail(build, "%s: a value without a name",
                                   made->enumeration.full_name);
        values[i].name = ql_arena_strdup(arena, proto->value[i]->name);
        values[i].number = proto->value[i]->number;
        values[i].comment = qli_comment_at(build, &inner);
        if (values[i].name == NULL)
            return qli_schema_fail(build, "out of memory");
        made->by_number[i] = &values[i];
        if (!qli_name_index_add(&made->by_name, values[i].name, &values[i]))
            return qli_schema_fail(build, "%s: %s twice", made->enumeration.full_name,
                                   values[i].name);
    }
    qsort(made->by_number, n, sizeof(*made->by_number), enum_value_compare);
    made->enumeration.values = values;
    made->enumeration.n_values = n;
    made->enumeration.is_closed = !build->is_proto3;
    made->enumeration.comment = qli_comment_at(build, place);
    made->is_null_value = strcmp(made->enumeration.full_name, "google.protobuf.NullValue") == 0;
    return true;
}

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
                         const field_proto *proto, struct ql_field *field)
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

static bool field_fill(struct qli_schema_build *build, const struct qli_message *made,
                       const field_proto *proto, struct ql_field *field)
{
    const struct ql_message *message = &made->message;
    struct ql_arena *arena = build->schema->arena;
    bool in_oneof = proto->has_oneof_index;
    uint64_t is_secret = 0;

    if (proto->name == NULL || proto->number < 1 || proto->number > (1 << 29) - 1 ||
        (int)proto->type < QL_TYPE_DOUBLE || (int)proto->type > QL_TYPE_SINT64)
        return qli_schema_fail(build, "%s: a field without name, number or type",
                               message->full_name);
    if (in_oneof && (proto->oneof_index < 0 || (size_t)proto->oneof_index >= made->n_oneofs))
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
    field->oneof_index = in_oneof && !proto->proto3_optional ? proto->oneof_index : -1;
    field->is_packed = field->is_repeated && is_packable(field->type) && build->is_proto3;
    if (proto->options != NULL) {
        if (proto->options->has_packed)
            field->is_packed =
                proto->options->packed && field->is_repeated && is_packable(field->type);
        qli_option_varint(&proto->options->base, QLI_OPTION_SECRET, &is_secret);
        field->is_required =
            qli_option_has(&proto->options->base, QLI_OPTION_FIELD_BEHAVIOR, BEHAVIOR_REQUIRED);
        field->is_output_only =
            qli_option_has(&proto->options->base, QLI_OPTION_FIELD_BEHAVIOR, BEHAVIOR_OUTPUT_ONLY);
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
static bool fields_index(struct qli_schema_build *build, struct qli_message *made)
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
        if (!qli_name_index_add(&made->by_name, field->json_name, field))
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

static bool messages_fill(struct qli_schema_build *build, const struct qli_place *place,
                          int32_t number, message_proto *const *types, size_t n_types);

static bool message_fill(struct qli_schema_build *build, const struct qli_place *place,
                         const message_proto *proto)
{
    struct qli_message *made = &build->schema->messages[build->messages_done++];
    struct ql_field *fields =
        ql_arena_calloc(build->schema->arena, proto->n_field, sizeof(*fields));

    if (fields == NULL)
        return qli_schema_fail(build, "out of memory");
    made->message.fields = fields;
    made->message.n_fields = proto->n_field;
    made->message.comment = qli_comment_at(build, place);
    made->n_oneofs = proto->n_oneof_decl;
    for (size_t i = 0; i < proto->n_field; i++) {
        struct qli_place inner = qli_place_in(place, MESSAGE_FIELD, i);

        if (!field_fill(build, made, proto->field[i], &fields[i]))
            return false;
        fields[i].comment = qli_comment_at(build, &inner);
    }
    if (!fields_index(build, made))
        return false;
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        struct qli_place inner = qli_place_in(place, MESSAGE_ENUM, i);

        if (!enum_fill(build, &inner, proto->enum_type[i]))
            return false;
    }
    return messages_fill(build, place, MESSAGE_NESTED, proto->nested_type, proto->n_nested_type);
}

static bool messages_fill(struct qli_schema_build *build, const struct qli_place *place,
                          int32_t number, message_proto *const *types, size_t n_types)
{
    for (size_t i = 0; i < n_types; i++) {
        struct qli_place inner = qli_place_in(place, number, i);

        if (!message_fill(build, &inner, types[i]))
            return false;
    }
    return true;
}

bool qli_types_fill(struct qli_schema_build *build,
                    const Google__Protobuf__FileDescriptorProto *file)
{
    const struct qli_place outermost = {.length = 0};

    for (size_t i = 0; i < file->n_enum_type; i++) {
        struct qli_place place = qli_place_in(&outermost, FILE_ENUM, i);

        if (!enum_fill(build, &place, file->enum_type[i]))
            return false;
    }
    return messages_fill(build, &outermost, FILE_MESSAGE, file->message_type, file->n_message_type);
}
