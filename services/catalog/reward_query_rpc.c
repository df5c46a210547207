/* RewardQueryService: reads rewards, through the role that may only read. */
#include "platform/service/page.h"
#include "services/catalog/catalog.h"
#include "services/catalog/reward_pb.h"
#include "services/catalog/reward_store.h"

/* GetReward: one revision of a reward, 0 for the newest. */
static enum ql_code reward_rpc_get(struct ql_call *call, const GetRewardRequest *in,
                                   GetRewardResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct reward reward;
    enum ql_code rc = QL_OK;

    if (!ql_uuid_is_valid(in->reward_id))
        rc = ql_violate(call, "rewardId", "must be a UUID");
    if (in->revision < 0)
        rc = ql_violate(call, "revision", "must not be negative");
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->read, &tx);
    if (rc != QL_OK)
        return rc;
    rc = reward_store_get(call, tx, in->reward_id, in->revision, &reward);
    if (rc != QL_OK)
        return rc;
    out->reward = reward_to_pb(call, &reward);
    return out->reward == NULL ? ql_fail_memory(call) : QL_OK;
}

/* The page: as many of the rewards as were asked for and as fit into one answer. */
static enum ql_code fill_page(struct ql_call *call, const struct reward *rewards, size_t n_rewards,
                              size_t n_asked, ListRewardsResponse *out)
{
    size_t bytes = 0;

    out->rewards = ql_arena_calloc(call->arena, n_rewards, sizeof(*out->rewards));
    if (out->rewards == NULL && n_rewards > 0)
        return ql_fail_memory(call);
    while (out->n_rewards < n_rewards && out->n_rewards < n_asked && bytes < QL_PAGE_MAX_BYTES) {
        Reward *reward = reward_to_pb(call, &rewards[out->n_rewards]);

        if (reward == NULL)
            return ql_fail_memory(call);
        bytes += Reward_pack_size(reward);
        out->rewards[out->n_rewards++] = reward;
    }
    if (out->n_rewards < n_rewards)
        out->next_page_token = out->rewards[out->n_rewards - 1]->reward_id;
    return QL_OK;
}

/* ListRewards: the newest revision of every reward, by id. */
static enum ql_code reward_rpc_list(struct ql_call *call, const ListRewardsRequest *in,
                                    ListRewardsResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct reward *rewards;
    const char *after;
    size_t n_rewards;
    int n_asked;
    enum ql_code rc, token_rc;

    rc = ql_page_size_read(call, in->page_size, &n_asked);
    token_rc = ql_page_after_uuid(call, in->page_token, &after);
    if (rc != QL_OK || token_rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    rc = ql_pg_begin(call, app->read, &tx);
    if (rc != QL_OK)
        return rc;
    /* One more than asked for tells whether a page follows. */
    rc = reward_store_list(call, tx, after, false, n_asked + 1, &rewards, &n_rewards);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, rewards, n_rewards, (size_t)n_asked, out);
}

QL_RPC_HANDLER(reward_rpc_get, GetRewardRequest, GetRewardResponse)
QL_RPC_HANDLER(reward_rpc_list, ListRewardsRequest, ListRewardsResponse)

const struct ql_rpc_method reward_query_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.RewardQueryService/GetReward", reward_rpc_get,
                  GetRewardRequest, GetRewardResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.RewardQueryService/ListRewards", reward_rpc_list,
                  ListRewardsRequest, ListRewardsResponse, QL_LANE_NORMAL),
    {0},
};
