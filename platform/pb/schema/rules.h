/* The rules of a field and of oneofs, which platform/pb/validate reads. */
#ifndef QLI_PB_SCHEMA_RULES_H
#define QLI_PB_SCHEMA_RULES_H

#include "platform/pb/schema/comments.h"

/* Keeps the rules of a field that has this declaration. */
bool qli_field_rules_keep(struct qli_schema_build *build, const struct qli_declaration *declaration,
                          const Google__Protobuf__FieldDescriptorProto *proto,
                          struct ql_field *field);

/* Fills the message's oneofs. */
bool qli_oneofs_fill(struct qli_schema_build *build, const Google__Protobuf__DescriptorProto *proto,
                     struct ql_message *message);

#endif
