/* The whole replay: every row of the event table in order, quests as they change. */
#include "services/processing/replay/rebuild.h"

#include <string.h>

#include "platform/audit/audit.h"
#include "services/processing/replay/backfill.h"
#include "services/processing/replay/rebuild_store.h"
#include "services/processing/store/event_store.h"

enum { EVENTS_A_PAGE = 500 };

static const size_t page_limit = 128u * 1024 * 1024;

struct rebuild {
    struct ql_arena *pages;
    struct definitions *definitions;
    struct day_zones *zones;
    struct replay replay;
    int64_t after_seq;
    int64_t n_events;
};

/* Events between two changes of quests. Completions follow from their causes; that
 * they are stored is looked at in the end. */
static enum ql_code replay_run(struct ql_call *call, struct ql_pg_tx *tx, struct rebuild *rebuild,
                               const struct event_page *page, size_t from, size_t to)
{
    struct event_page run = {.events = page->events + from, .seqs = page->seqs + from};
    int64_t before_seq = from < to ? page->seqs[from] : 0;

    for (size_t i = from; i < to; i++) {
        if (strcmp(page->events[i].event_type, EVENT_QUEST_COMPLETED) == 0)
            continue;
        run.events[run.n] = page->events[i];
        run.seqs[run.n++] = page->seqs[i];
    }
    return run.n == 0 ? QL_OK : replay_events(call, tx, &rebuild->replay, &run, before_seq);
}

static enum ql_code change_quest(struct ql_call *call, struct ql_pg_tx *tx, struct rebuild *rebuild,
                                 const struct rule_event *event, int64_t seq)
{
    struct backfill backfill = {.definitions = rebuild->definitions,
                                .zones = rebuild->zones,
                                .log = &rebuild_completion_log,
                                .before_seq = seq,
                                .seq = seq};
    struct definition quest;
    bool is_first, is_due = false, is_long;
    int64_t n_completions;
    enum ql_code rc;

    rc = history_store_read_quest(call, seq, event->payload, &quest);
    if (rc != QL_OK)
        return rc;
    is_first = definitions_find(rebuild->definitions, quest.quest_id) == NULL;
    if (!definitions_put(rebuild->definitions, &quest))
        return ql_fail_memory(call);
    if (is_first && definitions_find_held(rebuild->definitions, quest.quest_id) == NULL)
        rc = backfill_is_due(call, tx, &quest, seq, &is_due);
    if (rc != QL_OK || !is_due)
        return rc;
    rc = replay_cache_flush(call, tx, rebuild->replay.cache);
    if (rc != QL_OK)
        return rc;
    rc = backfill_begin(call, tx, &quest, seq, BACKFILL_STEP_ROWS, &backfill.after_seq, &is_long);
    if (rc != QL_OK)
        return rc;
    backfill.definition = &quest;
    backfill.is_first = backfill.after_seq == 0;
    return backfill_run(call, tx, &backfill, &rebuild->replay.last_cursor, &n_completions);
}

/* A step of a backfill, where it was done. */
static enum ql_code repeat_step(struct ql_call *call, struct ql_pg_tx *tx, struct rebuild *rebuild,
                                const struct rule_event *event, int64_t seq)
{
    struct backfill_mark mark;
    enum ql_code rc;

    rc = backfill_mark_read(call, seq, event->payload, &mark);
    if (rc != QL_OK)
        return rc;
    if (!mark.is_start)
        rc = replay_cache_flush(call, tx, rebuild->replay.cache);
    if (rc != QL_OK)
        return rc;
    if (!mark.is_start)
        rc = backfill_repeat(call, tx, &mark, seq, rebuild->definitions, rebuild->zones,
                             &rebuild_completion_log, &rebuild->replay.last_cursor);
    if (rc != QL_OK)
        return rc;
    return backfill_mark_apply(call, &mark, rebuild->definitions);
}

static bool is_of_quests(const struct rule_event *event)
{
    return strcmp(event->event_type, EVENT_QUEST_CHANGED) == 0 ||
           strcmp(event->event_type, QUEST_BACKFILL) == 0;
}

static enum ql_code replay_page(struct ql_call *call, struct ql_pg_tx *tx, struct rebuild *rebuild,
                                const struct event_page *page)
{
    size_t from = 0;
    enum ql_code rc;

    for (size_t i = 0; i < page->n; i++) {
        if (!is_of_quests(&page->events[i]))
            continue;
        rc = replay_run(call, tx, rebuild, page, from, i);
        if (rc != QL_OK)
            return rc;
        if (strcmp(page->events[i].event_type, QUEST_BACKFILL) == 0)
            rc = repeat_step(call, tx, rebuild, &page->events[i], page->seqs[i]);
        else
            rc = change_quest(call, tx, rebuild, &page->events[i], page->seqs[i]);
        if (rc != QL_OK)
            return rc;
        from = i + 1;
    }
    return replay_run(call, tx, rebuild, page, from, page->n);
}

/* Replays what stands behind the last row replayed, to the end of the table. */
static enum ql_code replay_to_end(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct rebuild *rebuild)
{
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, rebuild->pages);

    for (;;) {
        struct event_page page = {0};
        enum ql_code rc;

        ql_arena_reset(rebuild->pages);
        rc = history_store_list_events(call, tx, NULL, 0, rebuild->after_seq, INT64_MAX,
                                       EVENTS_A_PAGE, &page);
        if (rc != QL_OK || page.n == 0)
            return rc;
        rebuild->after_seq = page.seqs[page.n - 1];
        rebuild->n_events += (int64_t)page.n;
        rc = replay_page(call, tx, rebuild, &page);
        if (rc != QL_OK)
            return rc;
    }
}

static enum ql_code rebuild_all(struct ql_call *call, struct ql_pg_pool *pool,
                                struct rebuild *rebuild, bool swaps, struct rebuild_report *report)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = rebuild_store_enter(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = replay_to_end(call, tx, rebuild);
    if (rc != QL_OK)
        return rc;
    rc = event_store_lock(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = replay_to_end(call, tx, rebuild); /* what came meanwhile */
    if (rc != QL_OK)
        return rc;
    rc = replay_cache_flush(call, tx, rebuild->replay.cache);
    if (rc != QL_OK)
        return rc;
    rc = rebuild_store_leave(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = rebuild_store_compare(call, tx, report);
    if (rc != QL_OK || !swaps)
        return rc;
    rc = rebuild_store_swap(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_audit_record(call, tx, "progress", "all", NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    report->is_swapped = rc == QL_OK;
    return rc;
}

enum ql_code rebuild_run(struct ql_call *call, struct ql_pg_pool *pool, bool swaps,
                         struct rebuild_report *ret_report)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    QL_CLEANUP(replay_cache_done) struct replay_cache cache = {0};
    struct rebuild rebuild = {.pages = pages,
                              .definitions = definitions,
                              .zones = zones,
                              .replay = {.definitions = definitions,
                                         .zones = zones,
                                         .log = &rebuild_completion_log,
                                         .cache = &cache}};
    enum ql_code rc;

    if (pages == NULL || definitions == NULL || zones == NULL || !replay_cache_init(&cache, true))
        return ql_fail_memory(call);
    memset(ret_report, 0, sizeof(*ret_report));
    rc = rebuild_all(call, pool, &rebuild, swaps, ret_report);
    ret_report->n_events = rebuild.n_events;
    return rc;
}
