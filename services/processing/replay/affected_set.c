/* Events become pairs of user and quest, each once: only those of which a event says
 * itself that it may count. */
#include "services/processing/replay/affected_set.h"

#include <stdlib.h>
#include <string.h>

#include "services/processing/store/history_store.h"
#include "services/processing/store/progress_store.h"

struct pair {
    const char *user_id, *quest_id;
};

/* A list that doubles. */
struct pairs {
    struct pair *all;
    size_t n, size;
};

static bool pairs_add(struct ql_arena *arena, struct pairs *pairs, const char *user_id,
                      const char *quest_id)
{
    if (pairs->n == pairs->size) {
        size_t size = pairs->size == 0 ? 64 : pairs->size * 2;
        struct pair *grown = ql_arena_calloc(arena, size, sizeof(*grown));

        if (grown == NULL)
            return false;
        if (pairs->n > 0)
            memcpy(grown, pairs->all, pairs->n * sizeof(*grown));
        pairs->all = grown;
        pairs->size = size;
    }
    pairs->all[pairs->n++] = (struct pair){user_id, quest_id};
    return true;
}

/* A quest, and the one it needs. */
static bool add_quest(struct ql_arena *arena, struct pairs *pairs, const char *user_id,
                      const struct definition *definition)
{
    if (!pairs_add(arena, pairs, user_id, definition->quest_id))
        return false;
    return definition->prerequisite_id[0] == '\0' ||
           pairs_add(arena, pairs, user_id, definition->prerequisite_id);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    int order = strcmp(one->user_id, other->user_id);

    return order != 0 ? order : strcmp(one->quest_id, other->quest_id);
}

static void keep_each_once(struct pairs *pairs)
{
    size_t n_kept = 0;

    if (pairs->n > 1)
        qsort(pairs->all, pairs->n, sizeof(*pairs->all), compare_pairs);
    for (size_t i = 0; i < pairs->n; i++)
        if (i == 0 || compare_pairs(&pairs->all[i], &pairs->all[n_kept - 1]) != 0)
            pairs->all[n_kept++] = pairs->all[i];
    pairs->n = n_kept;
}

/* Quests that may count the event; those that change on the way may by then. */
static bool add_event(struct ql_arena *arena, struct pairs *pairs,
                      const struct affected_set *affected, const struct rule_event *event)
{
    struct event_payload payload = {0};
    size_t n_matches, n_before = pairs->n;
    const struct definition_match *matches =
        definitions_matching(affected->definitions, event->event_type, &n_matches);

    for (size_t i = 0; i < n_matches; i++) {
        const struct definition *definition = matches[i].definition;
        bool may_count;

        if (!rule_event_may_count(arena, event, &payload, definition, &may_count) ||
            (may_count && !add_quest(arena, pairs, event->user_id, definition)))
            return false;
    }
    for (size_t i = 0; i < affected->n_changed; i++)
        if (!add_quest(arena, pairs, event->user_id, affected->changed[i]))
            return false;
    if (pairs->n == n_before)
        return true;
    /* It may complete a quest, and that counts for others. */
    matches = definitions_matching(affected->definitions, EVENT_QUEST_COMPLETED, &n_matches);
    for (size_t i = 0; i < n_matches; i++)
        if (!add_quest(arena, pairs, event->user_id, matches[i].definition))
            return false;
    return true;
}

static enum ql_code find_pairs(struct ql_call *call, const struct affected_set *affected,
                               struct pairs *pairs)
{
    for (size_t i = 0; i < affected->n_events; i++)
        if (affected->events[i].user_id[0] != '\0' &&
            !add_event(call->arena, pairs, affected, &affected->events[i]))
            return ql_fail_memory(call);
    keep_each_once(pairs);
    return QL_OK;
}

enum ql_code affected_set_read(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct affected_set *affected, struct progress_set **ret_set)
{
    struct progress_set *set = progress_set_new(call->arena, affected->zones);
    struct pairs pairs = {0};
    const char **users, **quests, **each_user;
    size_t n_users = 0;
    enum ql_code rc;

    if (set == NULL)
        return ql_fail_memory(call);
    *ret_set = set;
    rc = find_pairs(call, affected, &pairs);
    if (rc != QL_OK || pairs.n == 0)
        return rc;
    users = ql_arena_calloc(call->arena, pairs.n, sizeof(*users));
    quests = ql_arena_calloc(call->arena, pairs.n, sizeof(*quests));
    each_user = ql_arena_calloc(call->arena, pairs.n, sizeof(*each_user));
    if (users == NULL || quests == NULL || each_user == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < pairs.n; i++) {
        users[i] = pairs.all[i].user_id;
        quests[i] = pairs.all[i].quest_id;
        if (i == 0 || strcmp(users[i], users[i - 1]) != 0)
            each_user[n_users++] = users[i];
    }
    rc = history_store_list_users(call, tx, each_user, n_users, affected->before_seq,
                                  progress_set_users(set));
    if (rc != QL_OK)
        return rc;
    return progress_store_read(call, tx, users, quests, pairs.n, set);
}
