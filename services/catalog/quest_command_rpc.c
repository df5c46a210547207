/* QuestCommandService: changes quests, through the run role. */
#include "services/catalog/catalog.h"
#include "services/catalog/quest_events.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/quest_store.h"

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
    rc = quest_store_insert(call, tx, &quest); /* store */
    if (rc != QL_OK)
        return rc;
    rc = quest_publish_changed(call, tx, &quest); /* announce */
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    ql_relay_wake(app->parts.relay);
    out->quest = quest_to_pb(call, &quest); /* reply */
    return out->quest == NULL ? ql_fail_memory(call) : QL_OK;
}

QL_RPC_HANDLER(quest_rpc_create, CreateQuestRequest, CreateQuestResponse)

const struct ql_rpc_method quest_command_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.QuestCommandService/CreateQuest", quest_rpc_create,
                  CreateQuestRequest, CreateQuestResponse, QL_LANE_NORMAL),
    {0},
};
