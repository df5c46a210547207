/* The rules of a quest. */
#include "services/catalog/quest.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/text.h"
#include "platform/events/event.h"
#include "services/catalog/contradiction.h"
#include "services/catalog/text.h"

static bool is_repeated(const struct quest *quest, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(quest->event_types[j], quest->event_types[i]) == 0)
            return true;
    return false;
}

static enum ql_code validate_event_types(struct ql_call *call, const struct quest *quest)
{
    enum ql_code rc = QL_OK;
    char field[40];

    if (quest->n_event_types < 1 || quest->n_event_types > QUEST_EVENT_TYPES_MAX)
        return ql_violate(call, "quest.eventTypes", "must name 1 to %d event types",
                          QUEST_EVENT_TYPES_MAX);
    for (size_t i = 0; i < quest->n_event_types; i++) {
        snprintf(field, sizeof(field), "quest.eventTypes[%zu]", i);
        if (!ql_event_type_is_of_users(quest->event_types[i]))
            rc = ql_violate(call, field,
                            "must be a type that events of users have, such as \"UserSignIn\" or "
                            "\"monster.killed\"");
        else if (strcmp(quest->event_types[i], "UserDeleted") == 0)
            rc = ql_violate(call, field, "counts for nobody: from it on nothing counts");
        else if (is_repeated(quest, i))
            rc = ql_violate(call, field, "is named twice");
    }
    return rc;
}

/* Types of which a user has one event at most. */
static bool happens_once(const char *type)
{
    return strcmp(type, "UserRegistered") == 0 || strcmp(type, "NewUserSignIn") == 0;
}

/* A streak of events that come once each ends with the last of them. */
static bool can_be_reached(const struct quest *quest)
{
    for (size_t i = 0; i < quest->n_event_types; i++)
        if (!happens_once(quest->event_types[i]))
            return true;
    return quest->streak <= (int32_t)quest->n_event_types;
}

static enum ql_code validate_rules(struct ql_call *call, const struct quest *quest)
{
    enum ql_code rc = QL_OK;

    if (quest->starts_ms != 0 && quest->ends_ms != 0 && quest->starts_ms >= quest->ends_ms)
        rc = ql_violate(call, "quest.endsAt", "must be later than quest.startsAt");
    if (quest->prerequisite_quest_id[0] != '\0' && !ql_uuid_is_valid(quest->prerequisite_quest_id))
        rc = ql_violate(call, "quest.prerequisiteQuestId", "must be a UUID");
    else if (quest->prerequisite_quest_id[0] != '\0' &&
             strcmp(quest->prerequisite_quest_id, quest->quest_id) == 0)
        rc = ql_violate(call, "quest.prerequisiteQuestId", "is the quest itself");
    if (quest->streak_rule < QUEST_EVERY_EVENT || quest->streak_rule > QUEST_DAILY_IN_A_ROW)
        rc = ql_violate(call, "quest.streakRule", "must be one of the streak rules");
    return rc;
}

enum ql_code quest_validate(struct ql_call *call, const struct quest *quest)
{
    enum ql_code rc = QL_OK;

    if (!ql_uuid_is_valid(quest->reward_id))
        rc = ql_violate(call, "quest.rewardId", "must be a UUID");
    if (!ql_text_is_name(quest->name, QUEST_NAME_MAX))
        rc = ql_violate(call, "quest.name",
                        "must have 1 to %d characters, not only blanks, no control characters",
                        QUEST_NAME_MAX);
    if (text_characters(quest->description) > QUEST_DESCRIPTION_MAX)
        rc = ql_violate(call, "quest.description", "must have at most %d characters",
                        QUEST_DESCRIPTION_MAX);
    if (quest->streak < 1 || quest->streak > QUEST_STREAK_MAX)
        rc = ql_violate(call, "quest.streak", "must be from 1 to %d", QUEST_STREAK_MAX);
    if (quest->duplication < 1 || quest->duplication > QUEST_DUPLICATION_MAX)
        rc = ql_violate(call, "quest.duplication", "must be from 1 to %d", QUEST_DUPLICATION_MAX);
    if (validate_event_types(call, quest) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    else if (quest->streak <= QUEST_STREAK_MAX && !can_be_reached(quest))
        rc = ql_violate(call, "quest.streak", "is more than a user has events of these types");
    if (conditions_validate(call, quest->conditions, quest->n_conditions) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    else if (conditions_check_contradictions(call, quest->conditions, quest->n_conditions) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    if (validate_rules(call, quest) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    return rc;
}

enum ql_code quest_check_window(struct ql_call *call, const struct quest *quest, int64_t created_ms)
{
    if (quest->ends_ms == 0 || quest->backfill || quest->ends_ms > created_ms)
        return QL_OK;
    return ql_violate(call, "quest.endsAt",
                      "must be later than the quest's creation: what happened before that counts "
                      "for a quest with backfill only");
}

void quest_begin(struct quest *quest)
{
    ql_uuid_new(quest->quest_id);
    quest->revision = 1;
    quest->created_ms = quest->revised_ms = ql_unix_ms();
}

void quest_revise(struct quest *quest)
{
    quest->revision++;
    quest->revised_ms = ql_unix_ms();
}
