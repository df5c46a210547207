/* QuestQueryService: reads quests, through the role that may only read. */
#include "platform/service/page.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/quest_store.h"

/* GetQuest: one revision of a quest, 0 for the newest. */
static enum ql_code quest_rpc_get(struct ql_call *call, const GetQuestRequest *in,
                                  GetQuestResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quest quest;
    enum ql_code rc = QL_OK;

    if (!ql_uuid_is_valid(in->quest_id))
        rc = ql_violate(call, "questId", "must be a UUID");
    if (in->revision < 0)
        rc = ql_violate(call, "revision", "must not be negative");
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->read, &tx);
    if (rc != QL_OK)
        return rc;
    rc = quest_store_get(call, tx, in->quest_id, in->revision, &quest);
    if (rc != QL_OK)
        return rc;
    out->quest = quest_to_pb(call, &quest);
    return out->quest == NULL ? ql_fail_memory(call) : QL_OK;
}

/* The page: as many of the quests as were asked for and as fit into one answer. */
static enum ql_code fill_page(struct ql_call *call, const struct quest *quests, size_t n_quests,
                              size_t n_asked, ListQuestsResponse *out)
{
    size_t bytes = 0;

    out->quests = ql_arena_calloc(call->arena, n_quests, sizeof(*out->quests));
    if (out->quests == NULL && n_quests > 0)
        return ql_fail_memory(call);
    while (out->n_quests < n_quests && out->n_quests < n_asked && bytes < QL_PAGE_MAX_BYTES) {
        Quest *quest = quest_to_pb(call, &quests[out->n_quests]);

        if (quest == NULL)
            return ql_fail_memory(call);
        bytes += Quest_pack_size(quest);
        out->quests[out->n_quests++] = quest;
    }
    if (out->n_quests < n_quests)
        out->next_page_token = out->quests[out->n_quests - 1]->quest_id;
    return QL_OK;
}

/* ListQuests: the newest revision of every quest, by id. */
static enum ql_code quest_rpc_list(struct ql_call *call, const ListQuestsRequest *in,
                                   ListQuestsResponse *out)
{
    struct catalog *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quest *quests;
    const char *after;
    size_t n_quests;
    int n_asked;
    enum ql_code rc, token_rc;

    rc = ql_page_size_read(call, in->page_size, &n_asked);
    token_rc = ql_page_after_uuid(call, in->page_token, &after);
    if (rc != QL_OK || token_rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    rc = ql_pg_begin(call, app->read, &tx);
    if (rc != QL_OK)
        return rc;
    /* One more than asked for tells whether a page follows. */
    rc = quest_store_list(call, tx, after, false, n_asked + 1, &quests, &n_quests);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, quests, n_quests, (size_t)n_asked, out);
}

QL_RPC_HANDLER(quest_rpc_get, GetQuestRequest, GetQuestResponse)
QL_RPC_HANDLER(quest_rpc_list, ListQuestsRequest, ListQuestsResponse)

const struct ql_rpc_method quest_query_methods[] = {
    QL_RPC_METHOD("questline.catalog.v1.QuestQueryService/GetQuest", quest_rpc_get, GetQuestRequest,
                  GetQuestResponse, QL_LANE_NORMAL),
    QL_RPC_METHOD("questline.catalog.v1.QuestQueryService/ListQuests", quest_rpc_list,
                  ListQuestsRequest, ListQuestsResponse, QL_LANE_NORMAL),
    {0},
};
