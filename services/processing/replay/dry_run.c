/* History through a draft, users in memory. */
#include "services/processing/replay/dry_run.h"

#include <string.h>

#include "services/processing/store/chain_store.h"
#include "services/processing/store/history_store.h"
#include "services/processing/store/waiting_store.h"

enum { EVENTS_A_PAGE = 500, MARGIN_MS = 1000 };

static const size_t page_limit = 32u * 1024 * 1024, usual_memory = 64u * 1024 * 1024;

struct run {
    const struct dry_run *dry_run;
    struct definitions *alone, *none;
    struct progress_set *set;
    struct ql_arena *pages;
    int64_t margin_ms;
    struct dry_run_result result;
};

static bool is_of_draft(const struct run *run, const struct rule_event *event)
{
    const struct dry_run *dry_run = run->dry_run;
    size_t n_matches;

    if ((dry_run->has_since && event->occurred_ms < dry_run->since_ms) ||
        (dry_run->has_until && event->occurred_ms >= dry_run->until_ms))
        return false;
    (void)definitions_matching(run->alone, event->event_type, &n_matches);
    return n_matches > 0;
}

/* A user has completed the prerequisite when the row of the first time has come. */
static bool note_prerequisite(struct run *run, const struct rule_event *event)
{
    const char *needed_id = run->dry_run->definition->prerequisite_id;
    struct progress needed = {.duplication = 1};
    char id[QL_UUID_SIZE];

    if (needed_id[0] == '\0' || strcmp(event->event_type, EVENT_QUEST_COMPLETED) != 0)
        return true;
    completion_id(event->user_id, needed_id, 1, id);
    if (strcmp(id, event->event_id) != 0)
        return true;
    memcpy(needed.user_id, event->user_id, sizeof(needed.user_id));
    memcpy(needed.quest_id, needed_id, sizeof(needed.quest_id));
    return progress_set_put(run->set, &needed);
}

/* Users of the page who are deleted. */
struct deleted_users {
    const char *const *ids;
    size_t n;
};

static enum ql_code list_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct event_page *page, struct deleted_users *ret_deleted)
{
    const char **users = ql_arena_calloc(call->arena, page->n, sizeof(*users));
    size_t n = 0;

    if (users == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++)
        if (page->events[i].user_id[0] != '\0')
            users[n++] = page->events[i].user_id;
    return history_store_list_deleted(call, tx, users, n, &ret_deleted->ids, &ret_deleted->n);
}

/* Who is deleted has no progress, wherever in the history that stands. False when
 * memory is at its end. */
static bool note_deleted(struct run *run, const struct deleted_users *deleted)
{
    for (size_t i = 0; i < deleted->n; i++) {
        struct user_state *user = user_states_take(progress_set_users(run->set), deleted->ids[i]);

        if (user == NULL)
            return false;
        user->is_deleted = true;
    }
    return true;
}

/* False when memory is at its end. */
static bool try_event(struct run *run, const struct rule_event *event)
{
    bool counts = is_of_draft(run, event);
    struct completion *completions;

    /* What an event says of its user holds whenever it happened. */
    if (!note_prerequisite(run, event) ||
        !progress_evaluate(run->set, counts ? run->alone : run->none, event, &completions))
        return false;
    run->result.n_events += counts && !event->has_waited;
    for (; completions != NULL; completions = completions->next)
        run->result.n_completions++;
    return true;
}

/* What has waited for the registration of a user, in the pages' arena. */
static enum ql_code try_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct run *run,
                                const char *user_id)
{
    struct event_page waiting;
    enum ql_code rc;

    rc = waiting_store_list(call, tx, user_id, &waiting);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; !run->result.is_cut_short && i < waiting.n; i++)
        run->result.is_cut_short = !try_event(run, &waiting.events[i]);
    return QL_OK;
}

