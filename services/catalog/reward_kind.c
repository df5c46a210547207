/* What must hold between a reward and quests. */
#include "services/catalog/reward_kind.h"

#include "questline/catalog/v1/names.h"
#include "platform/resource/command.h"
#include "platform/resource/store.h"
#include "services/catalog/reward.h"

#include "reward_sql.h"

enum ql_code reward_hold(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                         const Reward **ret_reward)
{
    ProtobufCMessage *reward;
    enum ql_code rc =
        ql_resource_store_lock(call, tx, &reward_kind, &sql_reward_hold, reward_id, &reward);

    if (rc != QL_OK)
        return rc;
    *ret_reward = (const Reward *)reward;
    return QL_OK;
}

static enum ql_code check_fields(struct ql_call *call, const void *resource)
{
    return reward_validate(call, resource);
}

static enum ql_code check_archive(struct ql_call *call, struct ql_pg_tx *tx, const void *resource)
{
    const char *reward_id = ((const Reward *)resource)->reward_id;
    struct ql_pg_rows givers;
    enum ql_code rc = ql_pg_run(call, tx, &sql_reward_giver, &reward_id, 1, &givers);

    if (rc != QL_OK || givers.n_rows == 0)
        return rc;
    return ql_resource_refuse(call, "REWARD_IN_USE", "rewardId", "quest %s gives the reward",
                              ql_pg_text(&givers, 0, 0));
}

const struct ql_resource_kind reward_kind = {
    .name = "reward",
    .not_found_reason = "REWARD_NOT_FOUND",
    .archived_reason = "REWARD_ARCHIVED",
    .type = &Reward_descriptor,
    .changed = &RewardChanged_descriptor,
    .event_type = EVENT_REWARD_CHANGED,
    .statements = {.put = &sql_reward_put,
                   .get = &sql_reward_get,
                   .lock = &sql_reward_lock,
                   .get_revision = &sql_reward_get_revision,
                   .list = &sql_reward_list,
                   .list_open = &sql_reward_list_open},
    .check_fields = check_fields,
    .check_archive = check_archive,
};
