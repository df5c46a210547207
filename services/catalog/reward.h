/* A reward: what a completed quest gives. Pure rules on the contract's message; no I/O. */
#ifndef QL_CATALOG_REWARD_H
#define QL_CATALOG_REWARD_H

#include "platform/base/call.h"
#include "questline/catalog/v1/names.h"

enum { REWARD_NAME_MAX = 200, REWARD_ITEM_MAX = 64, REWARD_QTY_MAX = 1000000 };

/* Checks what an author may choose and reports every violation, with paths as
 * they are in the request ("reward.rewardName"). */
enum ql_code reward_validate(struct ql_call *call, const Reward *reward) QL_MUST_CHECK;

#endif
