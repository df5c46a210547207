/* pb <-> domain for quests, and the check of the fields. */
#include "services/catalog/quest_pb.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "platform/pb/timestamp.h"
#include "services/catalog/condition_pb.h"

static_assert((int)QUEST_EVERY_EVENT == (int)STREAK_RULE_EVERY_EVENT &&
                  (int)QUEST_DAILY_IN_A_ROW == (int)STREAK_RULE_DAILY_IN_A_ROW,
              "the domain has the contract's numbers");

/* Seconds since 1970 of 2000-01-01 and of 10000-01-01. */
static const int64_t oldest_s = 946684800;
static const int64_t newest_s = 253402300800;

/* Events have milliseconds, and so have the times that they are compared with. */
static enum ql_code time_from_pb(struct ql_call *call, const char *field,
                                 const Google__Protobuf__Timestamp *pb, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (pb == NULL)
        return QL_OK;
    if (pb->seconds < oldest_s || pb->seconds >= newest_s || pb->nanos < 0 ||
        pb->nanos >= 1000000000)
        return ql_violate(call, field, "must be a time from 2000 to 9999");
    *ret_ms = ql_timestamp_ms(pb);
    return QL_OK;
}

/* NULL for no time, or when the arena is full. */
static Google__Protobuf__Timestamp *time_to_pb(struct ql_call *call, int64_t unix_ms)
{
    return unix_ms == 0 ? NULL : ql_timestamp_new(call, unix_ms);
}

enum ql_code quest_from_pb(struct ql_call *call, const Quest *pb, struct quest *ret_quest)
{
    struct quest quest = {0};
    enum ql_code rc, times_rc;

    rc = conditions_from_pb(call, pb->conditions, pb->n_conditions, &quest.conditions);
    if (rc != QL_OK)
        return rc;
    ql_uuid_copy(quest.quest_id, pb->quest_id);
    ql_uuid_copy(quest.reward_id, pb->reward_id);
    ql_uuid_copy(quest.prerequisite_quest_id, pb->prerequisite_quest_id);
    quest.name = pb->name;
    quest.description = pb->description;
    quest.streak = pb->streak;
    quest.duplication = pb->duplication;
    quest.auto_claim = pb->auto_claim != 0;
    quest.event_types = (const char **)pb->event_types;
    quest.n_event_types = pb->n_event_types;
    quest.n_conditions = pb->n_conditions;
    quest.streak_rule = (enum quest_streak_rule)pb->streak_rule;
    if (pb->streak_rule == STREAK_RULE_UNSPECIFIED)
        quest.streak_rule = QUEST_EVERY_EVENT;
    quest.backfill = pb->backfill != 0;
    times_rc = time_from_pb(call, "quest.startsAt", pb->starts_at, &quest.starts_ms);
    if (time_from_pb(call, "quest.endsAt", pb->ends_at, &quest.ends_ms) != QL_OK)
        times_rc = QL_INVALID_ARGUMENT;
    *ret_quest = quest;
    return quest_validate(call, &quest) != QL_OK ? QL_INVALID_ARGUMENT : times_rc;
}

Quest *quest_to_pb(struct ql_call *call, const struct quest *quest)
{
    Quest *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    Google__Protobuf__Timestamp *revised_at = time_to_pb(call, quest->revised_ms);
    char *quest_id = ql_arena_strdup(call->arena, quest->quest_id);
    char *reward_id = ql_arena_strdup(call->arena, quest->reward_id);

    char *prerequisite = ql_arena_strdup(call->arena, quest->prerequisite_quest_id);
    char *etag = ql_arena_printf(call->arena, "%" PRId64, quest->revision);

    if (pb == NULL || revised_at == NULL || quest_id == NULL || reward_id == NULL ||
        prerequisite == NULL || etag == NULL)
        return NULL;
    Quest_init(pb);
    pb->quest_id = quest_id;
    pb->reward_id = reward_id;
    pb->name = (char *)quest->name;
    pb->description = (char *)quest->description;
    pb->streak = quest->streak;
    pb->duplication = quest->duplication;
    pb->auto_claim = quest->auto_claim;
    pb->event_types = (char **)quest->event_types;
    pb->n_event_types = quest->n_event_types;
    pb->revision = quest->revision;
    pb->revised_at = revised_at;
    pb->conditions = conditions_to_pb(call, quest->conditions, quest->n_conditions);
    pb->n_conditions = quest->n_conditions;
    pb->starts_at = time_to_pb(call, quest->starts_ms);
    pb->ends_at = time_to_pb(call, quest->ends_ms);
    pb->created_at = time_to_pb(call, quest->created_ms);
    if (pb->conditions == NULL || (pb->created_at == NULL) != (quest->created_ms == 0) ||
        (pb->starts_at == NULL) != (quest->starts_ms == 0) ||
        (pb->ends_at == NULL) != (quest->ends_ms == 0))
        return NULL;
    pb->prerequisite_quest_id = prerequisite;
    pb->streak_rule = (Questline__Catalog__V1__StreakRule)quest->streak_rule;
    pb->backfill = quest->backfill;
    pb->archived = quest->archived;
    pb->etag = etag;
    return pb;
}
