/* RewardCommandService: changes rewards, through the run role. */
#include "platform/pb/update.h"
#include "services/catalog/catalog.h"
#include "services/catalog/command.h"
#include "services/catalog/reward_events.h"
#include "services/catalog/reward_pb.h"
#include "services/catalog/reward_store.h"

#include <stdio.h>

static enum ql_code read_new(struct ql_call *call, const Reward *pb, struct reward *ret_reward)
{
    enum ql_code rc = QL_OK;

    if (pb == NULL)
        return ql_violate(call, "reward", "is missing");
    if (pb->etag[0] != '\0')
        rc = ql_violate(call, "reward.etag", "names no revision of a new reward");
    if (reward_from_pb(call, pb, ret_reward) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    reward_begin(ret_reward);
    return rc;
}

static enum ql_code read_update(struct ql_call *call, const UpdateRewardRequest *in,
                                struct ql_update *ret_update)
{
    enum ql_code rc = QL_OK;

    if (in->reward == NULL)
        return ql_violate(call, "reward", "is missing");
    if (!ql_uuid_is_valid(in->reward->reward_id))
        rc = ql_violate(call, "reward.rewardId", "must be a UUID");
    if (ql_update_read(call, in->update_mask, &in->reward->base, ret_update) != QL_OK)
        rc = QL_INVALID_ARGUMENT;
    return rc;
}

static enum ql_code answer(struct ql_call *call, const struct reward *reward, Reward **ret_pb)
{
    *ret_pb = reward_to_pb(call, reward);
    return *ret_pb == NULL ? ql_fail_memory(call) : QL_OK;
}

/* Announces and records the revision just stored, and answers with it. */
static enum ql_code tell(struct ql_call *call, struct ql_pg_tx *tx, const struct reward *reward,
                         Reward **ret_pb)
{
    enum ql_code rc;

    rc = reward_publish_changed(call, tx, reward);
    if (rc != QL_OK)
        return rc;
    rc = command_record(call, tx, "reward", reward->reward_id, reward->revision);
    if (rc != QL_OK)
        return rc;
    return answer(call, reward, ret_pb);
}

static enum ql_code create(struct ql_call *call, struct ql_pg_tx *tx, const struct reward *reward,
                           Reward **ret_pb)
{
    enum ql_code rc;

    rc = reward_store_insert(call, tx, reward);
    if (rc != QL_OK)
        return rc;
    return tell(call, tx, reward, ret_pb);
}

/* Stores the next revision of a reward that is locked. */
static enum ql_code revise(struct ql_call *call, struct ql_pg_tx *tx, struct reward *reward,
                           Reward **ret_pb)
{
    enum ql_code rc;

    reward_revise(reward);
    rc = reward_store_update(call, tx, reward);
    if (rc != QL_OK)
        return rc;
    return tell(call, tx, reward, ret_pb);
}

/* What becomes of the reward, and whether it is the same as before. */
static enum ql_code edit(struct ql_call *call, const struct reward *reward,
                         const struct ql_update *changes, const Reward *wanted,
                         struct reward *ret_edited, bool *ret_is_same)
{
    Reward *before = reward_to_pb(call, reward), *after = reward_to_pb(call, reward);
    enum ql_code rc;

    if (before == NULL || after == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, changes, "reward", &wanted->base, &after->base);
    if (rc != QL_OK)
        return rc;
    rc = reward_from_pb(call, after, ret_edited);
    if (rc != QL_OK)
        return rc;
    snprintf(ret_edited->reward_id, sizeof(ret_edited->reward_id), "%s", reward->reward_id);
    ret_edited->revision = reward->revision;
    ret_edited->revised_ms = reward->revised_ms;
    return command_is_same(call, before, after, ret_is_same);
}

static enum ql_code update(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct ql_update *changes, const Reward *wanted, Reward **ret_pb)
{
    struct reward reward, edited;
    bool is_same = false;
    enum ql_code rc;

