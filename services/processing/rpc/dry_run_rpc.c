/* TryOutService: what a draft would have come to. */
#include "platform/pb/wire/timestamp.h"
#include "questline/catalog/v1/client.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/replay/dry_run.h"
#include "services/processing/rules/definition_pb.h"

/* Of a draft that has none. */
static char draft_id[] = "00000000-0000-0000-0000-000000000000";

/* One validation for drafts and for quests: the catalog's. Without a catalog, as in
 * tests of this module, the rules' own limits are all there is. */
static enum ql_code check(struct ql_call *call, const struct processing *app, const Quest *quest)
{
    CheckQuestRequest request;
    CheckQuestResponse *response;
    Quest draft = *quest;

    if (quest->archived)
        return ql_violate(call, "quest.archived", "is true: an archived quest counts nothing");
    if (ql_service_channel(&app->parts, "catalog") == NULL)
        return QL_OK;
    draft.revision = 0;
    draft.revised_at = draft.created_at = NULL;
    draft.etag = (char *)"";
    CheckQuestRequest_init(&request);
    request.quest = &draft;
    request.created_at = quest->created_at;
    return quest_command_service_check_quest(call, ql_service_channel(&app->parts, "catalog"),
                                             &request, &response);
}

/* TryOutQuest: evaluates the stored events by a draft. */
static enum ql_code dry_run_rpc_try(struct ql_call *call, const TryOutQuestRequest *in,
                                    TryOutQuestResponse *out)
{
    struct processing *app = call->app;
    struct definition definition;
    struct dry_run dry_run = {
        .definition = &definition, .has_since = in->since != NULL, .has_until = in->until != NULL};
    struct dry_run_result result;
    Quest quest;
    enum ql_code rc;

    rc = check(call, app, in->quest);
    if (rc != QL_OK)
        return rc;
    quest = *in->quest;
    if (quest.quest_id[0] == '\0')
        quest.quest_id = draft_id;
    if (quest.revision == 0)
        quest.revision = 1;
    rc = definition_from_pb(call, &quest, &definition);
    if (rc != QL_OK)
        return rc;
    definition.is_archived = definition.has_creation = false;
    dry_run.since_ms = dry_run.has_since ? ql_timestamp_ms(in->since) : 0;
    dry_run.until_ms = dry_run.has_until ? ql_timestamp_ms(in->until) : 0;
    rc = dry_run_execute(call, app->parts.pg, &dry_run, &result);
    if (rc != QL_OK)
        return rc;
    out->users_completed = result.n_users_completed;
    out->completions = result.n_completions;
    out->users_in_progress = result.n_users_in_progress;
    out->events_seen = result.n_events;
    out->cut_short = result.is_cut_short;
    return QL_OK;
}

QL_RPC_SERVE_ON(TryOutService_TryOutQuest, QL_RPC_POOL_HEAVY, dry_run_rpc_try)
