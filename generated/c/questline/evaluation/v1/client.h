/* Made by scripts/generate.sh: calls of the methods of questline.evaluation.v1. */
#ifndef QUESTLINE_EVALUATION_V1_CLIENT_H
#define QUESTLINE_EVALUATION_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/evaluation/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code leaderboard_service_get_leaderboard(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetLeaderboardRequest *in,
    GetLeaderboardResponse **ret_out)
{
    return ql_rpc_call(call, channel, LeaderboardService_GetLeaderboard, in,
                       &GetLeaderboardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_get_leaderboard_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetLeaderboardRequest *in, GetLeaderboardResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, LeaderboardService_GetLeaderboard, in,
                          &GetLeaderboardResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_get_rank(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetRankRequest *in,
    GetRankResponse **ret_out)
{
    return ql_rpc_call(call, channel, LeaderboardService_GetRank, in,
                       &GetRankResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_get_rank_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetRankRequest *in, GetRankResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, LeaderboardService_GetRank, in,
                          &GetRankResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_list_leaderboards(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListLeaderboardsRequest *in,
    ListLeaderboardsResponse **ret_out)
{
    return ql_rpc_call(call, channel, LeaderboardService_ListLeaderboards, in,
                       &ListLeaderboardsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_list_leaderboards_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListLeaderboardsRequest *in, ListLeaderboardsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, LeaderboardService_ListLeaderboards, in,
                          &ListLeaderboardsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_rebuild_leaderboards(
    struct ql_call *call, struct ql_rpc_channel *channel, const RebuildLeaderboardsRequest *in,
    RebuildLeaderboardsResponse **ret_out)
{
    return ql_rpc_call(call, channel, LeaderboardService_RebuildLeaderboards, in,
                       &RebuildLeaderboardsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code leaderboard_service_rebuild_leaderboards_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const RebuildLeaderboardsRequest *in, RebuildLeaderboardsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, LeaderboardService_RebuildLeaderboards, in,
                          &RebuildLeaderboardsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_get_user_stats(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetUserStatsRequest *in,
    GetUserStatsResponse **ret_out)
{
    return ql_rpc_call(call, channel, StatsService_GetUserStats, in,
                       &GetUserStatsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_get_user_stats_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetUserStatsRequest *in, GetUserStatsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, StatsService_GetUserStats, in,
                          &GetUserStatsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_list_quiz_results(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListQuizResultsRequest *in,
    ListQuizResultsResponse **ret_out)
{
    return ql_rpc_call(call, channel, StatsService_ListQuizResults, in,
                       &ListQuizResultsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_list_quiz_results_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListQuizResultsRequest *in, ListQuizResultsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, StatsService_ListQuizResults, in,
                          &ListQuizResultsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_list_question_stats(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListQuestionStatsRequest *in,
    ListQuestionStatsResponse **ret_out)
{
    return ql_rpc_call(call, channel, StatsService_ListQuestionStats, in,
                       &ListQuestionStatsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code stats_service_list_question_stats_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListQuestionStatsRequest *in, ListQuestionStatsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, StatsService_ListQuestionStats, in,
                          &ListQuestionStatsResponse_descriptor, ret_out);
}

#endif
