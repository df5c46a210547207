/* JSON schemas (draft 2020-12) of messages, enums and fields, by the proto3 JSON
 * mapping (https://protobuf.dev/programming-guides/json/). */
#ifndef QL_OPENAPI_SCHEMA_H
#define QL_OPENAPI_SCHEMA_H

#include "tools/ql-openapi/types.h"

enum openapi_manner {
    OPENAPI_DESCRIBED, /* with the comment */
    OPENAPI_BARE,      /* without it: it stands beside */
    OPENAPI_DEFAULTED, /* as bare, with what an absent value means */
};

/* The schema of a field. */
void openapi_field_schema(struct openapi *openapi, const char *key, const struct ql_field *field,
                          enum openapi_way way, enum openapi_manner manner);

/* The schema of a message: a reference, or for a type that JSON writes in its own
 * way the schema itself. */
void openapi_message_schema(struct openapi *openapi, const char *key,
                            const struct ql_message *message, enum openapi_way way);

/* The schema of a message, spelled out, without the fields that skips chooses. */
typedef bool openapi_skip(const void *context, const struct ql_field *field);
void openapi_object_schema(struct openapi *openapi, const char *key,
                           const struct ql_message *message, enum openapi_way way,
                           openapi_skip *skips, const void *context);

/* The schema of a message of which a request sends what it changes: no field is
 * required. */
void openapi_part_schema(struct openapi *openapi, const char *key,
                         const struct ql_message *message);

/* Every type noted, as members of components.schemas. */
void openapi_type_schemas(struct openapi *openapi);

#endif
