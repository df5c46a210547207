/* The rules of a field, read from what the contract says (buf.validate) and held
 * against what platform/pb/validate can enforce. */
#ifndef QL_PB_VALIDATE_RULES_H
#define QL_PB_VALIDATE_RULES_H

#include "platform/pb/schema/schema.h"
#include "platform/pb/validate/rule.h"

/* Reads the rules of a field into the arena; *ret_rules is NULL when it has none.
 * false, with a text that begins with the field's place in error, for a rule that is
 * not supported, does not fit the field's type, or contradicts another. */
bool ql_field_rules_read(struct ql_arena *arena, const struct ql_field *field,
                         const struct ql_field_rules **ret_rules, char *error,
                         size_t error_size) QL_MUST_CHECK;

#endif
