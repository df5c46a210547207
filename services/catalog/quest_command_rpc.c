/* QuestCommandService: changes quests, through the run role. */
#include "platform/base/clock.h"
#include "platform/pb/timestamp.h"
#include "platform/pb/update.h"
#include "services/catalog/catalog.h"
#include "services/catalog/command.h"
#include "services/catalog/quest_events.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/quest_store.h"
#include "services/catalog/reward_store.h"

#include <string.h>

/* Of a draft that has none. */
static const char no_reward[] = "00000000-0000-0000-0000-000000000000";

static enum ql_code read_new(struct ql_call *call, const Quest *pb, struct quest *ret_quest)
{
    enum ql_code rc = QL_OK;

    if (pb == NULL)
        return ql_violate(call, "quest", "is missing");
    if (pb->etag[0] != '\0')
        rc = ql_violate(call, "quest.etag", "names no revision of a new quest");
    if (quest_from_pb(call, pb, ret_quest) != QL_OK)
        return call->status.code;
    quest_begin(ret_quest);
    return rc;
}

static enum ql_code read_update(struct ql_call *call, const UpdateQuestRequest *in,
                                struct ql_update *ret_update)
{
    enum ql_code rc = QL_OK;

    if (in->quest == NULL)
        return ql_violate(call, "quest", "is missing");
    if (!ql_uuid_is_valid(in->quest->quest_id))
        rc = ql_violate(call, "quest.questId", "must be a UUID");
    if (ql_update_read(call, in->update_mask, &in->quest->base, ret_update) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    return rc;
}

/* The reward can be given, and stays so until the commit. */
static enum ql_code check_reward(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct quest *quest)
{
    struct reward reward;
    enum ql_code rc;

    rc = reward_store_hold(call, tx, quest->reward_id, &reward);
    if (rc == QL_NOT_FOUND)
        return command_refuse(call, "REWARD_NOT_FOUND", "quest.rewardId",
                              "reward %s does not exist", quest->reward_id);
    if (rc == QL_OK && reward.archived)
        return command_refuse(call, "REWARD_ARCHIVED", "quest.rewardId", "reward %s is archived",
                              quest->reward_id);
    return rc;
}

/* The prerequisite exists, does not need this quest itself and, unless the quest needs
 * it already, can be completed. */
static enum ql_code check_prerequisite(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct quest *quest, const char *needed_already)
{
    struct ql_pg_rows needed;
    enum ql_code rc;

    if (quest->prerequisite_quest_id[0] == '\0')
        return QL_OK;
    rc = quest_store_prerequisites(call, tx, quest->prerequisite_quest_id, &needed);
    if (rc != QL_OK)
        return rc;
    if (needed.n_rows == 0)
        return command_refuse(call, "PREREQUISITE_NOT_FOUND", "quest.prerequisiteQuestId",
                              "quest %s does not exist", quest->prerequisite_quest_id);
    for (size_t i = 0; i < needed.n_rows; i++) {
        if (strcmp(ql_pg_text(&needed, i, 0), quest->quest_id) == 0)
            return command_refuse(call, "PREREQUISITE_CYCLE", "quest.prerequisiteQuestId",
                                  "quest %s needs this quest itself", quest->prerequisite_quest_id);
        if (strcmp(ql_pg_text(&needed, i, 0), quest->prerequisite_quest_id) == 0 &&
            ql_pg_bool(&needed, i, 1) && strcmp(needed_already, quest->prerequisite_quest_id) != 0)
            return command_refuse(call, "PREREQUISITE_ARCHIVED", "quest.prerequisiteQuestId",
                                  "quest %s is archived", quest->prerequisite_quest_id);
    }
    return QL_OK;
}

static enum ql_code answer(struct ql_call *call, const struct quest *quest, Quest **ret_pb)
{
    *ret_pb = quest_to_pb(call, quest);
    return *ret_pb == NULL ? ql_fail_memory(call) : QL_OK;
}

/* Announces and records the revision just stored, and answers with it. */
static enum ql_code tell(struct ql_call *call, struct ql_pg_tx *tx, const struct quest *quest,
                         Quest **ret_pb)
{
    enum ql_code rc;

    rc = quest_publish_changed(call, tx, quest);
    if (rc != QL_OK)
        return rc;
    rc = command_record(call, tx, "quest", quest->quest_id, quest->revision);
    if (rc != QL_OK)
        return rc;
    return answer(call, quest, ret_pb);
}

static enum ql_code create(struct ql_call *call, struct ql_pg_tx *tx, const struct quest *quest,
                           Quest **ret_pb)
{
    enum ql_code rc;

    rc = quest_check_window(call, quest, quest->created_ms);
    if (rc != QL_OK)
        return rc;
    rc = check_reward(call, tx, quest);
    if (rc != QL_OK)
        return rc;
    rc = check_prerequisite(call, tx, quest, "");
    if (rc != QL_OK)
        return rc;
    rc = quest_store_insert(call, tx, quest);
    if (rc != QL_OK)
        return rc;
    return tell(call, tx, quest, ret_pb);
}

/* What becomes of the quest, and whether it is the same as before. */
static enum ql_code edit(struct ql_call *call, const struct quest *quest,
                         const struct ql_update *changes, const Quest *wanted,
                         struct quest *ret_edited, bool *ret_is_same)
{
    Quest *before = quest_to_pb(call, quest), *after = quest_to_pb(call, quest);
    enum ql_code rc;

