/* Pages of facts through the rules. */
#include "services/processing/replay/fold.h"

#include <string.h>

#include "services/processing/store/chain_store.h"
#include "services/processing/store/progress_store.h"
#include "services/processing/store/waiting_store.h"

/* A page adds some hundred kB, its tables of slots some MB. */
static const size_t cache_limit = 96u * 1024 * 1024, cache_full = 48u * 1024 * 1024;

/* Of one user: payloads take a multiple of their text while they are looked into. */
static const size_t waiting_limit = 64u * 1024 * 1024;

bool fold_cache_init(struct fold_cache *cache, bool is_fresh)
{
    *cache = (struct fold_cache){
        .arena = ql_arena_new(cache_limit), .is_fresh = is_fresh, .full_bytes = cache_full};
    return cache->arena != NULL;
}

void fold_cache_done(struct fold_cache *cache)
{
    ql_arena_freep(&cache->arena);
    cache->set = NULL;
}

enum ql_code fold_cache_flush(struct ql_call *call, struct ql_pg_tx *tx, struct fold_cache *cache)
{
    enum ql_code rc = QL_OK;

    if (cache->set != NULL)
        rc = progress_store_save(call, tx, cache->set);
    cache->set = NULL;
    cache->is_fresh = false;
    ql_arena_reset(cache->arena);
    return rc;
}

/* Users of the page that the cache does not have yet, each once; it has them then. */
static enum ql_code find_new_users(struct ql_call *call, struct user_states *states,
                                   const struct fact_page *page, const char ***ret_users,
                                   size_t *ret_n)
{
    const char **users = ql_arena_calloc(call->arena, page->n, sizeof(*users));
    size_t n = 0;

    if (users == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        const char *user_id = page->facts[i].user_id;

        if (user_id[0] == '\0' || user_states_find(states, user_id) != NULL)
            continue;
        if (user_states_take(states, user_id) == NULL)
            return ql_fail_memory(call);
        users[n++] = user_id;
    }
    *ret_users = users;
    *ret_n = n;
    return QL_OK;
}

/* A fresh cache learns of zones from the facts, and of deletions before they come. */
static enum ql_code note_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                 const char *const *users, size_t n_users,
                                 struct user_states *states)
{
    const char *const *deleted = NULL;
    size_t n_deleted = 0;
    enum ql_code rc;

    rc = fact_store_list_deleted(call, tx, users, n_users, &deleted, &n_deleted);
    for (size_t i = 0; rc == QL_OK && i < n_deleted; i++)
        user_states_take(states, deleted[i])->is_deleted = true; /* it has them all */
    return rc;
}

/* Makes the cache have all that is known of the page's users. */
static enum ql_code read_users(struct ql_call *call, struct ql_pg_tx *tx, const struct fold *fold,
                               const struct fact_page *page, int64_t before_seq)
{
    struct fold_cache *cache = fold->cache;
    const char **users = NULL;
    size_t n_users = 0;
    enum ql_code rc = QL_OK;

    if (cache->set != NULL && ql_arena_used(cache->arena) > cache->full_bytes)
        rc = fold_cache_flush(call, tx, cache);
    if (rc != QL_OK)
        return rc;
    if (cache->set == NULL)
        cache->set = progress_set_new(cache->arena, fold->zones);
    if (cache->set == NULL)
        return ql_fail_memory(call);
    progress_set_use_scratch(cache->set, call->arena);
    rc = find_new_users(call, progress_set_users(cache->set), page, &users, &n_users);
    if (rc != QL_OK || n_users == 0)
        return rc;
    if (cache->is_fresh)
        return note_deleted(call, tx, users, n_users, progress_set_users(cache->set));
    rc =
        fact_store_list_users(call, tx, users, n_users, before_seq, progress_set_users(cache->set));
    return rc == QL_OK ? progress_store_read_users(call, tx, users, n_users, cache->set) : rc;
}

/* Each user's first completion of the quest: its id follows from user and quest. */
static enum ql_code list_first_completions(struct ql_call *call, struct ql_pg_tx *tx,
                                           const char *quest_id, const struct fact_page *page,
                                           struct user_place **ret_places, size_t *ret_n)
{
    const char **ids = ql_arena_calloc(call->arena, page->n, sizeof(*ids));

    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        char id[QL_UUID_SIZE];

        completion_id(page->facts[i].user_id, quest_id, 1, id);
        ids[i] = ql_arena_strdup(call->arena, id);
        if (ids[i] == NULL)
            return ql_fail_memory(call);
    }
    return fact_store_list_places(call, tx, ids, page->n, INT64_MAX, ret_places, ret_n);
}

/* Puts, in place of the users' progress on the quest, when they first completed
 * it: the row of it stands for the time. */
static enum ql_code put_prerequisite(struct ql_call *call, struct ql_pg_tx *tx,
                                     const char *quest_id, const struct fact_page *page,
                                     struct progress_set *set)
{
    struct user_place *places = NULL;
    size_t n_places = 0;
    enum ql_code rc;

