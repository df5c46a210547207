/* The schema as a whole: reading a descriptor set, and looking things up. The
 * work of reading is in the other files of this folder. */
#include "platform/pb/schema/schema.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/schema/build.h"
#include "platform/pb/schema/events.h"
#include "platform/pb/wire/arena_allocator.h"
#include "platform/pb/wire/wire.h"

enum {
    SET_MAX_BYTES = 16 * 1024 * 1024,
    SCHEMA_MAX_BYTES = 64 * 1024 * 1024,
    SCRATCH_MAX_BYTES = 256 * 1024 * 1024,
    /* FileDescriptorSet.file, FileDescriptorProto.message_type, DescriptorProto.nested_type */
    FILE_NUMBER = 1,
    MESSAGE_TYPE_NUMBER = 4,
    NESTED_TYPE_NUMBER = 3,
};

bool qli_schema_fail(struct qli_schema_build *build, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(build->error, build->error_size, format, arguments);
    va_end(arguments);
    return false;
}

/* protobuf-c recurses without a limit, and nested types are the one thing in a
 * descriptor that nests: they are looked at before it is let loose. */
static bool nesting_is_sane(const uint8_t *bytes, size_t length, unsigned level)
{
    static const uint32_t inner[] = {FILE_NUMBER, MESSAGE_TYPE_NUMBER, NESTED_TYPE_NUMBER};
    struct qli_wire wire = qli_wire_of(bytes, length);
    uint32_t wanted = inner[level < 2 ? level : 2];
    struct qli_wire_field field;
    enum qli_wire_step step;

    if (level > QLI_SCHEMA_MAX_NESTING)
        return false;
    while ((step = qli_wire_next(&wire, 8, &field)) == QLI_WIRE_FIELD)
        if (field.number == wanted && field.type == QLI_WIRE_BYTES &&
            !nesting_is_sane(field.data, field.length, level + 1))
            return false;
    return step == QLI_WIRE_END;
}

static bool methods_allocate(struct qli_schema_build *build,
                             const Google__Protobuf__FileDescriptorSet *set)
{
    struct ql_schema *schema = build->schema;

    for (size_t i = 0; i < set->n_file; i++)
        for (size_t j = 0; j < set->file[i]->n_service; j++)
            schema->n_methods += set->file[i]->service[j]->n_method;
    schema->methods = ql_arena_calloc(schema->arena, schema->n_methods, sizeof(*schema->methods));
    if (schema->methods == NULL ||
        !qli_name_index_init(&schema->methods_by_name, schema->arena, schema->n_methods))
        return qli_schema_fail(build, "out of memory");
    return true;
}

static void types_count(struct ql_schema *schema, Google__Protobuf__DescriptorProto *const *types,
                        size_t n_types)
{
    schema->n_messages += n_types;
    for (size_t i = 0; i < n_types; i++) {
        schema->n_enums += types[i]->n_enum_type;
        types_count(schema, types[i]->nested_type, types[i]->n_nested_type);
    }
}

static bool types_allocate(struct qli_schema_build *build,
                           const Google__Protobuf__FileDescriptorSet *set)
{
    struct ql_schema *schema = build->schema;
    struct ql_arena *arena = schema->arena;

    for (size_t i = 0; i < set->n_file; i++) {
        schema->n_enums += set->file[i]->n_enum_type;
        types_count(schema, set->file[i]->message_type, set->file[i]->n_message_type);
    }
    schema->messages = ql_arena_calloc(arena, schema->n_messages, sizeof(*schema->messages));
    schema->enums = ql_arena_calloc(arena, schema->n_enums, sizeof(*schema->enums));
    if (schema->messages == NULL || schema->enums == NULL ||
        !qli_name_index_init(&schema->messages_by_name, arena, schema->n_messages) ||
        !qli_name_index_init(&schema->enums_by_name, arena, schema->n_enums))
        return qli_schema_fail(build, "out of memory");
    return true;
}

static bool is_proto3(const Google__Protobuf__FileDescriptorProto *file)
{
    return file->syntax != NULL && strcmp(file->syntax, "proto3") == 0;
}

static bool files_read(struct qli_schema_build *build, ProtobufCAllocator *scratch,
                       const Google__Protobuf__FileDescriptorSet *set)
{
    if (!types_allocate(build, set) || !methods_allocate(build, set))
        return false;
    for (size_t i = 0; i < set->n_file; i++)
        if (!qli_types_name(build, set->file[i]))
            return false;
    for (size_t i = 0; i < set->n_file; i++)
        if (!qli_extensions_count(build, set->file[i]))
            return false;
    build->messages_done = build->enums_done = 0;
    for (size_t i = 0; i < set->n_file; i++) {
        build->is_proto3 = is_proto3(set->file[i]);
        build->file = set->file[i]->name == NULL ? "" : set->file[i]->name;
        if (!qli_comments_read(build, set->file[i]) || !qli_types_fill(build, set->file[i]))
            return false;
    }
    for (size_t i = 0; i < set->n_file; i++) {
        build->is_proto3 = is_proto3(set->file[i]);
        if (!qli_extensions_fill(build, set->file[i]))
            return false;
    }
    for (size_t i = 0; i < build->schema->n_messages; i++)
        if (!qli_fields_index(build, &build->schema->messages[i]))
            return false;
    for (size_t i = 0; i < build->schema->n_messages; i++)
        if (!qli_message_finish(build, &build->schema->messages[i].message))
            return false;
    for (size_t i = 0; i < set->n_file; i++)
        if (!qli_comments_read(build, set->file[i]) || !qli_methods_fill(build, set->file[i]))
            return false;
    return qli_schema_events_read(&build->schema->events, build->schema->arena, scratch, set,
                                  build->error, build->error_size);
}

