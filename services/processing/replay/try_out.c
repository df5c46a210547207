/* History through a draft, users in memory. */
#include "services/processing/replay/try_out.h"

#include <string.h>

#include "services/processing/store/chain_store.h"
#include "services/processing/store/fact_store.h"
#include "services/processing/store/waiting_store.h"

enum { FACTS_A_PAGE = 500, MARGIN_MS = 1000 };

static const size_t page_limit = 32u * 1024 * 1024, usual_memory = 64u * 1024 * 1024;

struct trial {
    const struct try_out *try_out;
    struct definitions *alone, *none;
    struct progress_set *set;
    struct ql_arena *pages;
    int64_t margin_ms;
    struct try_out_result result;
};

static bool is_of_draft(const struct trial *trial, const struct fact *fact)
{
    const struct try_out *try_out = trial->try_out;
    size_t n_matches;

    if ((try_out->has_since && fact->occurred_ms < try_out->since_ms) ||
        (try_out->has_until && fact->occurred_ms >= try_out->until_ms))
        return false;
    (void)definitions_matching(trial->alone, fact->event_type, &n_matches);
    return n_matches > 0;
}

/* A user has completed the prerequisite when the row of the first time has come. */
static bool note_prerequisite(struct trial *trial, const struct fact *fact)
{
    const char *needed_id = trial->try_out->definition->prerequisite_id;
    struct progress needed = {.duplication = 1};
    char id[QL_UUID_SIZE];

    if (needed_id[0] == '\0' || strcmp(fact->event_type, EVENT_QUEST_COMPLETED) != 0)
        return true;
    completion_id(fact->user_id, needed_id, 1, id);
    if (strcmp(id, fact->event_id) != 0)
        return true;
    memcpy(needed.user_id, fact->user_id, sizeof(needed.user_id));
    memcpy(needed.quest_id, needed_id, sizeof(needed.quest_id));
    return progress_set_put(trial->set, &needed);
}

/* Users of the page who are deleted. */
struct deleted_users {
    const char *const *ids;
    size_t n;
};

static enum ql_code list_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct fact_page *page, struct deleted_users *ret_deleted)
{
    const char **users = ql_arena_calloc(call->arena, page->n, sizeof(*users));
    size_t n = 0;

    if (users == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++)
        if (page->facts[i].user_id[0] != '\0')
            users[n++] = page->facts[i].user_id;
    return fact_store_list_deleted(call, tx, users, n, &ret_deleted->ids, &ret_deleted->n);
}

/* Who is deleted has no progress, wherever in the history that stands. False when
 * memory is at its end. */
static bool note_deleted(struct trial *trial, const struct deleted_users *deleted)
{
    for (size_t i = 0; i < deleted->n; i++) {
        struct user_state *user = user_states_take(progress_set_users(trial->set), deleted->ids[i]);

        if (user == NULL)
            return false;
        user->is_deleted = true;
    }
    return true;
}

/* False when memory is at its end. */
static bool try_fact(struct trial *trial, const struct fact *fact)
{
    bool counts = is_of_draft(trial, fact);
    struct completion *completions;

    /* What an event says of its user holds whenever it happened. */
    if (!note_prerequisite(trial, fact) ||
        !progress_judge(trial->set, counts ? trial->alone : trial->none, fact, &completions))
        return false;
    trial->result.n_events += counts && !fact->has_waited;
    for (; completions != NULL; completions = completions->next)
        trial->result.n_completions++;
    return true;
}

/* What has waited for the registration of a user, in the pages' arena. */
static enum ql_code try_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct trial *trial,
                                const char *user_id)
{
    struct fact_page waiting;
    enum ql_code rc;

    rc = waiting_store_list(call, tx, user_id, &waiting);
    for (size_t i = 0; rc == QL_OK && !trial->result.is_cut_short && i < waiting.n; i++)
        trial->result.is_cut_short = !try_fact(trial, &waiting.facts[i]);
    return rc;
}

