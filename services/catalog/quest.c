/* The rules of a quest. */
#include "questline/user/v1/names.h"
#include "services/catalog/quest.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"
#include "platform/events/event.h"
#include "platform/pb/validate/validator.h"
#include "platform/pb/wire/timestamp.h"
#include "services/catalog/condition.h"
#include "services/catalog/contradiction.h"
#include "services/catalog/label.h"

enum { NANOS_A_MS = 1000000 };

/* PostgreSQL spells UUIDs in lower case; so do we from the first answer on. */
static bool lower_id(struct ql_call *call, char **id)
{
    char *lower;

    if ((*id)[0] == '\0')
        return true;
    lower = ql_arena_alloc(call->arena, QL_UUID_SIZE);
    if (lower == NULL)
        return false;
    ql_uuid_copy(lower, *id);
    *id = lower;
    return true;
}

/* Events have milliseconds, and so have the times that they are compared with. */
static bool cut_time(struct ql_call *call, Google__Protobuf__Timestamp **time)
{
    Google__Protobuf__Timestamp *cut;

    if (*time == NULL || (*time)->nanos % NANOS_A_MS == 0 || (*time)->nanos < 0)
        return true;
    cut = ql_arena_memdup(call->arena, *time, sizeof(*cut));
    if (cut == NULL)
        return false;
    cut->nanos -= cut->nanos % NANOS_A_MS;
    *time = cut;
    return true;
}

enum ql_code quest_normalize(struct ql_call *call, Quest *quest)
{
    if (!lower_id(call, &quest->quest_id) || !lower_id(call, &quest->reward_id) ||
        !lower_id(call, &quest->prerequisite_quest_id) || !cut_time(call, &quest->starts_at) ||
        !cut_time(call, &quest->ends_at))
        return ql_fail_memory(call);
    if (quest->streak_rule == STREAK_RULE_UNSPECIFIED)
        quest->streak_rule = STREAK_RULE_EVERY_EVENT;
    conditions_normalize(quest->conditions, quest->n_conditions);
    labels_normalize(quest);
    return QL_OK;
}

static enum ql_code validate_event_types(struct ql_call *call, const Quest *quest)
{
    enum ql_code rc = QL_OK;
    char field[40];

    for (size_t i = 0; i < quest->n_event_types; i++) {
        snprintf(field, sizeof(field), "quest.eventTypes[%zu]", i);
        if (!ql_event_type_is_of_users(quest->event_types[i]))
            rc = ql_violate(call, field,
                            "must be a type that events of users have, such as \"UserSignIn\" or "
                            "\"monster.killed\"");
        else if (strcmp(quest->event_types[i], EVENT_USER_DELETED) == 0)
            rc = ql_violate(call, field, "counts for nobody: from it on nothing counts");
    }
    return rc;
}

/* Types of which a user has one event at most. */
static bool happens_once(const char *type)
{
    return strcmp(type, EVENT_USER_REGISTERED) == 0 || strcmp(type, EVENT_NEW_USER_SIGN_IN) == 0;
}

/* A streak of events that come once each ends with the last of them. */
static bool can_be_reached(const Quest *quest)
{
    for (size_t i = 0; i < quest->n_event_types; i++)
        if (!happens_once(quest->event_types[i]))
            return true;
    return quest->streak <= (int32_t)quest->n_event_types;
}

enum ql_code quest_validate(struct ql_call *call, const Quest *quest)
{
    const char *prerequisite = quest->prerequisite_quest_id;
    enum ql_code rc = ql_validate(call, "quest", &quest->base);

    if (rc != QL_OK)
        return rc;
    if (!ql_text_is_name(quest->name))
        rc = ql_violate(call, "quest.name", "must not be only blanks nor have control characters");
    if (validate_event_types(call, quest) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    else if (!can_be_reached(quest))
        rc = ql_violate(call, "quest.streak", "is more than a user has events of these types");
    if (conditions_validate(call, quest->conditions, quest->n_conditions) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    else if (conditions_check_contradictions(call, quest->conditions, quest->n_conditions) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    if (quest->starts_at != NULL && quest->ends_at != NULL &&
        ql_timestamp_ms(quest->starts_at) >= ql_timestamp_ms(quest->ends_at))
        rc = ql_violate(call, "quest.endsAt", "must be later than quest.startsAt");
    if (prerequisite[0] != '\0' && strcmp(prerequisite, quest->quest_id) == 0)
        rc = ql_violate(call, "quest.prerequisiteQuestId", "is the quest itself");
    return rc;
}

enum ql_code quest_check_window(struct ql_call *call, const Quest *quest, int64_t created_ms)
{
    if (quest->ends_at == NULL || quest->backfill || ql_timestamp_ms(quest->ends_at) > created_ms)
        return QL_OK;
    return ql_violate(call, "quest.endsAt",
                      "must be later than the quest's creation: what happened before that counts "
                      "for a quest with backfill only");
}
