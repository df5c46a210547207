/* Conditions on the wire, in the database (as the contract's JSON) and in the
 * domain. Results live in the call's arena. */
#ifndef QL_CATALOG_CONDITION_PB_H
#define QL_CATALOG_CONDITION_PB_H

#include "questline/catalog/v1/names.h"
#include "services/catalog/condition.h"

/* Maps whatever is there; conditions_validate judges it. RESOURCE_EXHAUSTED. */
enum ql_code conditions_from_pb(struct ql_call *call, Condition *const *pb, size_t n_conditions,
                                const struct condition **ret_conditions) QL_MUST_CHECK;

/* NULL when the arena is full; not NULL for no conditions. */
Condition **conditions_to_pb(struct ql_call *call, const struct condition *conditions,
                             size_t n_conditions);

/* A JSON array of the contract's Condition, and the way back. */
enum ql_code conditions_to_json(struct ql_call *call, const struct condition *conditions,
                                size_t n_conditions, const char **ret_json) QL_MUST_CHECK;
enum ql_code conditions_from_json(struct ql_call *call, const char *json,
                                  const struct condition **ret_conditions,
                                  size_t *ret_n_conditions) QL_MUST_CHECK;

#endif
