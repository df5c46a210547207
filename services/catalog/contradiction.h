/* Conditions that no payload can meet together. */
#ifndef QL_CATALOG_CONTRADICTION_H
#define QL_CATALOG_CONTRADICTION_H

#include "services/catalog/condition.h"

/* Reports the first condition, as "quest.conditions[2]", that certainly no payload
 * meets together with the conditions before it: "greater than 5" behind "less than 3"
 * on the same field, or anything on "a.b" where "a" is a number. The conditions have
 * passed conditions_validate. INVALID_ARGUMENT. */
enum ql_code conditions_check_contradictions(struct ql_call *call, Condition *const *conditions,
                                             size_t n_conditions) QL_MUST_CHECK;

#endif
