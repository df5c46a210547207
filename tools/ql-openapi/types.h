/* The messages and enums that the API reaches, each under a short name, and what
 * the writers of the document share. */
#ifndef QL_OPENAPI_TYPES_H
#define QL_OPENAPI_TYPES_H

#include "tools/ql-openapi/doc.h"
#include "platform/base/arena.h"
#include "platform/pb/schema/schema.h"

/* A message is described once for each way it travels: what a client sends has no
 * fields of the server's, what it gets has no secrets and is complete. */
enum openapi_way { OPENAPI_IN = 1, OPENAPI_OUT = 2 };

struct openapi_type {
    const struct ql_message *message; /* or */
    const struct ql_enum *enumeration;
    const char *full_name;
    const char *short_name; /* "User", "Outer.Inner" */
    unsigned ways;
    struct openapi_type *next; /* by short name, then full name */
};

struct openapi {
    struct ql_arena *arena;
    struct openapi_type *types;
    struct doc doc;
    bool is_full; /* the arena gave out */
};

/* Notes the message and all that its fields reach. */
void openapi_reach(struct openapi *openapi, const struct ql_message *message, enum openapi_way way);
/* The same for the type of one field. */
void openapi_reach_field(struct openapi *openapi, const struct ql_field *field,
                         enum openapi_way way);

/* What the type is called, once all are noted: its short name where that is
 * unique; "QuestInput" for the way in of a message that goes both ways. In the
 * arena; "" when it is full. */
const char *openapi_type_name(struct openapi *openapi, const struct openapi_type *type,
                              enum openapi_way way);

/* "#/components/schemas/User". */
const char *openapi_message_ref(struct openapi *openapi, const struct ql_message *message,
                                enum openapi_way way);
const char *openapi_enum_ref(struct openapi *openapi, const struct ql_enum *enumeration);

/* Whether the field is part of the message in this way. */
bool openapi_shows(const struct ql_field *field, enum openapi_way way);

/* google.protobuf.NullValue: null in JSON. */
bool openapi_is_null(const struct ql_field *field);

#endif