static enum ql_code try_page(struct ql_call *call, struct ql_pg_tx *tx, struct trial *trial,
                             const struct fact_page *page)
{
    bool *waits;
    enum ql_code rc;

    rc = waiting_store_find_facts(call, tx, page, &waits);
    for (size_t i = 0; rc == QL_OK && !trial->result.is_cut_short && i < page->n; i++) {
        trial->result.is_cut_short = !try_fact(trial, &page->facts[i]);
        if (!trial->result.is_cut_short && waits != NULL && waits[i])
            rc = try_waiting(call, tx, trial, page->facts[i].user_id);
    }
    return rc;
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

static enum ql_code try_history(struct ql_call *call, struct ql_pg_tx *tx, struct trial *trial)
{
    struct ql_arena *outer = call->arena;
    struct fact_page page = {0};
    struct deleted_users deleted = {0};
    int64_t after_seq = 0, last_seq;
    const char **types = NULL;
    size_t n_types = 0;
    enum ql_code rc;

    rc = list_types(call, trial->try_out->definition, &types, &n_types);
    if (rc == QL_OK)
        rc = fact_store_last_seq(call, tx, &last_seq);
    while (rc == QL_OK) {
        ql_arena_reset(trial->pages);
        call->arena = trial->pages;
        rc = fact_store_list_facts(call, tx, types, n_types, after_seq, last_seq + 1, FACTS_A_PAGE,
                                   &page);
        if (rc == QL_OK)
            rc = chain_store_read(call, tx, &page);
        if (rc == QL_OK)
            rc = list_deleted(call, tx, &page, &deleted);
        if (rc == QL_OK && !note_deleted(trial, &deleted))
            trial->result.is_cut_short = true;
        if (rc == QL_OK && !trial->result.is_cut_short)
            rc = try_page(call, tx, trial, &page);
        call->arena = outer;
        if (rc != QL_OK || page.n == 0)
            break;
        after_seq = page.seqs[page.n - 1];
        if (ql_call_remaining_ms(call) < trial->margin_ms)
            trial->result.is_cut_short = true;
        if (trial->result.is_cut_short)
            break;
    }
    if (rc != QL_DEADLINE_EXCEEDED &&
        (rc != QL_UNAVAILABLE || ql_call_remaining_ms(call) >= trial->margin_ms))
        return rc;
    /* The database was the slower one; there is a little time left to answer. */
    ql_call_clear_status(call);
    trial->result.is_cut_short = true;
    return QL_OK;
}

static void count_users(struct trial *trial)
{
    const char *quest_id = trial->try_out->definition->quest_id;

    for (const struct progress *p = progress_set_first(trial->set); p != NULL; p = p->next) {
        if (strcmp(p->quest_id, quest_id) != 0)
            continue;
        if (p->duplication > 0)
            trial->result.n_users_completed++;
        else
            trial->result.n_users_in_progress++;
    }
}

enum ql_code try_out_run(struct ql_call *call, struct ql_pg_pool *pool,
                         const struct try_out *try_out, struct try_out_result *ret_result)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    QL_CLEANUP(ql_arena_freep)
    struct ql_arena *users =
        ql_arena_new(try_out->memory_max == 0 ? usual_memory : try_out->memory_max);
    QL_CLEANUP(ql_arena_freep) struct ql_arena *pages = ql_arena_new(page_limit);
    QL_CLEANUP(definitions_freep) struct definitions *alone = definitions_new();
    QL_CLEANUP(definitions_freep) struct definitions *none = definitions_new();
    QL_CLEANUP(day_zones_freep) struct day_zones *zones = day_zones_new();
    struct trial trial = {.try_out = try_out, .alone = alone, .none = none, .pages = pages};
    enum ql_code rc;

    trial.margin_ms = ql_call_remaining_ms(call) / 4;
    if (trial.margin_ms > MARGIN_MS)
        trial.margin_ms = MARGIN_MS;
    trial.set = users == NULL ? NULL : progress_set_new(users, zones);
    if (trial.set == NULL || pages == NULL || none == NULL || zones == NULL || alone == NULL ||
        !definitions_put(alone, try_out->definition))
        return ql_fail_memory(call);
    progress_set_use_scratch(trial.set, pages);
    rc = ql_pg_begin(call, pool, &tx);
    if (rc == QL_OK)
        rc = fact_store_read_only(call, tx);
    if (rc == QL_OK)
        rc = try_history(call, tx, &trial);
    count_users(&trial);
    *ret_result = trial.result;
    return rc;
}
