/* RewardCommandService and RewardQueryService: rewards as a kind of resource. */
#include "services/catalog/resource_rpc.h"
#include "services/catalog/reward_kind.h"

CATALOG_COMMAND(RewardCommandService_CreateReward, resource_create, reward_kind)
CATALOG_COMMAND(RewardCommandService_UpdateReward, resource_update, reward_kind)
CATALOG_COMMAND(RewardCommandService_ArchiveReward, resource_archive, reward_kind)
CATALOG_QUERY(RewardQueryService_GetReward, query_serve_cached, query_get, CATALOG_REWARDS)
CATALOG_QUERY(RewardQueryService_ListRewards, query_page_serve_cached, query_page_list,
              CATALOG_REWARDS)
