/* Rewards on the wire and in the domain. */
#ifndef QL_CATALOG_REWARD_PB_H
#define QL_CATALOG_REWARD_PB_H

#include "questline/catalog/v1/names.h"
#include "services/catalog/reward.h"

/* The reward an author asks for, valid, without id; INVALID_ARGUMENT with every
 * violation. */
enum ql_code reward_from_pb(struct ql_call *call, const Reward *pb,
                            struct reward *ret_reward) QL_MUST_CHECK;

/* With its etag. In the call's arena; NULL when that is full. */
Reward *reward_to_pb(struct ql_call *call, const struct reward *reward);

#endif
