/* RewardCommandService and RewardQueryService: rewards as a kind of resource. */
#include "questline/catalog/v1/server.h"
#include "services/catalog/cache/query.h"
#include "services/catalog/cache/query_page.h"
#include "services/catalog/catalog.h"
#include "services/catalog/resource/command.h"
#include "services/catalog/reward_kind.h"

static enum ql_code create_reward(struct ql_call *call, const CreateRewardRequest *in,
                                  CreateRewardResponse *out)
{
    return resource_create(call, &reward_kind, &in->base, &out->base);
}

static enum ql_code update_reward(struct ql_call *call, const UpdateRewardRequest *in,
                                  UpdateRewardResponse *out)
{
    return resource_update(call, &reward_kind, &in->base, &out->base);
}

static enum ql_code archive_reward(struct ql_call *call, const ArchiveRewardRequest *in,
                                   ArchiveRewardResponse *out)
{
    return resource_archive(call, &reward_kind, &in->base, &out->base);
}

static bool serve_cached_reward(struct ql_call *call, const GetRewardRequest *in,
                                struct ql_rpc_bytes *ret_out)
{
    struct catalog *catalog = call->app;

    return query_serve_cached(call, &catalog->reads, CATALOG_REWARDS, &in->base, ret_out);
}

static enum ql_code get_reward(struct ql_call *call, const GetRewardRequest *in,
                               GetRewardResponse *out)
{
    struct catalog *catalog = call->app;

    return query_get(call, &catalog->reads, CATALOG_REWARDS, &in->base, &out->base);
}

static bool serve_cached_rewards(struct ql_call *call, const ListRewardsRequest *in,
                                 struct ql_rpc_bytes *ret_out)
{
    struct catalog *catalog = call->app;

    return query_page_serve_cached(call, &catalog->reads, CATALOG_REWARDS, &in->base, ret_out);
}

static enum ql_code list_rewards(struct ql_call *call, const ListRewardsRequest *in,
                                 ListRewardsResponse *out)
{
    struct catalog *catalog = call->app;

    return query_page_list(call, &catalog->reads, CATALOG_REWARDS, &in->base, &out->base);
}

QL_RPC_SERVE(RewardCommandService_CreateReward, create_reward)
QL_RPC_SERVE(RewardCommandService_UpdateReward, update_reward)
QL_RPC_SERVE(RewardCommandService_ArchiveReward, archive_reward)
QL_RPC_SERVE_FAST(RewardQueryService_GetReward, serve_cached_reward, get_reward)
QL_RPC_SERVE_FAST(RewardQueryService_ListRewards, serve_cached_rewards, list_rewards)
