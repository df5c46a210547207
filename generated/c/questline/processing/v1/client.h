/* Made by scripts/generate.sh: calls of the methods of questline.processing.v1. */
#ifndef QUESTLINE_PROCESSING_V1_CLIENT_H
#define QUESTLINE_PROCESSING_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/processing/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code audit_service_list_audit_entries(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListAuditEntriesRequest *in,
    ListAuditEntriesResponse **ret_out)
{
    return ql_rpc_call(call, channel, AuditService_ListAuditEntries, in,
                       &ListAuditEntriesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code audit_service_list_audit_entries_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListAuditEntriesRequest *in, ListAuditEntriesResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AuditService_ListAuditEntries, in,
                          &ListAuditEntriesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_list_dead_letters(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListDeadLettersRequest *in,
    ListDeadLettersResponse **ret_out)
{
    return ql_rpc_call(call, channel, DeadLetterService_ListDeadLetters, in,
                       &ListDeadLettersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_list_dead_letters_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListDeadLettersRequest *in, ListDeadLettersResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, DeadLetterService_ListDeadLetters, in,
                          &ListDeadLettersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_replay_dead_letter(
    struct ql_call *call, struct ql_rpc_channel *channel, const ReplayDeadLetterRequest *in,
    ReplayDeadLetterResponse **ret_out)
{
    return ql_rpc_call(call, channel, DeadLetterService_ReplayDeadLetter, in,
                       &ReplayDeadLetterResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_replay_dead_letter_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ReplayDeadLetterRequest *in, ReplayDeadLetterResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, DeadLetterService_ReplayDeadLetter, in,
                          &ReplayDeadLetterResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_drop_dead_letter(
    struct ql_call *call, struct ql_rpc_channel *channel, const DropDeadLetterRequest *in,
    DropDeadLetterResponse **ret_out)
{
    return ql_rpc_call(call, channel, DeadLetterService_DropDeadLetter, in,
                       &DropDeadLetterResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code dead_letter_service_drop_dead_letter_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const DropDeadLetterRequest *in, DropDeadLetterResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, DeadLetterService_DropDeadLetter, in,
                          &DropDeadLetterResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code event_service_list_events(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListEventsRequest *in,
    ListEventsResponse **ret_out)
{
    return ql_rpc_call(call, channel, EventService_ListEvents, in,
                       &ListEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code event_service_list_events_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListEventsRequest *in, ListEventsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, EventService_ListEvents, in,
                          &ListEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code event_service_list_user_events(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListUserEventsRequest *in,
    ListUserEventsResponse **ret_out)
{
    return ql_rpc_call(call, channel, EventService_ListUserEvents, in,
                       &ListUserEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code event_service_list_user_events_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListUserEventsRequest *in, ListUserEventsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, EventService_ListUserEvents, in,
                          &ListUserEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code progress_service_list_progress(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListProgressRequest *in,
    ListProgressResponse **ret_out)
{
    return ql_rpc_call(call, channel, ProgressService_ListProgress, in,
                       &ListProgressResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code progress_service_list_progress_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListProgressRequest *in, ListProgressResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ProgressService_ListProgress, in,
                          &ListProgressResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code progress_service_rebuild_progress(
    struct ql_call *call, struct ql_rpc_channel *channel, const RebuildProgressRequest *in,
    RebuildProgressResponse **ret_out)
{
    return ql_rpc_call(call, channel, ProgressService_RebuildProgress, in,
                       &RebuildProgressResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code progress_service_rebuild_progress_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const RebuildProgressRequest *in, RebuildProgressResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, ProgressService_RebuildProgress, in,
                          &RebuildProgressResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code publish_service_publish_events(
    struct ql_call *call, struct ql_rpc_channel *channel, const PublishEventsRequest *in,
    PublishEventsResponse **ret_out)
{
    return ql_rpc_call(call, channel, PublishService_PublishEvents, in,
                       &PublishEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code publish_service_publish_events_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const PublishEventsRequest *in, PublishEventsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, PublishService_PublishEvents, in,
                          &PublishEventsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code try_out_service_try_out_quest(
    struct ql_call *call, struct ql_rpc_channel *channel, const TryOutQuestRequest *in,
    TryOutQuestResponse **ret_out)
{
    return ql_rpc_call(call, channel, TryOutService_TryOutQuest, in,
                       &TryOutQuestResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code try_out_service_try_out_quest_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const TryOutQuestRequest *in, TryOutQuestResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, TryOutService_TryOutQuest, in,
                          &TryOutQuestResponse_descriptor, ret_out);
}

#endif
