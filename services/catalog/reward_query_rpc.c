/* RewardQueryService: reads rewards; query.h says from where. */
#include "platform/pb/message.h"
#include "services/catalog/catalog.h"
#include "services/catalog/reward_pb.h"
#include "services/catalog/query.h"

static bool reward_rpc_peek(struct ql_call *call, const GetRewardRequest *in,
                            struct ql_rpc_bytes *ret_out)
{
    return query_peek(call, MODEL_REWARDS, in->reward_id, in->revision, ret_out);
}

/* GetReward: one revision of a reward, 0 for the newest. */
static enum ql_code reward_rpc_get(struct ql_call *call, const GetRewardRequest *in,
                                   GetRewardResponse *out)
{
    struct ql_copy_item item;
    enum ql_code rc;

    rc = query_get(call, MODEL_REWARDS, "rewardId", in->reward_id, in->revision, &item);
    if (rc != QL_OK)
        return rc;
    return ql_message_unpack(call, &Reward_descriptor, item.bytes, item.length, &out->reward);
}

static bool reward_rpc_peek_list(struct ql_call *call, const ListRewardsRequest *in,
                                 struct ql_rpc_bytes *ret_out)
{
    return query_peek_page(call, MODEL_REWARDS, in, in->show_archived != 0, ret_out);
}

/* ListRewards: the newest revision of every reward, by id. */
static enum ql_code reward_rpc_list(struct ql_call *call, const ListRewardsRequest *in,
                                    ListRewardsResponse *out)
{
    struct ql_copy_page page;
    char *next_token;
    enum ql_code rc;

    rc = query_list(call, MODEL_REWARDS, in, in->show_archived != 0, &page, &next_token);
    if (rc != QL_OK)
        return rc;
    out->rewards = ql_arena_calloc(call->arena, page.n_items + 1, sizeof(*out->rewards));
    if (out->rewards == NULL)
        return ql_fail_memory(call);
    for (; rc == QL_OK && out->n_rewards < page.n_items; out->n_rewards++)
        rc = ql_message_unpack(call, &Reward_descriptor, page.items[out->n_rewards].bytes,
                               page.items[out->n_rewards].length, &out->rewards[out->n_rewards]);
    out->next_page_token = next_token;
    return rc;
}

QL_RPC_FAST_HANDLER(reward_rpc_peek, GetRewardRequest)
QL_RPC_FAST_HANDLER(reward_rpc_peek_list, ListRewardsRequest)
QL_RPC_HANDLER(reward_rpc_get, GetRewardRequest, GetRewardResponse)
QL_RPC_HANDLER(reward_rpc_list, ListRewardsRequest, ListRewardsResponse)

const struct ql_rpc_method reward_query_methods[] = {
    QL_RPC_FAST_METHOD("questline.catalog.v1.RewardQueryService/GetReward", reward_rpc_peek,
                       reward_rpc_get, GetRewardRequest, GetRewardResponse, QL_LANE_NORMAL),
    QL_RPC_FAST_METHOD("questline.catalog.v1.RewardQueryService/ListRewards", reward_rpc_peek_list,
                       reward_rpc_list, ListRewardsRequest, ListRewardsResponse, QL_LANE_NORMAL),
    {0},
};