    rc = reward_store_lock(call, tx, wanted->reward_id, &reward);
    if (rc != QL_OK)
        return rc;
    rc = command_check_etag(call, wanted->etag, reward.revision);
    if (rc != QL_OK)
        return rc;
    if (reward.archived)
        return command_refuse(call, "REWARD_ARCHIVED", "reward.rewardId", "reward %s is archived",
                              reward.reward_id);
    rc = edit(call, &reward, changes, wanted, &edited, &is_same);
    if (rc != QL_OK)
        return rc;
    return is_same ? answer(call, &reward, ret_pb) : revise(call, tx, &edited, ret_pb);
}

static enum ql_code archive(struct ql_call *call, struct ql_pg_tx *tx,
                            const ArchiveRewardRequest *in, Reward **ret_pb)
{
    const char *giver;
    struct reward reward;
    enum ql_code rc;

    rc = reward_store_lock(call, tx, in->reward_id, &reward);
    if (rc != QL_OK)
        return rc;
    rc = command_check_etag(call, in->etag, reward.revision);
    if (rc != QL_OK)
        return rc;
    if (reward.archived)
        return answer(call, &reward, ret_pb);
    rc = reward_store_giver(call, tx, reward.reward_id, &giver);
    if (rc != QL_OK)
        return rc;
    if (giver != NULL)
        return command_refuse(call, "REWARD_IN_USE", "rewardId", "quest %s gives the reward",
                              giver);
    reward.archived = true;
    return revise(call, tx, &reward, ret_pb);
}

/* CreateReward: stores a reward with revision 1 and announces it. */
static enum ql_code reward_rpc_create(struct ql_call *call, const CreateRewardRequest *in,
                                      CreateRewardResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct reward reward = {0};
    bool is_repeated;
    enum ql_code rc;

    rc = read_new(call, in->reward, &reward); /* validate */
    if (rc != QL_OK)
        return rc;
    rc = command_begin(call, in, out, &tx, &is_repeated);
    if (rc == QL_OK && !is_repeated)
        rc = create(call, tx, &reward, &out->reward); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->reward->etag);
}

/* UpdateReward: stores the next revision and announces it, unless nothing changes. */
static enum ql_code reward_rpc_update(struct ql_call *call, const UpdateRewardRequest *in,
                                      UpdateRewardResponse *out)
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
        rc = update(call, tx, &changes, in->reward, &out->reward); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->reward->etag);
}

/* ArchiveReward: stores an archived revision and announces it, unless it is. */
static enum ql_code reward_rpc_archive(struct ql_call *call, const ArchiveRewardRequest *in,
                                       ArchiveRewardResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_repeated;
    enum ql_code rc;

    if (!ql_uuid_is_valid(in->reward_id)) /* validate */
        return ql_violate(call, "rewardId", "must be a UUID");
    rc = command_begin(call, in, out, &tx, &is_repeated);
    if (rc == QL_OK && !is_repeated)
        rc = archive(call, tx, in, &out->reward); /* store, announce */
    if (rc != QL_OK)
        return rc;
    return command_commit(call, &tx, is_repeated, out, out->reward->etag);
}

QL_RPC_HANDLER(reward_rpc_create, CreateRewardRequest, CreateRewardResponse)
QL_RPC_HANDLER(reward_rpc_update, UpdateRewardRequest, UpdateRewardResponse)
QL_RPC_HANDLER(reward_rpc_archive, ArchiveRewardRequest, ArchiveRewardResponse)

const struct ql_rpc_method reward_command_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.RewardCommandService/CreateReward", reward_rpc_create,
                  CreateRewardRequest, CreateRewardResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.RewardCommandService/UpdateReward", reward_rpc_update,
                  UpdateRewardRequest, UpdateRewardResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.RewardCommandService/ArchiveReward", reward_rpc_archive,
                  ArchiveRewardRequest, ArchiveRewardResponse, QL_LANE_NORMAL),
    {0},
};
