/* The contract at run time: what a FileDescriptorSet says about messages,
 * fields, enums and methods, our own options included.
 *
 * A schema is read once (from the set that every process embeds, or from one
 * got by reflection) and is immutable afterwards: any thread may read it. */
#ifndef QL_PB_SCHEMA_SCHEMA_H
#define QL_PB_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/attributes.h"

/* The embedded descriptor set (generated/questline.desc). */
extern const unsigned char ql_descriptor_set[];
extern const size_t ql_descriptor_set_length;

enum ql_field_type { /* numbers of FieldDescriptorProto.Type */
                     QL_TYPE_DOUBLE = 1,
                     QL_TYPE_FLOAT = 2,
                     QL_TYPE_INT64 = 3,
                     QL_TYPE_UINT64 = 4,
                     QL_TYPE_INT32 = 5,
                     QL_TYPE_FIXED64 = 6,
                     QL_TYPE_FIXED32 = 7,
                     QL_TYPE_BOOL = 8,
                     QL_TYPE_STRING = 9,
                     QL_TYPE_GROUP = 10,
                     QL_TYPE_MESSAGE = 11,
                     QL_TYPE_BYTES = 12,
                     QL_TYPE_UINT32 = 13,
                     QL_TYPE_ENUM = 14,
                     QL_TYPE_SFIXED32 = 15,
                     QL_TYPE_SFIXED64 = 16,
                     QL_TYPE_SINT32 = 17,
                     QL_TYPE_SINT64 = 18,
};

/* What a message means to JSON, beyond its fields. */
enum ql_well_known {
    QL_WELL_KNOWN_NONE = 0,
    QL_WELL_KNOWN_ANY,
    QL_WELL_KNOWN_TIMESTAMP,
    QL_WELL_KNOWN_DURATION,
    QL_WELL_KNOWN_FIELD_MASK,
    QL_WELL_KNOWN_STRUCT,
    QL_WELL_KNOWN_VALUE,
    QL_WELL_KNOWN_LIST_VALUE,
    QL_WELL_KNOWN_WRAPPER, /* DoubleValue ... BytesValue: the value alone */
};

enum ql_access { /* numbers of questline.rpc.v1.Access */
                 QL_ACCESS_UNSPECIFIED = 0,
                 QL_ACCESS_PUBLIC = 1,
                 QL_ACCESS_USER = 2,
                 QL_ACCESS_ADMIN = 3,
                 QL_ACCESS_INTERNAL = 4,
                 QL_ACCESS_PUBLISHER = 5,
                 QL_ACCESS_OPERATOR = 6,
};

struct ql_enum_value {
    const char *name;
    int32_t number;
    const char *comment;
};

struct ql_enum {
    const char *full_name;
    const struct ql_enum_value *values;
    size_t n_values;
    bool is_closed; /* proto2 */
    const char *comment;
};

struct ql_field {
    const char *name;      /* "user_id" */
    const char *json_name; /* "userId" */
    uint32_t number;
    enum ql_field_type type;
    bool is_repeated;
    bool is_packed;         /* written packed; both forms are read */
    bool is_map;            /* repeated entry message with key and value */
    bool has_presence;      /* message, oneof member, proto2 or proto3 optional */
    bool is_secret;         /* (questline.rpc.v1.secret) */
    bool is_mandatory;      /* proto2 required: without it the message is none */
    bool is_extension;      /* named "[package.name]", as JSON spells it */
    bool is_text_checked;   /* a string of proto3: must be UTF-8 */
    bool is_required;       /* (google.api.field_behavior) REQUIRED */
    bool is_output_only;    /* (google.api.field_behavior) OUTPUT_ONLY */
    bool is_immutable;      /* (google.api.field_behavior) IMMUTABLE */
    int oneof_index;        /* -1: none (a synthetic oneof of proto3 optional: none) */
    const char *oneof_name; /* NULL: none */
    const void *rules;      /* (buf.validate.field), on the wire; NULL: none */
    size_t rules_length;
    const char *declared_at;           /* of a field with rules: ".../user.proto:12" */
    const struct ql_message *message;  /* for MESSAGE and GROUP */
    const struct ql_enum *enumeration; /* for ENUM */
    const char *comment;
    const char *example; /* (questline.rpc.v1.example); NULL: none */
};

