/* QuestCommandService: changes quests, through the run role. */
#include "platform/audit/audit.h"
#include "platform/idempotency/idempotency.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest_events.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/quest_store.h"

/* All that happens in the transaction, once: a repeated call is answered as the
 * first time. */
static enum ql_code quest_create(struct ql_call *call, struct ql_pg_tx *tx,
                                 const CreateQuestRequest *in, const struct quest *quest,
                                 CreateQuestResponse *out)
{
    bool is_repeated;
    enum ql_code rc;

    rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
    if (rc != QL_OK || is_repeated)
        return rc;
    rc = quest_store_insert(call, tx, quest); /* store */
    if (rc != QL_OK)
        return rc;
    rc = quest_publish_changed(call, tx, quest); /* announce */
    if (rc != QL_OK)
        return rc;
    rc = ql_audit_record(call, tx, "quest", quest->quest_id, NULL);
    if (rc != QL_OK)
        return rc;
    out->quest = quest_to_pb(call, quest); /* reply */
    if (out->quest == NULL)
        return ql_fail_memory(call);
    return ql_idempotency_finish(call, tx, out);
}

/* CreateQuest: stores a quest with revision 1 and announces it. */
static enum ql_code quest_rpc_create(struct ql_call *call, const CreateQuestRequest *in,
                                     CreateQuestResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quest quest;
    enum ql_code rc;

    rc = quest_from_pb(call, in->quest, &quest); /* validate */
    if (rc != QL_OK)
        return rc;
    quest_begin(&quest);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = quest_create(call, tx, in, &quest, out);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(app->parts.relay);
    return QL_OK;
}

QL_RPC_HANDLER(quest_rpc_create, CreateQuestRequest, CreateQuestResponse)

const struct ql_rpc_method quest_command_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/CreateQuest", quest_rpc_create,
                  CreateQuestRequest, CreateQuestResponse, QL_LANE_NORMAL),
    {0},
};
