/* Messages, fields and enums of a file. */
#include "platform/pb/schema/build.h"

#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/comments.h"
#include "platform/pb/schema/rules.h"

enum { /* numbers of descriptor.proto, which paths of comments are made of */
       FILE_MESSAGE = 4,
       FILE_ENUM = 5,
       MESSAGE_FIELD = 2,
       MESSAGE_NESTED = 3,
       MESSAGE_ENUM = 4,
       ENUM_VALUE = 2,
};

typedef Google__Protobuf__DescriptorProto message_proto;
typedef Google__Protobuf__EnumDescriptorProto enum_proto;

static const char *join_names(struct ql_arena *arena, const char *scope, const char *name)
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

        enumeration->full_name = join_names(schema->arena, scope, enums[i]->name);
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

        message->full_name = join_names(schema->arena, scope, types[i]->name);
        if (message->full_name == NULL)
            return qli_schema_fail(build, "a message without a name");
        if (!qli_name_index_add(&schema->messages_by_name, message->full_name, message))
            return qli_schema_fail(build, "%s is declared twice", message->full_name);
        if (types[i]->options != NULL) {
            message->is_map_entry = types[i]->options->map_entry;
            message->is_message_set = types[i]->options->message_set_wire_format;
        }
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

static bool enum_fill(struct qli_schema_build *build, const struct qli_declaration *declaration,
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
        struct qli_declaration inner = qli_declaration_in(declaration, ENUM_VALUE, i);

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
    made->enumeration.comment = qli_comment_at(build, declaration);
    made->is_null_value = strcmp(made->enumeration.full_name, "google.protobuf.NullValue") == 0;
    return true;
}

static bool messages_fill(struct qli_schema_build *build, const struct qli_declaration *declaration,
                          int32_t number, message_proto *const *types, size_t n_types);

static bool message_fill(struct qli_schema_build *build, const struct qli_declaration *declaration,
                         const message_proto *proto)
{
    struct qli_message *made = &build->schema->messages[build->messages_done++];
    struct ql_field *fields =
        ql_arena_calloc(build->schema->arena, proto->n_field + made->n_extensions, sizeof(*fields));

    if (fields == NULL)
        return qli_schema_fail(build, "out of memory");
    made->fields = fields;
    made->message.fields = fields;
    made->message.n_fields = proto->n_field;
    made->message.comment = qli_comment_at(build, declaration);
    made->is_proto3 = build->is_proto3;
    if (!qli_oneofs_fill(build, proto, &made->message))
        return false;
    for (size_t i = 0; i < proto->n_field; i++) {
        struct qli_declaration inner = qli_declaration_in(declaration, MESSAGE_FIELD, i);

        if (!qli_field_fill(build, made, proto->field[i], &fields[i]))
            return false;
        fields[i].comment = qli_comment_at(build, &inner);
        if (fields[i].oneof_index >= 0)
            fields[i].oneof_name = made->message.oneofs[fields[i].oneof_index].name;
        if (!qli_field_rules_keep(build, &inner, proto->field[i], &fields[i]))
            return false;
    }
    for (size_t i = 0; i < proto->n_enum_type; i++) {
        struct qli_declaration inner = qli_declaration_in(declaration, MESSAGE_ENUM, i);

        if (!enum_fill(build, &inner, proto->enum_type[i]))
            return false;
    }
    return messages_fill(build, declaration, MESSAGE_NESTED, proto->nested_type,
                         proto->n_nested_type);
}

static bool messages_fill(struct qli_schema_build *build, const struct qli_declaration *declaration,
                          int32_t number, message_proto *const *types, size_t n_types)
{
    for (size_t i = 0; i < n_types; i++) {
        struct qli_declaration inner = qli_declaration_in(declaration, number, i);

        if (!message_fill(build, &inner, types[i]))
            return false;
    }
    return true;
}

bool qli_types_fill(struct qli_schema_build *build,
                    const Google__Protobuf__FileDescriptorProto *file)
{
    const struct qli_declaration outermost = {.length = 0};

    for (size_t i = 0; i < file->n_enum_type; i++) {
        struct qli_declaration declaration = qli_declaration_in(&outermost, FILE_ENUM, i);

        if (!enum_fill(build, &declaration, file->enum_type[i]))
            return false;
    }
    return messages_fill(build, &outermost, FILE_MESSAGE, file->message_type, file->n_message_type);
}
