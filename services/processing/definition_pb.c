/* From the contract's Quest to a definition. A quest decides about everybody's
 * progress, so its limits are checked again, whoever sent it. */
#include "services/processing/definition_pb.h"

#include <ctype.h>
#include <string.h>

static enum ql_code refuse(struct ql_call *call, const char *field)
{
    return ql_fail(call, QL_INVALID_ARGUMENT, "INVALID_QUEST", "quest.%s is outside its limits",
                   field);
}

static bool is_number(int32_t number)
{
    return number >= 1 && number <= DEFINITION_NUMBER_MAX;
}

static bool are_event_types(char *const *types, size_t n_types)
{
    if (n_types < 1 || n_types > DEFINITION_EVENT_TYPES_MAX)
        return false;
    for (size_t i = 0; i < n_types; i++)
        if (types[i][0] == '\0' || strlen(types[i]) >= DEFINITION_EVENT_TYPE_SIZE)
            return false;
    return true;
}

enum ql_code definition_from_pb(struct ql_call *call, const Quest *quest,
                                struct definition *ret_definition)
{
    if (quest == NULL || !ql_uuid_is_valid(quest->quest_id))
        return refuse(call, "questId");
    if (quest->revision < 1)
        return refuse(call, "revision");
    if (!is_number(quest->streak))
        return refuse(call, "streak");
    if (!is_number(quest->duplication))
        return refuse(call, "duplication");
    if (!are_event_types(quest->event_types, quest->n_event_types))
        return refuse(call, "eventTypes");
    memset(ret_definition, 0, sizeof(*ret_definition));
    for (size_t i = 0; i < QL_UUID_SIZE; i++)
        ret_definition->quest_id[i] = (char)tolower((unsigned char)quest->quest_id[i]);
    ret_definition->revision = quest->revision;
    ret_definition->streak = quest->streak;
    ret_definition->duplication = quest->duplication;
    ret_definition->event_types = (const char *const *)quest->event_types;
    ret_definition->n_event_types = quest->n_event_types;
    return QL_OK;
}
