/* What must hold between a quest, its reward and its prerequisites. */
#include "services/catalog/quest_kind.h"

#include <string.h>

#include "platform/pb/wire/timestamp.h"
#include "questline/catalog/v1/names.h"
#include "services/catalog/label.h"
#include "services/catalog/quest.h"
#include "platform/resource/command.h"
#include "services/catalog/reward_kind.h"

#include "quest_sql.h"

enum ql_code quest_check_prerequisite(struct ql_call *call, struct ql_pg_tx *tx,
                                      const Quest *before, const Quest *quest)
{
    const char *prerequisite = quest->prerequisite_quest_id;
    bool was_needed = before != NULL && strcmp(before->prerequisite_quest_id, prerequisite) == 0;
    struct ql_pg_rows needed;
    enum ql_code rc;

    if (prerequisite[0] == '\0')
        return QL_OK;
    rc = ql_pg_run(call, tx, &sql_quest_lock_prerequisites, NULL, 0, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_quest_prerequisites, &prerequisite, 1, &needed);
    if (rc != QL_OK)
        return rc;
    if (needed.n_rows == 0)
        return ql_resource_refuse(call, "PREREQUISITE_NOT_FOUND", "quest.prerequisiteQuestId",
                                  "quest %s does not exist", prerequisite);
    for (size_t i = 0; i < needed.n_rows; i++) {
        const char *id = ql_pg_text(&needed, i, 0);

        if (strcmp(id, quest->quest_id) == 0)
            return ql_resource_refuse(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId",
                                      "quest %s needs this quest itself", prerequisite);
        if (strcmp(id, prerequisite) == 0 && ql_pg_bool(&needed, i, 1) && !was_needed)
            return ql_resource_refuse(call, "PREREQUISITE_ARCHIVED", "quest.prerequisiteQuestId",
                                      "quest %s is archived", prerequisite);
    }
    return QL_OK;
}

/* The reward can be given, and stays so until the commit. */
static enum ql_code check_reward(struct ql_call *call, struct ql_pg_tx *tx, const Quest *quest)
{
    const Reward *reward;
    enum ql_code rc = reward_hold(call, tx, quest->reward_id, &reward);

    if (rc == QL_NOT_FOUND)
        return ql_resource_refuse(call, "REWARD_NOT_FOUND", "quest.rewardId",
                                  "reward %s does not exist", quest->reward_id);
    if (rc != QL_OK)
        return rc;
    if (reward->archived)
        return ql_resource_refuse(call, "REWARD_ARCHIVED", "quest.rewardId",
                                  "reward %s is archived", quest->reward_id);
    return QL_OK;
}

static bool is_same_time(const Google__Protobuf__Timestamp *left,
                         const Google__Protobuf__Timestamp *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return ql_timestamp_ms(left) == ql_timestamp_ms(right);
}

static enum ql_code check_change(struct ql_call *call, struct ql_pg_tx *tx, const void *before,
                                 const void *after)
{
    const Quest *was = before, *quest = after;
    enum ql_code rc = QL_OK;

    if (was == NULL || !is_same_time(was->ends_at, quest->ends_at))
        rc = quest_check_window(call, quest,
                                quest->created_at == NULL ? 0 : ql_timestamp_ms(quest->created_at));
    if (rc != QL_OK)
        return rc;
    rc = check_reward(call, tx, quest);
    if (rc != QL_OK)
        return rc;
    return quest_check_prerequisite(call, tx, was, quest);
}

static enum ql_code normalize_quest(struct ql_call *call, void *resource)
{
    return quest_normalize(call, resource);
}

static enum ql_code check_fields(struct ql_call *call, const void *resource)
{
    return quest_validate(call, resource);
}

static enum ql_code read_filter(struct ql_call *call, const void *request, void *ret_filter,
                                bool *ret_has_filter)
{
    const ListQuestsRequest *list = request;

    *ret_has_filter = list->n_label > 0;
    return *ret_has_filter ? labels_read_filter(call, list, ret_filter) : QL_OK;
}

static bool matches_filter(const void *filter, const void *resource)
{
    return labels_match(filter, resource);
}

const struct ql_resource_kind quest_kind = {
    .name = "quest",
    .not_found_reason = "QUEST_NOT_FOUND",
    .archived_reason = "QUEST_ARCHIVED",
    .type = &Quest_descriptor,
    .changed = &QuestChanged_descriptor,
    .event_type = EVENT_QUEST_CHANGED,
    .statements = {.put = &sql_quest_put,
                   .get = &sql_quest_get,
                   .lock = &sql_quest_lock,
                   .get_revision = &sql_quest_get_revision,
                   .list = &sql_quest_list,
                   .list_open = &sql_quest_list_open,
                   .list_matching = &sql_quest_list_labelled},
    .normalize = normalize_quest,
    .check_fields = check_fields,
    .check_change = check_change,
    .read_filter = read_filter,
    .matches_filter = matches_filter,
};
