/* How a schema looks inside, and what its builders share. */
#ifndef QLI_PB_SCHEMA_BUILD_H
#define QLI_PB_SCHEMA_BUILD_H

#include "google/protobuf/descriptor.pb-c.h"
#include "platform/base/arena.h"
#include "platform/pb/schema/events.h"
#include "platform/pb/schema/name_index.h"
#include "platform/pb/schema/schema.h"

struct qli_json_key { /* "\"userId\":", ready to be written */
    const char *text;
    size_t length;
};

/* Every ql_message is the head of one of these. */
struct qli_message {
    struct ql_message message;
    const struct ql_field **by_number; /* sorted */
    struct qli_name_index by_name;     /* json_name and name */
    const struct qli_json_key *keys;   /* one for each field */
    struct ql_field *fields;           /* message.fields while they are filled */
    size_t n_extensions;               /* found for it, in any file */
    bool is_proto3;
    size_t n_mandatory;
};

struct qli_enum {
    struct ql_enum enumeration;
    const struct ql_enum_value **by_number; /* sorted; of aliases the first */
    struct qli_name_index by_name;
    bool is_null_value; /* google.protobuf.NullValue: null in JSON */
};

struct ql_schema {
    struct ql_arena *arena;
    struct qli_message *messages;
    struct qli_enum *enums;
    struct ql_method *methods;
    size_t n_messages, n_enums, n_methods;
    struct qli_name_index messages_by_name, enums_by_name, methods_by_name;
    struct qli_schema_events events;
};

static inline const struct qli_message *qli_message_of(const struct ql_message *message)
{
    return (const struct qli_message *)message;
}

static inline bool qli_field_is_null_value(const struct ql_field *field)
{
    return field->type == QL_TYPE_ENUM &&
           ((const struct qli_enum *)field->enumeration)->is_null_value;
}

/* What a build needs: the schema under construction, the scratch memory that
 * dies with the build, and where the failure's text goes. */
struct qli_schema_build {
    struct ql_schema *schema;
    struct ql_arena *scratch;
    char *error;
    size_t error_size;
    const char *file; /* this and the two below: of the file at hand */
    bool is_proto3;
    const Google__Protobuf__SourceCodeInfo__Location **comments;
    size_t n_comments;
    /* how many of the schema's messages, enums and methods are filled */
    size_t messages_done, enums_done, methods_done;
};

enum { QLI_SCHEMA_MAX_NESTING = 16 };

/* Fills the error; always false. */
bool qli_schema_fail(struct qli_schema_build *build, const char *format, ...) QL_PRINTF(2, 3);

/* Reads the comments of a file, which comments.h looks at. */
bool qli_comments_read(struct qli_schema_build *build,
                       const Google__Protobuf__FileDescriptorProto *file);

/* First names all types of a file, so that fields of any file find them; then
 * fills them. In both rounds files and types come in the same order. */
bool qli_types_name(struct qli_schema_build *build,
                    const Google__Protobuf__FileDescriptorProto *file);
bool qli_types_fill(struct qli_schema_build *build,
                    const Google__Protobuf__FileDescriptorProto *file);
bool qli_field_fill(struct qli_schema_build *build, const struct qli_message *made,
                    const Google__Protobuf__FieldDescriptorProto *proto, struct ql_field *field);
/* Extensions become fields of the message they extend: counted before the types
 * are filled, so that their space is reserved, and filled after. */
bool qli_extensions_count(struct qli_schema_build *build,
                          const Google__Protobuf__FileDescriptorProto *file);
bool qli_extensions_fill(struct qli_schema_build *build,
                         const Google__Protobuf__FileDescriptorProto *file);
/* Once a message has all its fields: the ways to find them. */
bool qli_fields_index(struct qli_schema_build *build, struct qli_message *made);
bool qli_methods_fill(struct qli_schema_build *build,
                      const Google__Protobuf__FileDescriptorProto *file);

/* The type a reference like ".questline.user.v1.User" means; NULL for none. */
const struct ql_message *qli_message_referred(const struct ql_schema *schema,
                                              const char *reference);

/* The type of an Any; also those of google.protobuf that only the embedded set has. */
const struct ql_message *qli_any_type(const struct ql_schema *schema, const char *full_name,
                                      bool adds_well_known);

/* Recognizes what JSON treats in its own way, refuses a map entry that is none. */
bool qli_message_finish(struct qli_schema_build *build, struct ql_message *message);

#endif