struct ql_oneof {
    const char *name;
    bool is_required; /* (buf.validate.oneof).required: one of its fields must be set */
};

struct ql_message {
    const char *full_name;         /* "questline.user.v1.User" */
    const struct ql_field *fields; /* in order of declaration, extensions behind */
    size_t n_fields;
    const struct ql_oneof *oneofs; /* by ql_field.oneof_index */
    size_t n_oneofs;
    enum ql_well_known well_known;
    bool is_map_entry;
    bool is_message_set; /* proto2 message_set_wire_format */
    const char *comment;
};

struct ql_http_rule {
    const char *verb;          /* "GET"; NULL: the method has no route */
    const char *path;          /* "/v1/users/{user_id}" */
    const char *body;          /* "", "*" or a field name */
    const char *response_body; /* "" or a field name */
};

struct ql_method {
    const char *full_name; /* "questline.user.v1.UserService/GetUser" */
    const char *service;   /* "questline.user.v1.UserService" */
    const char *domain;    /* "user": the component after "questline."; "" for others */
    const struct ql_message *input;
    const struct ql_message *output;
    enum ql_access access;
    const char *callers;        /* services that may call it, by spaces; "" for none */
    const char *const *reasons; /* how it fails: "NOT_FOUND/QUEST_NOT_FOUND", or a code alone */
    size_t n_reasons;
    const struct ql_field *owner; /* of input; NULL: none */
    const struct ql_field
        *update_mask; /* of input, a FieldMask: what an update names; NULL: none */
    bool is_fast;
    bool takes_etag; /* its request names the etag that the resource must have */
    bool takes_key;  /* (questline.rpc.v1.idempotency_key) */
    bool is_safe;    /* reads only (idempotency_level NO_SIDE_EFFECTS): may be repeated */
    struct ql_http_rule http;
    const char *comment;
    const char *service_comment;
};

struct ql_schema;

/* Reads a FileDescriptorSet (which must hold its imports). NULL when it is
 * malformed or names a type it does not hold; error then says what. The caller
 * frees the schema, and it must outlive everything taken from it. */
struct ql_schema *ql_schema_new(const void *bytes, size_t length, char *error, size_t error_size);
void ql_schema_free(struct ql_schema *schema); /* NULL is fine */

/* The schema of the embedded set, read at the first use and never freed before
 * exit. Aborts when the embedded set is broken. Any thread. */
const struct ql_schema *ql_schema_embedded(void);

const struct ql_message *ql_schema_message(const struct ql_schema *schema, const char *full_name);
const struct ql_enum *ql_schema_enum(const struct ql_schema *schema, const char *full_name);
const struct ql_method *ql_schema_method(const struct ql_schema *schema, const char *full_name);
/* All methods, in order of declaration. */
const struct ql_method *ql_schema_methods(const struct ql_schema *schema, size_t *ret_count);

/* All event types, and all queues, in order of declaration (schema_events.h). */
struct ql_event_type;
struct ql_event_queue;
const struct ql_event_type *ql_schema_event_types(const struct ql_schema *schema,
                                                  size_t *ret_count);
const struct ql_event_queue *ql_schema_event_queues(const struct ql_schema *schema,
                                                    size_t *ret_count);
/* NULL when the contract declares no such type. */
const struct ql_event_type *ql_schema_event_type(const struct ql_schema *schema, const char *type);
/* The service that publishes the events of game servers; "" when there is none. */
const char *ql_schema_custom_publisher(const struct ql_schema *schema);

const struct ql_field *ql_message_field_by_number(const struct ql_message *message,
                                                  uint32_t number);
/* By json_name or original name; name need not end with a NUL. */
const struct ql_field *ql_message_field_by_name(const struct ql_message *message, const char *name,
                                                size_t length);
const struct ql_enum_value *ql_enum_by_number(const struct ql_enum *enumeration, int32_t number);
const struct ql_enum_value *ql_enum_by_name(const struct ql_enum *enumeration, const char *name,
                                            size_t length);

#endif
