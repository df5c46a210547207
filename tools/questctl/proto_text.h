/* Declarations of the contract as the text of a .proto file, comments included. */
#ifndef QUESTCTL_PROTO_TEXT_H
#define QUESTCTL_PROTO_TEXT_H

#include "platform/base/buffer.h"
#include "platform/pb/schema/schema.h"

void proto_text_message(const struct ql_message *message, struct ql_buffer *out);
void proto_text_enum(const struct ql_enum *enumeration, struct ql_buffer *out);
void proto_text_method(const struct ql_method *method, struct ql_buffer *out);
/* All methods of the schema that belong to it. */
void proto_text_service(const struct ql_schema *schema, const char *service, struct ql_buffer *out);

/* "user", "admin", ... */
const char *access_word(enum ql_access access);

#endif