    rc = list_first_completions(call, tx, quest_id, page, &places, &n_places);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < page->n; i++) {
        struct progress never = {.created_ms = INT64_MAX};

        memcpy(never.user_id, page->facts[i].user_id, strlen(page->facts[i].user_id) + 1);
        memcpy(never.quest_id, quest_id, strlen(quest_id) + 1);
        if (!progress_set_put(set, &never))
            return ql_fail_memory(call);
    }
    for (size_t i = 0; i < n_places; i++)
        progress_set_find(set, places[i].user_id, quest_id)->created_ms = places[i].seq;
    return QL_OK;
}

static void note_prerequisite(const struct fold *fold, const struct fact *fact, int64_t seq,
                              struct progress_set *set)
{
    struct progress *needed = fold->prerequisite_id == NULL
                                  ? NULL
                                  : progress_set_find(set, fact->user_id, fold->prerequisite_id);

    if (needed != NULL)
        needed->duplication = needed->created_ms <= seq ? 1 : 0; /* the completion itself, too */
}

/* A list that doubles; the completions of a page. */
struct list {
    struct fold_completion *all;
    size_t n, size;
};

static bool list_add(struct ql_arena *arena, struct list *list, const struct completion *completion,
                     const struct fact *cause)
{
    if (list->n == list->size) {
        size_t size = list->size == 0 ? 64 : list->size * 2;
        struct fold_completion *grown = ql_arena_calloc(arena, size, sizeof(*grown));

        if (grown == NULL)
            return false;
        if (list->n > 0)
            memcpy(grown, list->all, list->n * sizeof(*grown));
        list->all = grown;
        list->size = size;
    }
    list->all[list->n++] = (struct fold_completion){
        .completion = completion, .user_id = cause->user_id, .occurred_ms = cause->occurred_ms};
    return true;
}

static enum ql_code judge_one(struct ql_call *call, const struct fold *fold,
                              const struct fact *fact, int64_t seq, struct list *list)
{
    struct progress_set *set = fold->cache->set;
    struct completion *completions;

    note_prerequisite(fold, fact, seq, set);
    if (!progress_judge(set, fold->definitions, fact, &completions))
        return ql_fail_memory(call);
    for (const struct completion *c = completions; c != NULL; c = c->next)
        if (!list_add(call->arena, list, c, fact))
            return ql_fail_memory(call);
    return QL_OK;
}

/* Gives the completions to the sink. */
static enum ql_code list_pass_on(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                                 struct list *list)
{
    enum ql_code rc = QL_OK;

    if (list->n > 0)
        rc = fold->sink->add(call, tx, list->all, list->n, &fold->last_place);
    fold->n_completions += (int64_t)list->n;
    list->n = 0;
    return rc;
}

/* What a user has waited for, in the call's arena; the cache has the user. */
static enum ql_code judge_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                                  const struct fact_page *waiting)
{
    struct list list = {0};
    enum ql_code rc = QL_OK;

    progress_set_use_scratch(fold->cache->set, call->arena);
    for (size_t i = 0; rc == QL_OK && i < waiting->n; i++)
        rc = judge_one(call, fold, &waiting->facts[i], waiting->seqs[i], &list);
    return rc == QL_OK ? list_pass_on(call, tx, fold, &list) : rc;
}

/* The same among other facts: users take turns with one arena. */
static enum ql_code judge_waiting_of(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                                     const char *user_id)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(waiting_limit);
    struct ql_arena *outer = call->arena;
    struct fact_page waiting;
    enum ql_code rc;

    if (arena == NULL)
        return ql_fail_memory(call);
    call->arena = arena;
    rc = waiting_store_list(call, tx, user_id, &waiting);
    if (rc == QL_OK)
        rc = judge_waiting(call, tx, fold, &waiting);
    call->arena = outer;
    progress_set_use_scratch(fold->cache->set, outer);
    return rc;
}

static enum ql_code judge_all(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                              const struct fact_page *page)
{
    struct list list = {0};
    bool *waits;
    enum ql_code rc;

    rc = waiting_store_find_facts(call, tx, page, &waits);
    for (size_t i = 0; rc == QL_OK && i < page->n; i++) {
        rc = judge_one(call, fold, &page->facts[i], page->seqs[i], &list);
        if (rc != QL_OK || waits == NULL || !waits[i])
            continue;
        rc = list_pass_on(call, tx, fold, &list);
        if (rc == QL_OK)
            rc = judge_waiting_of(call, tx, fold, page->facts[i].user_id);
    }
    return rc == QL_OK ? list_pass_on(call, tx, fold, &list) : rc;
}

enum ql_code fold_facts(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                        const struct fact_page *page, int64_t before_seq)
{
    enum ql_code rc;

    rc = chain_store_read(call, tx, page);
    if (rc == QL_OK)
        rc = read_users(call, tx, fold, page, before_seq);
    if (rc == QL_OK && fold->prerequisite_id != NULL)
        rc = put_prerequisite(call, tx, fold->prerequisite_id, page, fold->cache->set);
    return rc == QL_OK ? judge_all(call, tx, fold, page) : rc;
}

enum ql_code fold_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct fold *fold,
                          const char *user_id)
{
    struct fact_page waiting;
    enum ql_code rc;

    rc = waiting_store_list(call, tx, user_id, &waiting);
    if (rc != QL_OK || waiting.n == 0)
        return rc;
    rc = read_users(call, tx, fold, &waiting, INT64_MAX);
    return rc == QL_OK ? judge_waiting(call, tx, fold, &waiting) : rc;
}
