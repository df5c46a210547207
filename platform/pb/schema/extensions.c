/* Extensions (proto2, and options in any file): fields that one message declares
 * for another. JSON names them "[package.name]", and so do we: then whatever
 * finds a field by its name or number finds them too. */
#include "platform/pb/schema/build.h"

typedef Google__Protobuf__FieldDescriptorProto field_proto;

typedef bool visit_extension(struct qli_schema_build *build, const char *scope,
                             const field_proto *proto);

static struct qli_message *extended(struct qli_schema_build *build, const field_proto *proto)
{
    const struct ql_message *message =
        proto->extendee == NULL ? NULL : qli_message_referred(build->schema, proto->extendee);

    if (message == NULL)
        qli_schema_fail(build, "an extension of %s, which is not there",
                        proto->extendee == NULL ? "nothing" : proto->extendee);
    /* The schema is still ours alone. */
    return (struct qli_message *)message;
}

static bool extension_count(struct qli_schema_build *build, const char *scope,
                            const field_proto *proto)
{
    struct qli_message *made = extended(build, proto);

    (void)scope;
    if (made == NULL)
        return false;
    made->n_extensions++;
    return true;
}

static bool extension_fill(struct qli_schema_build *build, const char *scope,
                           const field_proto *proto)
{
    struct qli_message *made = extended(build, proto);
    struct ql_field *field;

    if (made == NULL)
        return false;
    field = &made->fields[made->message.n_fields];
    if (!qli_field_fill(build, made, proto, field))
        return false;
    field->name = ql_arena_printf(build->schema->arena, "[%s%s%s]", scope,
                                  scope[0] == '\0' ? "" : ".", proto->name);
    if (field->name == NULL)
        return qli_schema_fail(build, "out of memory");
    field->json_name = field->name;
    field->is_extension = true;
    field->has_presence = !field->is_repeated;
    field->oneof_index = -1;
    field->comment = "";
    made->message.n_fields++;
    return true;
}

static bool visit_messages(struct qli_schema_build *build, const char *scope,
                           Google__Protobuf__DescriptorProto *const *types, size_t n_types,
                           visit_extension *visit)
{
    for (size_t i = 0; i < n_types; i++) {
        const char *inner = ql_arena_printf(build->scratch, "%s%s%s", scope,
                                            scope[0] == '\0' ? "" : ".", types[i]->name);

        if (inner == NULL)
            return qli_schema_fail(build, "out of memory");
        for (size_t j = 0; j < types[i]->n_extension; j++)
            if (!visit(build, inner, types[i]->extension[j]))
                return false;
        if (!visit_messages(build, inner, types[i]->nested_type, types[i]->n_nested_type, visit))
            return false;
    }
    return true;
}

static bool visit_file(struct qli_schema_build *build,
                       const Google__Protobuf__FileDescriptorProto *file, visit_extension *visit)
{
    const char *package = file->package == NULL ? "" : file->package;

    for (size_t i = 0; i < file->n_extension; i++)
        if (!visit(build, package, file->extension[i]))
            return false;
    return visit_messages(build, package, file->message_type, file->n_message_type, visit);
}

bool qli_extensions_count(struct qli_schema_build *build,
                          const Google__Protobuf__FileDescriptorProto *file)
{
    return visit_file(build, file, extension_count);
}

bool qli_extensions_fill(struct qli_schema_build *build,
                         const Google__Protobuf__FileDescriptorProto *file)
{
    return visit_file(build, file, extension_fill);
}
