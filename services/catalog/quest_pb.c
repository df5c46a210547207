/* pb <-> domain for quests, and the check of the fields. */
#include "services/catalog/quest_pb.h"

#include <ctype.h>
#include <string.h>

/* PostgreSQL spells UUIDs in lower case; so do we from the first answer on. A
 * text of another length becomes "", which is no UUID. */
static void copy_uuid(char ret_uuid[QL_UUID_SIZE], const char *text)
{
    size_t length = strlen(text);

    if (length >= QL_UUID_SIZE)
        length = 0;
    for (size_t i = 0; i < length; i++)
        ret_uuid[i] = (char)tolower((unsigned char)text[i]);
    ret_uuid[length] = '\0';
}

enum ql_code quest_from_pb(struct ql_call *call, const Quest *pb, struct quest *ret_quest)
{
    enum ql_code rc = QL_OK;
    struct quest quest = {0};

    if (pb == NULL)
        return ql_violate(call, "quest", "is missing");
    if (pb->quest_id[0] != '\0')
        rc = ql_violate(call, "quest.questId", "is set by the service");
    if (pb->revision != 0)
        rc = ql_violate(call, "quest.revision", "is set by the service");
    if (pb->revised_at != NULL)
        rc = ql_violate(call, "quest.revisedAt", "is set by the service");
    copy_uuid(quest.reward_id, pb->reward_id);
    quest.name = pb->name;
    quest.description = pb->description;
    quest.streak = pb->streak;
    quest.duplication = pb->duplication;
    quest.auto_claim = pb->auto_claim != 0;
    quest.event_types = (const char **)pb->event_types;
    quest.n_event_types = pb->n_event_types;
    if (quest_validate(call, &quest) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    *ret_quest = quest;
    return rc;
}

Quest *quest_to_pb(struct ql_call *call, const struct quest *quest)
{
    Quest *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    Google__Protobuf__Timestamp *revised_at = ql_arena_alloc(call->arena, sizeof(*revised_at));
    char *quest_id = ql_arena_strdup(call->arena, quest->quest_id);
    char *reward_id = ql_arena_strdup(call->arena, quest->reward_id);

    if (pb == NULL || revised_at == NULL || quest_id == NULL || reward_id == NULL)
        return NULL;
    google__protobuf__timestamp__init(revised_at);
    revised_at->seconds = quest->revised_ms / 1000;
    revised_at->nanos = (int32_t)(quest->revised_ms % 1000) * 1000000;
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
    return pb;
}
