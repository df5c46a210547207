/* History through one quest, then its completions through the others. */
#include "services/processing/replay/backfill.h"

#include <string.h>

#include "services/processing/replay/publish.h"
#include "services/processing/store/arrival_store.h"

enum {
    COMPLETIONS_A_PAGE = 50, /* each may bring about hundreds */
};

static const size_t page_limit = 128u * 1024 * 1024;

/* An event may say that it happens five minutes from its arrival, and clocks differ. */
static const int64_t ahead_ms = 6 * 60 * 1000;

enum ql_code backfill_is_due(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct definition *definition, int64_t seq, bool *ret_is_due)
{
    *ret_is_due = definition->backfill && !definition->is_archived;
    if (definition->is_archived || definition->backfill || !definition->has_creation)
        return QL_OK;
    return arrival_store_has_since(call, tx, definition->event_types, definition->n_event_types,
                                   definition->created_ms - ahead_ms, seq, ret_is_due);
}

/* The types it counts, and those that say what is to be known of users. */
static enum ql_code list_types(struct ql_call *call, const struct definition *definition,
                               const char ***ret_types, size_t *ret_n)
{
    const char **types =
        ql_arena_calloc(call->arena, definition->n_event_types + 3, sizeof(*types));
    size_t n = 0;

    if (types == NULL)
        return ql_fail_memory(call);
    for (; n < definition->n_event_types; n++)
        types[n] = definition->event_types[n];
    types[n++] = EVENT_USER_REGISTERED;
    types[n++] = EVENT_USER_CHANGED;
    types[n++] = EVENT_USER_DELETED;
    *ret_types = types;
    *ret_n = n;
    return QL_OK;
}

/* What the quest counts of the rows in order; nothing of an archived one. */
static enum ql_code list_history(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct definition *definition, int64_t after_seq,
                                 int64_t before_seq, int max_rows, struct event_page *ret_page)
{
    const char **types = NULL;
    size_t n_types = 0;
    enum ql_code rc;

    *ret_page = (struct event_page){0};
    if (definition->is_archived)
        return QL_OK;
    rc = list_types(call, definition, &types, &n_types);
    if (rc != QL_OK)
        return rc;
    if (definition->backfill || !definition->has_creation)
        return history_store_list_events(call, tx, types, n_types, after_seq, before_seq, max_rows,
                                         ret_page);
    return history_store_list_events_since(call, tx, types, n_types, definition->created_ms,
                                           after_seq, before_seq, max_rows, ret_page);
}

enum ql_code backfill_begin(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct definition *definition, int64_t seq, int max_rows,
                            int64_t *ret_after_seq, bool *ret_is_long)
{
    struct event_page page = {0};
    enum ql_code rc = QL_OK;

    *ret_after_seq = 0;
    if (!definition->backfill)
        rc = arrival_store_find(call, tx, definition->created_ms - ahead_ms, seq, ret_after_seq);
    if (rc != QL_OK)
        return rc;
    rc = list_history(call, tx, definition, *ret_after_seq, seq, max_rows, &page);
    *ret_is_long = page.is_full;
    return rc;
}

static enum ql_code replay_history(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                                   const struct backfill *backfill)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, pages);
    struct event_page page = {0};
    int64_t after_seq = backfill->after_seq;
    enum ql_code rc;

    if (pages == NULL)
        return ql_fail_memory(call);
    do {
        ql_arena_reset(pages);
        rc = list_history(call, tx, backfill->definition, after_seq, backfill->before_seq,
                          BACKFILL_STEP_ROWS, &page);
        if (rc != QL_OK || page.n == 0)
            return rc;
        after_seq = page.seqs[page.n - 1];
        rc = replay_events(call, tx, replay, &page, page.seqs[0]);
        if (rc != QL_OK)
            return rc;
    } while (page.is_full);
    return QL_OK;
}

/* The completions behind after_cursor, up to last_cursor. */
static enum ql_code replay_completions(struct ql_call *call, struct ql_pg_tx *tx,
                                       struct replay *replay, int64_t after_cursor,
                                       int64_t last_cursor, int64_t seq)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, pages);

    if (pages == NULL)
        return ql_fail_memory(call);
    for (;;) {
        struct event_page page = {0};
        enum ql_code rc;

        ql_arena_reset(pages);
        rc = replay->log->list(call, tx, after_cursor, last_cursor + 1, COMPLETIONS_A_PAGE, &page);
        if (rc != QL_OK || page.n == 0)
            return rc;
        after_cursor = page.seqs[page.n - 1];
        rc = replay_events(call, tx, replay, &page, seq);
        if (rc != QL_OK)
            return rc;
    }
}

