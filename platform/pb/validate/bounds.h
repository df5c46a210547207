/* Whether the rules of a field leave a value, and bound the work of checking one. */
#ifndef QLI_PB_VALIDATE_BOUNDS_H
#define QLI_PB_VALIDATE_BOUNDS_H

#include "platform/pb/schema/schema.h"
#include "platform/pb/validate/rule.h"

/* What is wrong with the rules of a field, or of its keys or elements, a text that lives as
 * long as the program, or NULL. */
const char *qli_bounds_fault(const struct ql_field *field, const struct ql_field_rules *rules);

#endif
