/* RewardCommandService: changes rewards, through the run role. */
#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "services/catalog/catalog.h"
#include "services/catalog/reward_events.h"
#include "services/catalog/reward_pb.h"
#include "services/catalog/reward_store.h"

/* All that happens in the transaction, once: a repeated call is answered as the
 * first time. */
static enum ql_code reward_create(struct ql_call *call, struct ql_pg_tx *tx,
                                  const CreateRewardRequest *in, const struct reward *reward,
                                  CreateRewardResponse *out)
{
    bool is_repeated;
    enum ql_code rc;

    rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
    if (rc != QL_OK || is_repeated)
        return rc;
    rc = reward_store_insert(call, tx, reward); /* store */
    if (rc != QL_OK)
        return rc;
    rc = reward_publish_changed(call, tx, reward); /* announce */
    if (rc != QL_OK)
        return rc;
    rc = ql_audit_record(call, tx, "reward", reward->reward_id, NULL);
    if (rc != QL_OK)
        return rc;
    out->reward = reward_to_pb(call, reward); /* reply */
    if (out->reward == NULL)
        return ql_fail_memory(call);
    return ql_idempotency_finish(call, tx, out);
}

/* CreateReward: stores a reward with revision 1 and announces it. */
static enum ql_code reward_rpc_create(struct ql_call *call, const CreateRewardRequest *in,
                                      CreateRewardResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct reward reward;
    enum ql_code rc;

    rc = reward_from_pb(call, in->reward, &reward); /* validate */
    if (rc != QL_OK)
        return rc;
    reward_begin(&reward);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = reward_create(call, tx, in, &reward, out);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(app->parts.relay);
    return QL_OK;
}

QL_RPC_HANDLER(reward_rpc_create, CreateRewardRequest, CreateRewardResponse)

const struct ql_rpc_method reward_command_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.RewardCommandService/CreateReward", reward_rpc_create,
                  CreateRewardRequest, CreateRewardResponse, QL_LANE_NORMAL),
    {0},
};