enum ql_code backfill_run(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct backfill *backfill, int64_t *cursor, int64_t *ret_n)
{
    const struct definition *definition = backfill->definition;
    QL_CLEANUP(definitions_freep) struct definitions *alone = definitions_new();
    QL_CLEANUP(replay_cache_done) struct replay_cache cache = {0};
    struct replay history = {.definitions = alone,
                             .zones = backfill->zones,
                             .log = backfill->log,
                             .cache = &cache,
                             .prerequisite_id = definition->prerequisite_id[0] == '\0'
                                                    ? NULL
                                                    : definition->prerequisite_id,
                             .last_cursor = *cursor};
    struct replay others = {.definitions = backfill->definitions,
                            .zones = backfill->zones,
                            .log = backfill->log,
                            .cache = &cache};
    size_t n_matches;
    enum ql_code rc;

    if (alone == NULL || !definitions_put(alone, definition) ||
        !replay_cache_init(&cache, backfill->is_first))
        return ql_fail_memory(call);
    rc = replay_history(call, tx, &history, backfill);
    if (rc != QL_OK)
        return rc;
    rc = replay_cache_flush(call, tx, &cache);
    if (rc != QL_OK)
        return rc;
    others.last_cursor = history.last_cursor;
    (void)definitions_matching(backfill->definitions, EVENT_QUEST_COMPLETED, &n_matches);
    if (history.n_completions > 0 && n_matches > 0)
        rc = replay_completions(call, tx, &others, *cursor, history.last_cursor, backfill->seq);
    if (rc != QL_OK)
        return rc;
    *ret_n = history.n_completions + others.n_completions;
    *cursor = others.last_cursor;
    return replay_cache_flush(call, tx, &cache);
}

/* Which rows the next step counts, and by which revision. */
static enum ql_code plan_step(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct definition *definition, int64_t next_revision_seq,
                              int max_rows, struct backfill_mark *mark)
{
    struct event_page page;
    enum ql_code rc;

    rc = list_history(call, tx, definition, mark->after_seq,
                      next_revision_seq == 0 ? INT64_MAX : next_revision_seq, max_rows, &page);
    if (rc != QL_OK)
        return rc;
    if (page.is_full) {
        mark->through_seq = page.seqs[page.n - 1];
        return QL_OK;
    }
    mark->through_seq = next_revision_seq;
    mark->is_done = next_revision_seq == 0;
    return mark->is_done ? history_store_last_seq(call, tx, &mark->through_seq) : QL_OK;
}

static enum ql_code run_mark(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct backfill_mark *mark, int64_t seq,
                             const struct definition *definition,
                             const struct definitions *definitions, struct day_zones *zones,
                             const struct completion_log *log, int64_t *cursor, int64_t *ret_n)
{
    return backfill_run(call, tx,
                        &(const struct backfill){.definition = definition,
                                                 .definitions = definitions,
                                                 .zones = zones,
                                                 .log = log,
                                                 .after_seq = mark->after_seq,
                                                 .before_seq = mark->through_seq + 1,
                                                 .seq = seq},
                        cursor, ret_n);
}

enum ql_code backfill_step(struct ql_call *call, struct ql_pg_tx *tx,
                           const struct definition_held *held,
                           const struct definitions *definitions, struct day_zones *zones,
                           int max_rows, struct backfill_mark *ret_mark, int64_t *ret_last_seq,
                           int64_t *ret_n)
{
    struct backfill_mark mark = {.after_seq = held->after_seq};
    struct definition definition;
    struct event_row row;
    int64_t next_seq, seq;
    enum ql_code rc;

    memcpy(mark.quest_id, held->quest_id, sizeof(mark.quest_id));
    rc =
        history_store_get_revision(call, tx, mark.quest_id, mark.after_seq, &definition, &next_seq);
    if (rc != QL_OK)
        return rc;
    rc = plan_step(call, tx, &definition, next_seq, max_rows, &mark);
    if (rc != QL_OK)
        return rc;
    rc = backfill_mark_row(call, &mark, &row);
    if (rc != QL_OK)
        return rc;
    rc = event_store_append(call, tx, &row, 1, &seq);
    if (rc != QL_OK)
        return rc;
    *ret_last_seq = seq;
    *ret_mark = mark;
    return run_mark(call, tx, &mark, seq, &definition, definitions, zones, &publish_completion_log,
                    ret_last_seq, ret_n);
}

enum ql_code backfill_repeat(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct backfill_mark *mark, int64_t seq,
                             const struct definitions *definitions, struct day_zones *zones,
                             const struct completion_log *log, int64_t *cursor)
{
    struct definition definition;
    int64_t next_seq, n;
    enum ql_code rc;

    rc = history_store_get_revision(call, tx, mark->quest_id, mark->after_seq, &definition,
                                    &next_seq);
    if (rc != QL_OK)
        return rc;
    return run_mark(call, tx, mark, seq, &definition, definitions, zones, log, cursor, &n);
}
