/* Rewards as a kind of resource: their names, their statements, and what must hold
 * between a reward and the quests that give it. */
#ifndef QL_CATALOG_REWARD_KIND_H
#define QL_CATALOG_REWARD_KIND_H

#include "questline/catalog/v1/names.h"
#include "platform/resource/kind.h"

extern const struct ql_resource_kind reward_kind;

/* The newest revision, for a quest to give: it stays as it is before the transaction
 * ends. NOT_FOUND (REWARD_NOT_FOUND). */
enum ql_code reward_hold(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                         const Reward **ret_reward) QL_MUST_CHECK;

#endif
