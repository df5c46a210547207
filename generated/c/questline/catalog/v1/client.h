/* Made by scripts/generate.sh: calls of the methods of questline.catalog.v1. */
#ifndef QUESTLINE_CATALOG_V1_CLIENT_H
#define QUESTLINE_CATALOG_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/catalog/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code quest_command_service_create_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateQuestRequest *in,
    CreateQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestCommandService_CreateQuest, in,
                       &CreateQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_create_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateQuestRequest *in, CreateQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestCommandService_CreateQuest, in,
                          &CreateQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_check_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const CheckQuestRequest *in,
    CheckQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestCommandService_CheckQuest, in,
                       &CheckQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_check_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CheckQuestRequest *in, CheckQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestCommandService_CheckQuest, in,
                          &CheckQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_update_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const UpdateQuestRequest *in,
    UpdateQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestCommandService_UpdateQuest, in,
                       &UpdateQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_update_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UpdateQuestRequest *in, UpdateQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestCommandService_UpdateQuest, in,
                          &UpdateQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_archive_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const ArchiveQuestRequest *in,
    ArchiveQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestCommandService_ArchiveQuest, in,
                       &ArchiveQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_command_service_archive_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ArchiveQuestRequest *in, ArchiveQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestCommandService_ArchiveQuest, in,
                          &ArchiveQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_query_service_get_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetQuestRequest *in,
    GetQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestQueryService_GetQuest, in,
                       &GetQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_query_service_get_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetQuestRequest *in, GetQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestQueryService_GetQuest, in,
                          &GetQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_query_service_list_quests(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListQuestsRequest *in,
    ListQuestsResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestQueryService_ListQuests, in,
                       &ListQuestsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quest_query_service_list_quests_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListQuestsRequest *in, ListQuestsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestQueryService_ListQuests, in,
                          &ListQuestsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_create_reward(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateRewardRequest *in,
    CreateRewardResponse **ret_out)
{
    return ql_rpc_call(call, channel, RewardCommandService_CreateReward, in,
                       &CreateRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_create_reward_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateRewardRequest *in, CreateRewardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, RewardCommandService_CreateReward, in,
                          &CreateRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_update_reward(
    struct ql_call *call, struct ql_rpc_channel *channel, const UpdateRewardRequest *in,
    UpdateRewardResponse **ret_out)
{
    return ql_rpc_call(call, channel, RewardCommandService_UpdateReward, in,
                       &UpdateRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_update_reward_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UpdateRewardRequest *in, UpdateRewardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, RewardCommandService_UpdateReward, in,
                          &UpdateRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_archive_reward(
    struct ql_call *call, struct ql_rpc_channel *channel, const ArchiveRewardRequest *in,
    ArchiveRewardResponse **ret_out)
{
    return ql_rpc_call(call, channel, RewardCommandService_ArchiveReward, in,
                       &ArchiveRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_command_service_archive_reward_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ArchiveRewardRequest *in, ArchiveRewardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, RewardCommandService_ArchiveReward, in,
                          &ArchiveRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_query_service_get_reward(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetRewardRequest *in,
    GetRewardResponse **ret_out)
{
    return ql_rpc_call(call, channel, RewardQueryService_GetReward, in,
                       &GetRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_query_service_get_reward_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetRewardRequest *in, GetRewardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, RewardQueryService_GetReward, in,
                          &GetRewardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_query_service_list_rewards(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListRewardsRequest *in,
    ListRewardsResponse **ret_out)
{
    return ql_rpc_call(call, channel, RewardQueryService_ListRewards, in,
                       &ListRewardsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code reward_query_service_list_rewards_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListRewardsRequest *in, ListRewardsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, RewardQueryService_ListRewards, in,
                          &ListRewardsResponse_descriptor, ret_out);
}

#endif
