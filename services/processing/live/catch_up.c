/* Rows of quests become definitions. */
#include "services/processing/live/catch_up.h"

#include <string.h>

#include "platform/base/clock.h"
#include "services/processing/live/batch.h"
#include "services/processing/replay/backfill_mark.h"
#include "services/processing/store/history_store.h"

enum { QUESTS_A_PAGE = 500 };

static const char *const types[] = {EVENT_QUEST_CHANGED, QUEST_BACKFILL};

/* Of a page of rows, and of one quest, which takes more than its text until it is
 * a definition. */
static const size_t page_limit = 32u * 1024 * 1024, quest_limit = 16u * 1024 * 1024;

enum ql_code catch_up_put(struct ql_call *call, struct definitions *definitions,
                          const struct definition *definition)
{
    if (definitions_put(definitions, definition))
        return QL_OK;
    return ql_fail(call, QL_RESOURCE_EXHAUSTED, "TOO_MANY_QUESTS",
                   "no memory for the definition of quest %s", definition->quest_id);
}

static enum ql_code put_row(struct ql_call *call, const struct rule_event *row, int64_t seq,
                            struct definitions *definitions)
{
    struct definition definition;
    struct backfill_mark mark;
    enum ql_code rc;

    if (strcmp(row->event_type, QUEST_BACKFILL) == 0) {
        rc = backfill_mark_read(call, seq, row->payload, &mark);
        if (rc != QL_OK)
            return rc;
        return backfill_mark_apply(call, &mark, definitions);
    }
    rc = history_store_read_quest(call, seq, row->payload, &definition);
    if (rc != QL_OK)
        return rc;
    return catch_up_put(call, definitions, &definition);
}

static enum ql_code put_quests(struct ql_call *call, const struct event_page *page,
                               struct definitions *definitions)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *quest = ql_arena_new(quest_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, quest);

    if (quest == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        enum ql_code rc;

        ql_arena_reset(quest);
        rc = put_row(call, &page->events[i], page->seqs[i], definitions);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code catch_up_page(struct ql_call *call, struct ql_pg_tx *tx,
                           struct definitions *definitions, int64_t *seq, bool *ret_has_more)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *rows = ql_arena_new(page_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, rows);
    struct event_page page = {0};
    enum ql_code rc;

    *ret_has_more = false;
    if (rows == NULL)
        return ql_fail_memory(call);
    rc = history_store_list_events(call, tx, types, QL_ARRAY_LENGTH(types), *seq, INT64_MAX,
                                   QUESTS_A_PAGE, &page);
    if (rc != QL_OK || page.n == 0)
        return rc;
    rc = put_quests(call, &page, definitions);
    if (rc != QL_OK)
        return rc;
    *seq = page.seqs[page.n - 1];
    *ret_has_more = page.is_full;
    return QL_OK;
}

enum ql_code catch_up_last_seq(struct ql_call *call, struct ql_pg_tx *tx, int64_t *ret_seq)
{
    return history_store_last_seq_of_types(call, tx, types, QL_ARRAY_LENGTH(types), ret_seq);
}

static enum ql_code run_page(struct ql_call *call, struct processing *app, bool *ret_has_more)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    return catch_up_page(call, tx, app->definitions, &app->definitions_seq, ret_has_more);
}

enum ql_code catch_up_run(struct ql_call *call, struct processing *app, int64_t until_ms)
{
    bool has_more = true;

    while (has_more && ql_monotonic_ms() < until_ms) {
        enum ql_code rc = run_page(call, app, &has_more);

        if (rc != QL_OK)
            return rc;
    }
    if (!has_more)
        app->is_caught_up = true;
    return QL_OK;
}
