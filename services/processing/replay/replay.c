/* Pages of events through the rules. */
#include "services/processing/replay/replay.h"

#include <string.h>

#include "services/processing/store/chain_store.h"
#include "services/processing/store/progress_store.h"
#include "services/processing/store/waiting_store.h"

/* A page adds some hundred kB, its tables of buckets some MB. */
static const size_t cache_limit = 96u * 1024 * 1024, cache_full = 48u * 1024 * 1024;

/* Of one user: payloads take a multiple of their text while they are looked into. */
static const size_t waiting_limit = 64u * 1024 * 1024;

bool replay_cache_init(struct replay_cache *cache, bool is_fresh)
{
    *cache = (struct replay_cache){
        .arena = ql_arena_new(cache_limit), .is_fresh = is_fresh, .full_bytes = cache_full};
    return cache->arena != NULL;
}

void replay_cache_done(struct replay_cache *cache)
{
    ql_arena_freep(&cache->arena);
    cache->set = NULL;
}

enum ql_code replay_cache_flush(struct ql_call *call, struct ql_pg_tx *tx,
                                struct replay_cache *cache)
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
                                   const struct event_page *page, const char ***ret_users,
                                   size_t *ret_n)
{
    const char **users = ql_arena_calloc(call->arena, page->n, sizeof(*users));
    size_t n = 0;

    if (users == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        const char *user_id = page->events[i].user_id;

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

/* A fresh cache learns of zones from the events, and of deletions before they come. */
static enum ql_code note_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                 const char *const *users, size_t n_users,
                                 struct user_states *states)
{
    const char *const *deleted = NULL;
    size_t n_deleted = 0;
    enum ql_code rc;

    rc = history_store_list_deleted(call, tx, users, n_users, &deleted, &n_deleted);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n_deleted; i++)
        user_states_take(states, deleted[i])->is_deleted = true; /* it has them all */
    return QL_OK;
}

/* Makes the cache have all that is known of the page's users. */
static enum ql_code read_users(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct replay *replay, const struct event_page *page,
                               int64_t before_seq)
{
    struct replay_cache *cache = replay->cache;
    const char **users = NULL;
    size_t n_users = 0;
    enum ql_code rc = QL_OK;

    if (cache->set != NULL && ql_arena_used(cache->arena) > cache->full_bytes)
        rc = replay_cache_flush(call, tx, cache);
    if (rc != QL_OK)
        return rc;
    if (cache->set == NULL)
        cache->set = progress_set_new(cache->arena, replay->zones);
    if (cache->set == NULL)
        return ql_fail_memory(call);
    progress_set_use_scratch(cache->set, call->arena);
    rc = find_new_users(call, progress_set_users(cache->set), page, &users, &n_users);
    if (rc != QL_OK || n_users == 0)
        return rc;
    if (cache->is_fresh)
        return note_deleted(call, tx, users, n_users, progress_set_users(cache->set));
    rc = history_store_list_users(call, tx, users, n_users, before_seq,
                                  progress_set_users(cache->set));
    if (rc != QL_OK)
        return rc;
    return progress_store_read_users(call, tx, users, n_users, cache->set);
}

/* Each user's first completion of the quest: its id follows from user and quest. */
static enum ql_code list_first_completions(struct ql_call *call, struct ql_pg_tx *tx,
                                           const char *quest_id, const struct event_page *page,
                                           struct user_position **ret_positions, size_t *ret_n)
{
    const char **ids = ql_arena_calloc(call->arena, page->n, sizeof(*ids));

    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < page->n; i++) {
        char id[QL_UUID_SIZE];

        completion_id(page->events[i].user_id, quest_id, 1, id);
        ids[i] = ql_arena_strdup(call->arena, id);
        if (ids[i] == NULL)
            return ql_fail_memory(call);
    }
    return history_store_list_positions(call, tx, ids, page->n, INT64_MAX, ret_positions, ret_n);
}

/* Puts, in place of the users' progress on the quest, when they first completed
 * it: the row of it stands for the time. */
static enum ql_code put_prerequisite(struct ql_call *call, struct ql_pg_tx *tx,
                                     const char *quest_id, const struct event_page *page,
                                     struct progress_set *set)
{
    struct user_position *positions = NULL;
    size_t n_positions = 0;
    enum ql_code rc;

    rc = list_first_completions(call, tx, quest_id, page, &positions, &n_positions);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < page->n; i++) {
        struct progress never = {.created_ms = INT64_MAX};

        memcpy(never.user_id, page->events[i].user_id, strlen(page->events[i].user_id) + 1);
        memcpy(never.quest_id, quest_id, strlen(quest_id) + 1);
        if (!progress_set_put(set, &never))
            return ql_fail_memory(call);
    }
    for (size_t i = 0; i < n_positions; i++)
        progress_set_find(set, positions[i].user_id, quest_id)->created_ms = positions[i].seq;
    return QL_OK;
}

static void note_prerequisite(const struct replay *replay, const struct rule_event *event,
                              int64_t seq, struct progress_set *set)
{
    struct progress *needed = replay->prerequisite_id == NULL
                                  ? NULL
                                  : progress_set_find(set, event->user_id, replay->prerequisite_id);

    if (needed != NULL)
        needed->duplication = needed->created_ms <= seq ? 1 : 0; /* the completion itself, too */
}

