/* QuestCommandService and QuestQueryService: quests as a kind of resource. */
#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/cache/query.h"
#include "services/catalog/cache/query_page.h"
#include "services/catalog/catalog.h"
#include "services/catalog/quest.h"
#include "services/catalog/quest_kind.h"
#include "services/catalog/resource/command.h"

/* Of a draft that has none. */
static const char no_reward[] = "00000000-0000-0000-0000-000000000000";

static enum ql_code create_quest(struct ql_call *call, const CreateQuestRequest *in,
                                 CreateQuestResponse *out)
{
    return resource_create(call, &quest_kind, &in->base, &out->base);
}

static enum ql_code update_quest(struct ql_call *call, const UpdateQuestRequest *in,
                                 UpdateQuestResponse *out)
{
    return resource_update(call, &quest_kind, &in->base, &out->base);
}

static enum ql_code archive_quest(struct ql_call *call, const ArchiveQuestRequest *in,
                                  ArchiveQuestResponse *out)
{
    return resource_archive(call, &quest_kind, &in->base, &out->base);
}

/* What CreateQuest would refuse of a draft. */
static enum ql_code check_quest(struct ql_call *call, const CheckQuestRequest *in,
                                CheckQuestResponse *out)
{
    const struct catalog *catalog = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
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
    return rc == QL_OK ? quest_check_prerequisite(call, tx, NULL, &draft) : rc;
}

static bool serve_cached_quest(struct ql_call *call, const GetQuestRequest *in,
                               struct ql_rpc_bytes *ret_out)
{
    struct catalog *catalog = call->app;

    return query_serve_cached(call, &catalog->reads, CATALOG_QUESTS, &in->base, ret_out);
}

static enum ql_code get_quest(struct ql_call *call, const GetQuestRequest *in,
                              GetQuestResponse *out)
{
    struct catalog *catalog = call->app;

    return query_get(call, &catalog->reads, CATALOG_QUESTS, &in->base, &out->base);
}

static bool serve_cached_quests(struct ql_call *call, const ListQuestsRequest *in,
                                struct ql_rpc_bytes *ret_out)
{
    struct catalog *catalog = call->app;

    return query_page_serve_cached(call, &catalog->reads, CATALOG_QUESTS, &in->base, ret_out);
}

static enum ql_code list_quests(struct ql_call *call, const ListQuestsRequest *in,
                                ListQuestsResponse *out)
{
    struct catalog *catalog = call->app;

    return query_page_list(call, &catalog->reads, CATALOG_QUESTS, &in->base, &out->base);
}

QL_RPC_SERVE(QuestCommandService_CheckQuest, check_quest)
QL_RPC_SERVE(QuestCommandService_CreateQuest, create_quest)
QL_RPC_SERVE(QuestCommandService_UpdateQuest, update_quest)
QL_RPC_SERVE(QuestCommandService_ArchiveQuest, archive_quest)
QL_RPC_SERVE_FAST(QuestQueryService_GetQuest, serve_cached_quest, get_quest)
QL_RPC_SERVE_FAST(QuestQueryService_ListQuests, serve_cached_quests, list_quests)
