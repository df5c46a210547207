/* The rules of a quest. */
#include "services/catalog/quest.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "services/catalog/text.h"

bool quest_event_type_is_valid(const char *type)
{
    size_t length =
        strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    return type[length] == '\0' && length >= 1 && length <= QUEST_EVENT_TYPE_MAX;
}

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
        if (!quest_event_type_is_valid(quest->event_types[i]))
            rc = ql_violate(call, field, "must have 1 to %d letters, digits, '.', '_' and '-'",
                            QUEST_EVENT_TYPE_MAX);
        else if (is_repeated(quest, i))
            rc = ql_violate(call, field, "is named twice");
    }
    return rc;
}

enum ql_code quest_validate(struct ql_call *call, const struct quest *quest)
{
    enum ql_code rc = QL_OK;

    if (!ql_uuid_is_valid(quest->reward_id))
        rc = ql_violate(call, "quest.rewardId", "must be a UUID");
    if (text_is_blank(quest->name) || text_characters(quest->name) > QUEST_NAME_MAX)
        rc = ql_violate(call, "quest.name", "must have 1 to %d characters, not only blanks",
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
    return rc;
}

void quest_begin(struct quest *quest)
{
    ql_uuid_new(quest->quest_id);
    quest->revision = 1;
    quest->revised_ms = ql_unix_ms();
}
