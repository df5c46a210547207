/* A reward: what a completed quest gives. Pure rules on the contract's message; no I/O. */
#ifndef QL_CATALOG_REWARD_H
#define QL_CATALOG_REWARD_H

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"

/* Checks what an author may choose and reports every violation, with paths as they are in
 * the request ("reward.rewardName"): the rules of the contract, and of a reward that keeps
 * those what they cannot say. */
enum ql_code reward_validate(struct ql_call *call, const Reward *reward) QL_MUST_CHECK;

#endif
