/* RewardCommandService and RewardQueryService: rewards as a kind of resource. */
#include "services/catalog/resource_rpc.h"
#include "services/catalog/reward_kind.h"

CATALOG_COMMAND(RewardCommandService_CreateReward, ql_resource_create, reward_kind)
CATALOG_COMMAND(RewardCommandService_UpdateReward, ql_resource_update, reward_kind)
CATALOG_COMMAND(RewardCommandService_ArchiveReward, ql_resource_archive, reward_kind)
CATALOG_QUERY(RewardQueryService_GetReward, ql_query_serve_cached, ql_query_get, CATALOG_REWARDS)
CATALOG_QUERY(RewardQueryService_ListRewards, ql_query_page_serve_cached, ql_query_page_list,
              CATALOG_REWARDS)
