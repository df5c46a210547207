/* QuestQueryService: reads quests; query.h says from where. */
#include "platform/pb/message.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/query.h"

static bool quest_rpc_peek(struct ql_call *call, const GetQuestRequest *in,
                           struct ql_rpc_bytes *ret_out)
{
    return query_peek(call, MODEL_QUESTS, in->quest_id, in->revision, ret_out);
}

/* GetQuest: one revision of a quest, 0 for the newest. */
static enum ql_code quest_rpc_get(struct ql_call *call, const GetQuestRequest *in,
                                  GetQuestResponse *out)
{
    struct ql_copy_item item;
    enum ql_code rc;

    rc = query_get(call, MODEL_QUESTS, "questId", in->quest_id, in->revision, &item);
    if (rc != QL_OK)
        return rc;
    return ql_message_unpack(call, &Quest_descriptor, item.bytes, item.length, &out->quest);
}

static bool quest_rpc_peek_list(struct ql_call *call, const ListQuestsRequest *in,
                                struct ql_rpc_bytes *ret_out)
{
    return query_peek_page(call, MODEL_QUESTS, in, in->show_archived != 0, ret_out);
}

/* ListQuests: the newest revision of every quest, by id. */
static enum ql_code quest_rpc_list(struct ql_call *call, const ListQuestsRequest *in,
                                   ListQuestsResponse *out)
{
    struct ql_copy_page page;
    char *next_token;
    enum ql_code rc;

    rc = query_list(call, MODEL_QUESTS, in, in->show_archived != 0, &page, &next_token);
    if (rc != QL_OK)
        return rc;
    out->quests = ql_arena_calloc(call->arena, page.n_items + 1, sizeof(*out->quests));
    if (out->quests == NULL)
        return ql_fail_memory(call);
    for (; rc == QL_OK && out->n_quests < page.n_items; out->n_quests++)
        rc = ql_message_unpack(call, &Quest_descriptor, page.items[out->n_quests].bytes,
                               page.items[out->n_quests].length, &out->quests[out->n_quests]);
    out->next_page_token = next_token;
    return rc;
}

QL_RPC_FAST_HANDLER(quest_rpc_peek, GetQuestRequest)
QL_RPC_FAST_HANDLER(quest_rpc_peek_list, ListQuestsRequest)
QL_RPC_HANDLER(quest_rpc_get, GetQuestRequest, GetQuestResponse)
QL_RPC_HANDLER(quest_rpc_list, ListQuestsRequest, ListQuestsResponse)

const struct ql_rpc_method quest_query_methods[] = {
    QL_RPC_FAST_METHOD("questline.catalog.v1.QuestQueryService/GetQuest", quest_rpc_peek,
                       quest_rpc_get, GetQuestRequest, GetQuestResponse, QL_LANE_NORMAL),
    QL_RPC_FAST_METHOD("questline.catalog.v1.QuestQueryService/ListQuests", quest_rpc_peek_list,
                       quest_rpc_list, ListQuestsRequest, ListQuestsResponse, QL_LANE_NORMAL),
    {0},
};
