/* A copy that is made when it is needed. */
#include "services/processing/live/definitions_draft.h"

#include "services/processing/live/catch_up.h"

void definitions_draft_begin(struct definitions_draft *draft, const struct processing *app)
{
    definitions_freep(&draft->changed);
    *draft = (struct definitions_draft){.before = app->definitions, .seq = app->definitions_seq};
}

void definitions_draft_done(struct definitions_draft *draft)
{
    definitions_freep(&draft->changed);
}

const struct definitions *definitions_draft_now(const struct definitions_draft *draft)
{
    return draft->changed != NULL ? draft->changed : draft->before;
}

enum ql_code definitions_draft_change(struct ql_call *call, struct definitions_draft *draft)
{
    if (draft->changed == NULL)
        draft->changed = definitions_copy(draft->before);
    return draft->changed == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code definitions_draft_catch_up(struct ql_call *call, struct ql_pg_tx *tx,
                                        struct definitions_draft *draft)
{
    int64_t last_seq;
    enum ql_code rc;

    rc = catch_up_last_seq(call, tx, &last_seq);
    if (rc != QL_OK || last_seq <= draft->seq)
        return rc;
    rc = definitions_draft_change(call, draft);
    if (rc != QL_OK)
        return rc;
    rc = catch_up_page(call, tx, draft->changed, &draft->seq, &draft->is_behind);
    if (rc != QL_OK)
        return rc;
    if (draft->is_behind)
        return ql_fail(call, QL_ABORTED, "QUESTS_BEHIND", "more quests changed than a page has");
    return QL_OK;
}

void definitions_draft_accept(struct definitions_draft *draft, struct processing *app)
{
    app->definitions_seq = draft->seq;
    if (draft->changed == NULL)
        return;
    definitions_free(app->definitions);
    app->definitions = draft->changed;
    draft->changed = NULL;
}
