/* History through one quest, then its completions through the others. */
#include "services/processing/backfill.h"

#include <string.h>

#include "services/processing/arrival_store.h"

enum {
    FACTS_A_PAGE = 500,
    COMPLETIONS_A_PAGE = 50, /* each may bring about hundreds */
};

static const size_t page_limit = 128u * 1024 * 1024;

/* An event may say that it happens five minutes from its arrival, and clocks differ. */
static const int64_t ahead_ms = 6 * 60 * 1000;

enum ql_code backfill_is_due(struct ql_call *call, struct ql_pg_tx *tx,
                             const struct definition *definition, int64_t seq, bool *ret_is_due)
{
    *ret_is_due = definition->is_backfilled && !definition->is_archived;
    if (definition->is_archived || definition->is_backfilled || !definition->has_creation)
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
    types[n++] = USER_REGISTERED;
    types[n++] = USER_CHANGED;
    types[n++] = USER_DELETED;
    *ret_types = types;
    *ret_n = n;
    return QL_OK;
}

static enum ql_code fold_history(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                                 const struct definition *definition, int64_t seq)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    struct ql_arena *outer = call->arena;
    struct fact_page page = {0};
    int64_t after_seq = 0;
    const char **types = NULL;
    size_t n_types = 0;
    enum ql_code rc;

    rc = list_types(call, definition, &types, &n_types);
    if (rc == QL_OK && !definition->is_backfilled)
        rc = arrival_store_find(call, tx, definition->created_ms - ahead_ms, seq, &after_seq);
    if (rc != QL_OK)
        return rc;
    if (pages == NULL)
        return ql_fail_memory(call);
    do {
        ql_arena_reset(pages);
        call->arena = pages;
        rc = definition->is_backfilled
                 ? fact_store_list_facts(call, tx, types, n_types, after_seq, seq, FACTS_A_PAGE,
                                         &page)
                 : fact_store_list_facts_since(call, tx, types, n_types, definition->created_ms,
                                               after_seq, seq, FACTS_A_PAGE, &page);
        if (rc == QL_OK && page.n > 0) {
            after_seq = page.seqs[page.n - 1];
            rc = fold_facts(call, tx, fold, &page, page.seqs[0]);
        }
        call->arena = outer;
    } while (rc == QL_OK && page.n > 0);
    return rc;
}

/* The completions behind after_place, up to last_place. */
static enum ql_code fold_completions(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                                     int64_t after_place, int64_t last_place, int64_t seq)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    struct ql_arena *outer = call->arena;
    struct fact_page page = {0};
    enum ql_code rc;

    if (pages == NULL)
        return ql_fail_memory(call);
    do {
        ql_arena_reset(pages);
        call->arena = pages;
        rc = fold->sink->list(call, tx, after_place, last_place + 1, COMPLETIONS_A_PAGE, &page);
        if (rc == QL_OK && page.n > 0) {
            after_place = page.seqs[page.n - 1];
            rc = fold_facts(call, tx, fold, &page, seq);
        }
        call->arena = outer;
    } while (rc == QL_OK && page.n > 0);
    return rc;
}

enum ql_code backfill_run(struct ql_call *call, struct ql_pg_tx *tx,
                          const struct definition *definition,
                          const struct definitions *definitions, int64_t seq,
                          struct day_zones *zones, const struct fold_sink *sink, int64_t *place,
                          int64_t *ret_n)
{
    QL_CLEANUP(definitions_freep) struct definitions *alone = definitions_new();
    QL_CLEANUP(fold_cache_done) struct fold_cache cache = {0};
    struct fold history = {.definitions = alone,
                           .zones = zones,
                           .sink = sink,
                           .cache = &cache,
                           .prerequisite_id = definition->prerequisite_id[0] == '\0'
                                                  ? NULL
                                                  : definition->prerequisite_id,
                           .last_place = *place};
    struct fold others = {
        .definitions = definitions, .zones = zones, .sink = sink, .cache = &cache};
    size_t n_matches;
    enum ql_code rc;

    if (alone == NULL || !definitions_put(alone, definition) ||
        !fold_cache_init(&cache, definition->is_backfilled))
        return ql_fail_memory(call);
    rc = fold_history(call, tx, &history, definition, seq);
    if (rc == QL_OK)
        rc = fold_cache_flush(call, tx, &cache);
    *ret_n = history.n_completions;
    others.last_place = history.last_place;
    (void)definitions_matching(definitions, QUEST_COMPLETED, &n_matches);
    if (rc == QL_OK && history.n_completions > 0 && n_matches > 0)
        rc = fold_completions(call, tx, &others, *place, history.last_place, seq);
    if (rc == QL_OK)
        rc = fold_cache_flush(call, tx, &cache);
    *ret_n += others.n_completions;
    *place = others.last_place;
    return rc;
}
