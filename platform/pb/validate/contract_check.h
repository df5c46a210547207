/* What a build makes sure of: that every rule of the contract can be enforced. */
#ifndef QL_PB_VALIDATE_CONTRACT_CHECK_H
#define QL_PB_VALIDATE_CONTRACT_CHECK_H

#include "platform/pb/schema/schema.h"

/* false with a text that begins with the place of the first fault, "….proto:12: …": a
 * rule that is not supported, does not fit its field or contradicts another; in our own
 * messages, a field that is (google.api.field_behavior) REQUIRED and has neither the rule
 * required nor IGNORE_ALWAYS, or has the rule and not the behavior; a list whose page_size
 * has no upper bound. */
bool ql_contract_check(const struct ql_schema *schema, char *error, size_t error_size);

#endif
