/* What the catalog announces about rewards. */
#ifndef QL_CATALOG_REWARD_EVENTS_H
#define QL_CATALOG_REWARD_EVENTS_H

#include "platform/pg/pg.h"
#include "services/catalog/reward.h"

/* RewardChanged, with the whole reward; its id is derived from id and revision. */
enum ql_code reward_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct reward *reward) QL_MUST_CHECK;

#endif