    if (before == NULL || after == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, changes, "quest", &wanted->base, &after->base);
    if (rc != QL_OK)
        return rc;
    rc = quest_from_pb(call, after, ret_edited);
    if (rc != QL_OK)
        return rc;
    ret_edited->revision = quest->revision;
    ret_edited->revised_ms = quest->revised_ms;
    ret_edited->created_ms = quest->created_ms;
    after = quest_to_pb(call, ret_edited);
    if (after == NULL)
        return ql_fail_memory(call);
    return command_is_same(call, before, after, ret_is_same);
}

/* Stores the next revision of a quest that is locked. */
static enum ql_code revise(struct ql_call *call, struct ql_pg_tx *tx, struct quest *quest,
                           Quest **ret_pb)
{
    enum ql_code rc;

    quest_revise(quest);
    rc = quest_store_update(call, tx, quest);
    if (rc != QL_OK)
        return rc;
    return tell(call, tx, quest, ret_pb);
}

static enum ql_code update(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct ql_update *changes, const Quest *wanted, Quest **ret_pb)
{
    struct quest quest, edited = {0};
    bool is_same = false;
    enum ql_code rc;

    rc = quest_store_lock(call, tx, wanted->quest_id, &quest);
    if (rc != QL_OK)
        return rc;
    rc = command_check_etag(call, wanted->etag, quest.revision);
    if (rc != QL_OK)
        return rc;
    if (quest.archived)
        return command_refuse(call, "QUEST_ARCHIVED", "quest.questId", "quest %s is archived",
                              quest.quest_id);
    rc = edit(call, &quest, changes, wanted, &edited, &is_same);
    if (rc != QL_OK)
        return rc;
    if (is_same)
        return answer(call, &quest, ret_pb);
    if (edited.ends_ms != quest.ends_ms) {
        rc = quest_check_window(call, &edited, quest.created_ms);
        if (rc != QL_OK)
            return rc;
    }
    rc = check_reward(call, tx, &edited);
    if (rc != QL_OK)
        return rc;
    rc = check_prerequisite(call, tx, &edited, quest.prerequisite_quest_id);
    if (rc != QL_OK)
        return rc;
    return revise(call, tx, &edited, ret_pb);
}

static enum ql_code archive(struct ql_call *call, struct ql_pg_tx *tx,
                            const ArchiveQuestRequest *in, Quest **ret_pb)
{
    struct quest quest;
    enum ql_code rc;

    rc = quest_store_lock(call, tx, in->quest_id, &quest);
    if (rc != QL_OK)
        return rc;
    rc = command_check_etag(call, in->etag, quest.revision);
    if (rc != QL_OK)
        return rc;
    if (quest.archived)
        return answer(call, &quest, ret_pb);
    quest.archived = true;
    return revise(call, tx, &quest, ret_pb);
}

/* CreateQuest: stores a quest with revision 1 and announces it. */
static enum ql_code quest_rpc_create(struct ql_call *call, const CreateQuestRequest *in,
                                     CreateQuestResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quest quest = {0};
    bool is_repeated;
    enum ql_code rc;

    rc = read_new(call, in->quest, &quest); /* validate */
    if (rc != QL_OK)
        return rc;
    rc = command_begin(call, in, out, &tx, &is_repeated);
    if (rc == QL_OK && !is_repeated)
        rc = create(call, tx, &quest, &out->quest); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->quest->etag);
}

