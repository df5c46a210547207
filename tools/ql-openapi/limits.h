/* The rules of a field (buf.validate) as JSON Schema spells them. */
#ifndef QL_OPENAPI_LIMITS_H
#define QL_OPENAPI_LIMITS_H

#include "platform/pb/validate/rules.h"
#include "tools/ql-openapi/types.h"

/* The rules of a field, of what a client sends; NULL for none. In the arena. */
const struct ql_field_rules *openapi_rules(struct openapi *openapi, const struct ql_field *field,
                                           enum openapi_way way);

/* Members for the rules of one value, or of an array or a map as a whole. Numbers of
 * 64 bits, which JSON has as texts, have no members for their bounds. rules may be NULL. */
void openapi_limit_members(struct doc *doc, const struct ql_field *field,
                           const struct ql_field_rules *rules);

#endif
