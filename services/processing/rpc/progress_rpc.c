/* ProgressService: how far a user is. */
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/store/progress_store.h"

static ProgressQuest *quest_to_pb(struct ql_call *call, const struct shown_progress *row)
{
    ProgressQuest *quest = ql_arena_alloc(call->arena, sizeof(*quest));

    if (quest == NULL)
        return NULL;
    ProgressQuest_init(quest);
    quest->name = (char *)row->name;
    quest->reward_id = (char *)row->reward_id;
    quest->streak = row->quest_streak;
    quest->duplication = row->quest_duplication;
    quest->starts_at = row->has_start ? ql_timestamp_new(call, row->starts_ms) : NULL;
    quest->ends_at = row->has_end ? ql_timestamp_new(call, row->ends_ms) : NULL;
    quest->archived = row->is_archived;
    quest->revision = row->quest_revision;
    if ((row->has_start && quest->starts_at == NULL) || (row->has_end && quest->ends_at == NULL))
        return NULL;
    return quest;
}

static void *progress_message(struct ql_call *call, const void *element)
{
    const struct shown_progress *row = element;
    Progress *progress = ql_arena_alloc(call->arena, sizeof(*progress));

    if (progress == NULL)
        return NULL;
    Progress_init(progress);
    progress->quest_id = (char *)row->quest_id;
    progress->status = row->is_exhausted ? PROGRESS_STATUS_EXHAUSTED : PROGRESS_STATUS_IN_PROGRESS;
    progress->streak = row->streak;
    progress->duplication = row->duplication;
    if (row->quest_revision == 0)
        return progress;
    progress->quest = quest_to_pb(call, row);
    return progress->quest == NULL ? NULL : progress;
}

/* ListProgress: a page of one user's progress, by quest. */
static enum ql_code progress_rpc_list(struct ql_call *call, const ListProgressRequest *in,
                                      ListProgressResponse *out)
{
    struct processing *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct shown_progress *rows;
    struct ql_page page;
    size_t n_rows, n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One row more than asked for shows whether a page follows. */
    rc = progress_store_list(call, tx, in->user_id, ql_page_after_uuid(&page), page.n_rows + 1,
                             &rows, &n_rows);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(call, &page,
                      &(const struct ql_page_rows){rows, n_rows, sizeof(*rows), progress_message},
                      out, "progress", &n_shown);
    if (rc != QL_OK || n_shown == n_rows)
        return rc;
    return ql_page_token(call, &page, rows[n_shown - 1].quest_id, &out->next_page_token);
}

QL_RPC_SERVE(ProgressService_ListProgress, progress_rpc_list)
