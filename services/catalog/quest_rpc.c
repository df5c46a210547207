/* QuestCommandService and QuestQueryService: quests as a kind of resource. */
#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "services/catalog/quest.h"
#include "services/catalog/quest_kind.h"
#include "services/catalog/resource_rpc.h"

/* Of a draft that has none. */
static const char no_reward[] = "00000000-0000-0000-0000-000000000000";

/* What CreateQuest would refuse of a draft. */
static enum ql_code check_quest(struct ql_call *call, const CheckQuestRequest *in,
                                CheckQuestResponse *out)
{
    const struct catalog *catalog = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    Quest draft;
    enum ql_code rc;

    (void)out;
    draft = *in->quest;
    if (draft.reward_id[0] == '\0')
        draft.reward_id = (char *)no_reward;
    if (draft.name[0] == '\0')
        draft.name = (char *)"draft";
    rc = quest_normalize(call, &draft);
    if (rc != QL_OK)
        return rc;
    rc = quest_validate(call, &draft);
    if (rc != QL_OK)
        return rc;
    rc = quest_check_window(
        call, &draft, in->created_at == NULL ? ql_unix_ms() : ql_timestamp_ms(in->created_at));
    if (rc != QL_OK || draft.prerequisite_quest_id[0] == '\0')
        return rc;
    rc = ql_pg_begin(call, catalog->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    return quest_check_prerequisite(call, tx, NULL, &draft);
}

QL_RPC_SERVE(QuestCommandService_CheckQuest, check_quest)
CATALOG_COMMAND(QuestCommandService_CreateQuest, ql_resource_create, quest_kind)
CATALOG_COMMAND(QuestCommandService_UpdateQuest, ql_resource_update, quest_kind)
CATALOG_COMMAND(QuestCommandService_ArchiveQuest, ql_resource_archive, quest_kind)
CATALOG_QUERY(QuestQueryService_GetQuest, ql_query_serve_cached, ql_query_get, CATALOG_QUESTS)
CATALOG_QUERY(QuestQueryService_ListQuests, ql_query_page_serve_cached, ql_query_page_list,
              CATALOG_QUESTS)