/* UpdateQuest: stores the next revision and announces it, unless nothing changes. */
static enum ql_code quest_rpc_update(struct ql_call *call, const UpdateQuestRequest *in,
                                     UpdateQuestResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_update changes;
    bool is_repeated;
    enum ql_code rc;

    rc = read_update(call, in, &changes); /* validate */
    if (rc != QL_OK)
        return rc;
    rc = command_begin(call, in, out, &tx, &is_repeated);
    if (rc == QL_OK && !is_repeated)
        rc = update(call, tx, &changes, in->quest, &out->quest); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->quest->etag);
}

/* ArchiveQuest: stores an archived revision and announces it, unless it is. */
static enum ql_code quest_rpc_archive(struct ql_call *call, const ArchiveQuestRequest *in,
                                      ArchiveQuestResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_repeated;
    enum ql_code rc;

    if (!ql_uuid_is_valid(in->quest_id)) /* validate */
        return ql_violate(call, "questId", "must be a UUID");
    rc = command_begin(call, in, out, &tx, &is_repeated);
    if (rc == QL_OK && !is_repeated)
        rc = archive(call, tx, in, &out->quest); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->quest->etag);
}

/* CheckQuest: what CreateQuest would refuse of a draft. */
static enum ql_code quest_rpc_check(struct ql_call *call, const CheckQuestRequest *in,
                                    CheckQuestResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quest quest = {0};
    Quest draft;
    enum ql_code rc;

    (void)out;
    if (in->quest == NULL)
        return ql_violate(call, "quest", "is missing");
    draft = *in->quest;
    if (draft.reward_id[0] == '\0')
        draft.reward_id = (char *)no_reward;
    if (draft.name[0] == '\0')
        draft.name = (char *)"draft";
    rc = quest_from_pb(call, &draft, &quest);
    if (rc != QL_OK)
        return rc;
    rc = quest_check_window(
        call, &quest, in->created_at == NULL ? ql_unix_ms() : ql_timestamp_ms(in->created_at));
    if (rc != QL_OK || quest.prerequisite_quest_id[0] == '\0')
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    return rc == QL_OK ? check_prerequisite(call, tx, &quest, "") : rc;
}

QL_RPC_HANDLER(quest_rpc_check, CheckQuestRequest, CheckQuestResponse)
QL_RPC_HANDLER(quest_rpc_create, CreateQuestRequest, CreateQuestResponse)
QL_RPC_HANDLER(quest_rpc_update, UpdateQuestRequest, UpdateQuestResponse)
QL_RPC_HANDLER(quest_rpc_archive, ArchiveQuestRequest, ArchiveQuestResponse)

const struct ql_rpc_method quest_command_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/CheckQuest", quest_rpc_check,
                  CheckQuestRequest, CheckQuestResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/CreateQuest", quest_rpc_create,
                  CreateQuestRequest, CreateQuestResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/UpdateQuest", quest_rpc_update,
                  UpdateQuestRequest, UpdateQuestResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/ArchiveQuest", quest_rpc_archive,
                  ArchiveQuestRequest, ArchiveQuestResponse, QL_LANE_NORMAL),
    {0},
};