static bool schema_read(struct qli_schema_build *build, const void *bytes, size_t length)
{
    Google__Protobuf__FileDescriptorSet *set;
    ProtobufCAllocator allocator;

    if (length > SET_MAX_BYTES)
        return qli_schema_fail(build, "the descriptor set is too large");
    if (!nesting_is_sane(qli_wire_of(bytes, length).at, length, 0))
        return qli_schema_fail(build, "the descriptor set is malformed");
    ql_arena_allocator(build->scratch, &allocator);
    set = google__protobuf__file_descriptor_set__unpack(&allocator, length,
                                                        qli_wire_of(bytes, length).at);
    if (set == NULL)
        return qli_schema_fail(build, "the descriptor set is malformed");
    return files_read(build, &allocator, set);
}

struct ql_schema *ql_schema_new(const void *bytes, size_t length, char *error, size_t error_size)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *scratch = ql_arena_new(SCRATCH_MAX_BYTES);
    struct ql_arena *arena = ql_arena_new(SCHEMA_MAX_BYTES);
    struct qli_schema_build build = {.scratch = scratch, .error = error, .error_size = error_size};

    if (arena != NULL)
        build.schema = ql_arena_calloc(arena, 1, sizeof(*build.schema));
    if (build.schema == NULL || scratch == NULL) {
        qli_schema_fail(&build, "out of memory");
        ql_arena_free(arena);
        return NULL;
    }
    build.schema->arena = arena;
    if (!schema_read(&build, bytes, length)) {
        ql_arena_free(arena);
        return NULL;
    }
    return build.schema;
}

void ql_schema_free(struct ql_schema *schema)
{
    if (schema != NULL)
        ql_arena_free(schema->arena);
}

static struct ql_schema *embedded;

static void embedded_read(void)
{
    char error[256] = "";

    embedded = ql_schema_new(ql_descriptor_set, ql_descriptor_set_length, error, sizeof(error));
    if (embedded == NULL) {
        fprintf(stderr, "the embedded descriptor set: %s\n", error);
        abort();
    }
}

const struct ql_schema *ql_schema_embedded(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, embedded_read);
    return embedded;
}

const struct ql_message *ql_schema_message(const struct ql_schema *schema, const char *full_name)
{
    return qli_name_index_find(&schema->messages_by_name, full_name, strlen(full_name));
}

const struct ql_enum *ql_schema_enum(const struct ql_schema *schema, const char *full_name)
{
    return qli_name_index_find(&schema->enums_by_name, full_name, strlen(full_name));
}

const struct ql_method *ql_schema_method(const struct ql_schema *schema, const char *full_name)
{
    return qli_name_index_find(&schema->methods_by_name, full_name, strlen(full_name));
}

const struct ql_method *ql_schema_methods(const struct ql_schema *schema, size_t *ret_count)
{
    *ret_count = schema->n_methods;
    return schema->methods;
}

const struct ql_event_type *ql_schema_event_types(const struct ql_schema *schema, size_t *ret_count)
{
    *ret_count = schema->events.n_types;
    return schema->events.types;
}

const struct ql_event_type *ql_schema_event_type(const struct ql_schema *schema, const char *type)
{
    return qli_name_index_find(&schema->events.types_by_name, type, strlen(type));
}

const struct ql_event_queue *ql_schema_event_queues(const struct ql_schema *schema,
                                                    size_t *ret_count)
{
    *ret_count = schema->events.n_queues;
    return schema->events.queues;
}

const char *ql_schema_custom_publisher(const struct ql_schema *schema)
{
    return schema->events.custom_publisher;
}

const struct ql_field *ql_message_field_by_number(const struct ql_message *message, uint32_t number)
{
    const struct ql_field **fields = qli_message_of(message)->by_number;
    size_t low = 0, high = message->n_fields;

    /* Most messages number their fields from one, without gaps. */
    if (number - 1 < high && fields[number - 1]->number == number)
        return fields[number - 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (fields[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < message->n_fields && fields[low]->number == number ? fields[low] : NULL;
}

const struct ql_field *ql_message_field_by_name(const struct ql_message *message, const char *name,
                                                size_t length)
{
    return qli_name_index_find(&qli_message_of(message)->by_name, name, length);
}

const struct ql_enum_value *ql_enum_by_number(const struct ql_enum *enumeration, int32_t number)
{
    const struct ql_enum_value **values = ((const struct qli_enum *)enumeration)->by_number;
    size_t low = 0, high = enumeration->n_values;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (values[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < enumeration->n_values && values[low]->number == number ? values[low] : NULL;
}

const struct ql_enum_value *ql_enum_by_name(const struct ql_enum *enumeration, const char *name,
                                            size_t length)
{
    return qli_name_index_find(&((const struct qli_enum *)enumeration)->by_name, name, length);
}