static enum ql_code try_page(struct ql_call *call, struct ql_pg_tx *tx, struct run *run,
                             const struct event_page *page)
{
    bool *waits;
    enum ql_code rc;

    rc = waiting_store_find_events(call, tx, page, &waits);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; !run->result.is_cut_short && i < page->n; i++) {
        run->result.is_cut_short = !try_event(run, &page->events[i]);
        if (run->result.is_cut_short || waits == NULL || !waits[i])
            continue;
        rc = try_waiting(call, tx, run, page->events[i].user_id);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

static enum ql_code list_types(struct ql_call *call, const struct definition *definition,
                               const char ***ret_types, size_t *ret_n)
{
    const char **types =
        ql_arena_calloc(call->arena, definition->n_event_types + 4, sizeof(*types));
    size_t n = 0;

    if (types == NULL)
        return ql_fail_memory(call);
    for (; n < definition->n_event_types; n++)
        types[n] = definition->event_types[n];
    types[n++] = EVENT_USER_REGISTERED;
    types[n++] = EVENT_USER_CHANGED;
    types[n++] = EVENT_USER_DELETED;
    if (definition->prerequisite_id[0] != '\0')
        types[n++] = EVENT_QUEST_COMPLETED;
    *ret_types = types;
    *ret_n = n;
    return QL_OK;
}

/* Which rows of the history are read next. */
struct range {
    const char **types;
    size_t n_types;
    int64_t after_seq, last_seq;
    bool is_over;
};

static enum ql_code try_next_page(struct ql_call *call, struct ql_pg_tx *tx, struct run *run,
                                  struct range *range)
{
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, run->pages);
    struct deleted_users deleted = {0};
    struct event_page page = {0};
    enum ql_code rc;

    ql_arena_reset(run->pages);
    rc = history_store_list_events(call, tx, range->types, range->n_types, range->after_seq,
                                   range->last_seq + 1, EVENTS_A_PAGE, &page);
    range->is_over = page.n == 0;
    if (rc != QL_OK || range->is_over)
        return rc;
    rc = chain_store_read(call, tx, &page);
    if (rc != QL_OK)
        return rc;
    rc = list_deleted(call, tx, &page, &deleted);
    if (rc != QL_OK)
        return rc;
    range->after_seq = page.seqs[page.n - 1];
    if (note_deleted(run, &deleted))
        return try_page(call, tx, run, &page);
    run->result.is_cut_short = true;
    return QL_OK;
}

static enum ql_code try_pages(struct ql_call *call, struct ql_pg_tx *tx, struct run *run)
{
    struct range range = {0};
    enum ql_code rc;

    rc = list_types(call, run->dry_run->definition, &range.types, &range.n_types);
    if (rc != QL_OK)
        return rc;
    rc = history_store_last_seq(call, tx, &range.last_seq);
    if (rc != QL_OK)
        return rc;
    while (!range.is_over && !run->result.is_cut_short) {
        rc = try_next_page(call, tx, run, &range);
        if (rc != QL_OK)
            return rc;
        if (!range.is_over && ql_call_remaining_ms(call) < run->margin_ms)
            run->result.is_cut_short = true;
    }
    return QL_OK;
}

static enum ql_code try_history(struct ql_call *call, struct ql_pg_tx *tx, struct run *run)
{
    enum ql_code rc = try_pages(call, tx, run);

    if (rc != QL_DEADLINE_EXCEEDED &&
        (rc != QL_UNAVAILABLE || ql_call_remaining_ms(call) >= run->margin_ms))
        return rc;
    /* The database was the slower one; there is a little time left to answer. */
    ql_call_clear_status(call);
    run->result.is_cut_short = true;
    return QL_OK;
}

static void count_users(struct run *run)
{
    const char *quest_id = run->dry_run->definition->quest_id;

    for (const struct progress *p = progress_set_first(run->set); p != NULL; p = p->next) {
        if (strcmp(p->quest_id, quest_id) != 0)
            continue;
        if (p->duplication > 0)
            run->result.n_users_completed++;
        else
            run->result.n_users_in_progress++;
    }
}

enum ql_code dry_run_execute(struct ql_call *call, struct ql_pg_pool *pool,
                             const struct dry_run *dry_run, struct dry_run_result *ret_result)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    QL_CLEANUP(ql_arena_freep)
    struct ql_arena *users =
        ql_arena_new(dry_run->memory_max == 0 ? usual_memory : dry_run->memory_max);
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    QL_CLEANUP(definitions_freep) struct definitions *alone = definitions_new();
    QL_CLEANUP(definitions_freep) struct definitions *none = definitions_new();
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    struct run run = {.dry_run = dry_run, .alone = alone, .none = none, .pages = pages};
    enum ql_code rc;

    run.margin_ms = ql_call_remaining_ms(call) / 4;
    if (run.margin_ms > MARGIN_MS)
        run.margin_ms = MARGIN_MS;
    run.set = users == NULL ? NULL : progress_set_new(users, zones);
    if (run.set == NULL || pages == NULL || none == NULL || zones == NULL || alone == NULL ||
        !definitions_put(alone, dry_run->definition))
        return ql_fail_memory(call);
    progress_set_use_scratch(run.set, pages);
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = history_store_read_only(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = try_history(call, tx, &run);
    if (rc != QL_OK)
        return rc;
    count_users(&run);
    *ret_result = run.result;
    return QL_OK;
}