/* A list that doubles; the completions of a page. */
struct list {
    struct replay_completion *all;
    size_t n, size;
};

static bool list_add(struct ql_arena *arena, struct list *list, const struct completion *completion,
                     const struct rule_event *cause)
{
    if (list->n == list->size) {
        size_t size = list->size == 0 ? 64 : list->size * 2;
        struct replay_completion *grown = ql_arena_calloc(arena, size, sizeof(*grown));

        if (grown == NULL)
            return false;
        if (list->n > 0)
            memcpy(grown, list->all, list->n * sizeof(*grown));
        list->all = grown;
        list->size = size;
    }
    list->all[list->n++] = (struct replay_completion){
        .completion = completion, .user_id = cause->user_id, .occurred_ms = cause->occurred_ms};
    return true;
}

static enum ql_code evaluate_one(struct ql_call *call, const struct replay *replay,
                                 const struct rule_event *event, int64_t seq, struct list *list)
{
    struct progress_set *set = replay->cache->set;
    struct completion *completions;

    note_prerequisite(replay, event, seq, set);
    if (!progress_evaluate(set, replay->definitions, event, &completions))
        return ql_fail_memory(call);
    for (const struct completion *c = completions; c != NULL; c = c->next)
        if (!list_add(call->arena, list, c, event))
            return ql_fail_memory(call);
    return QL_OK;
}

/* Gives the completions to the log. */
static enum ql_code list_pass_on(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                                 struct list *list)
{
    enum ql_code rc = QL_OK;

    if (list->n > 0)
        rc = replay->log->add(call, tx, list->all, list->n, &replay->last_cursor);
    replay->n_completions += (int64_t)list->n;
    list->n = 0;
    return rc;
}

/* What a user has waited for, in the call's arena; the cache has the user. */
static enum ql_code evaluate_waiting(struct ql_call *call, struct ql_pg_tx *tx,
                                     struct replay *replay, const struct event_page *waiting)
{
    struct list list = {0};
    enum ql_code rc = QL_OK;

    progress_set_use_scratch(replay->cache->set, call->arena);
    for (size_t i = 0; i < waiting->n; i++) {
        rc = evaluate_one(call, replay, &waiting->events[i], waiting->seqs[i], &list);
        if (rc != QL_OK)
            return rc;
    }
    return list_pass_on(call, tx, replay, &list);
}

/* The same in an arena of its own, which ends with the user. */
static enum ql_code list_and_evaluate(struct ql_call *call, struct ql_pg_tx *tx,
                                      struct replay *replay, const char *user_id)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(waiting_limit);
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, arena);
    struct event_page waiting;
    enum ql_code rc;

    if (arena == NULL)
        return ql_fail_memory(call);
    rc = waiting_store_list(call, tx, user_id, &waiting);
    if (rc != QL_OK)
        return rc;
    return evaluate_waiting(call, tx, replay, &waiting);
}

/* The same among other events. */
static enum ql_code evaluate_waiting_of(struct ql_call *call, struct ql_pg_tx *tx,
                                        struct replay *replay, const char *user_id)
{
    enum ql_code rc = list_and_evaluate(call, tx, replay, user_id);

    progress_set_use_scratch(replay->cache->set, call->arena);
    return rc;
}

static enum ql_code evaluate_all(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                                 const struct event_page *page)
{
    struct list list = {0};
    bool *waits;
    enum ql_code rc;

    rc = waiting_store_find_events(call, tx, page, &waits);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < page->n; i++) {
        rc = evaluate_one(call, replay, &page->events[i], page->seqs[i], &list);
        if (rc != QL_OK)
            return rc;
        if (waits == NULL || !waits[i])
            continue;
        rc = list_pass_on(call, tx, replay, &list);
        if (rc != QL_OK)
            return rc;
        rc = evaluate_waiting_of(call, tx, replay, page->events[i].user_id);
        if (rc != QL_OK)
            return rc;
    }
    return list_pass_on(call, tx, replay, &list);
}

enum ql_code replay_events(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                           const struct event_page *page, int64_t before_seq)
{
    enum ql_code rc;

    rc = chain_store_read(call, tx, page);
    if (rc != QL_OK)
        return rc;
    rc = read_users(call, tx, replay, page, before_seq);
    if (rc != QL_OK)
        return rc;
    if (replay->prerequisite_id != NULL)
        rc = put_prerequisite(call, tx, replay->prerequisite_id, page, replay->cache->set);
    if (rc != QL_OK)
        return rc;
    return evaluate_all(call, tx, replay, page);
}

enum ql_code replay_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                            const char *user_id)
{
    struct event_page waiting;
    enum ql_code rc;

    rc = waiting_store_list(call, tx, user_id, &waiting);
    if (rc != QL_OK || waiting.n == 0)
        return rc;
    rc = read_users(call, tx, replay, &waiting, INT64_MAX);
    if (rc != QL_OK)
        return rc;
    return evaluate_waiting(call, tx, replay, &waiting);
}
