/* A hash table of progress and the list of it. */
#include "services/processing/rules/progress_set.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/hash.h"

enum { BUCKETS_MIN = 64 };

struct progress_set {
    struct ql_arena *arena, *scratch;
    struct day_zones *zones;
    struct user_states *users;
    struct progress **buckets; /* open addressing, a power of two, at most half full */
    size_t n_buckets, n_taken;
    struct progress *first, *last;
    uint64_t n_steps;
};

static struct progress **bucket_of(struct progress **buckets, size_t n_buckets, const char *user_id,
                                   const char *quest_id)
{
    size_t i = ql_hash_text(ql_hash_text(ql_hash_start, user_id), quest_id) & (n_buckets - 1);

    while (buckets[i] != NULL && (strcmp(buckets[i]->user_id, user_id) != 0 ||
                                  strcmp(buckets[i]->quest_id, quest_id) != 0))
        i = (i + 1) & (n_buckets - 1);
    return &buckets[i];
}

struct progress_set *progress_set_new(struct ql_arena *arena, struct day_zones *zones)
{
    struct progress_set *set = ql_arena_calloc(arena, 1, sizeof(*set));

    if (set == NULL)
        return NULL;
    set->arena = set->scratch = arena;
    set->zones = zones;
    set->users = user_states_new(arena);
    set->n_buckets = BUCKETS_MIN;
    set->buckets = ql_arena_calloc(arena, set->n_buckets, sizeof(struct progress *));
    return set->users == NULL || set->buckets == NULL ? NULL : set;
}

static bool grow_buckets(struct progress_set *set)
{
    size_t n_buckets = set->n_buckets * 2;
    struct progress **buckets = ql_arena_calloc(set->arena, n_buckets, sizeof(struct progress *));

    if (buckets == NULL)
        return false;
    for (size_t i = 0; i < set->n_buckets; i++) {
        struct progress *known = set->buckets[i];

        if (known != NULL)
            *bucket_of(buckets, n_buckets, known->user_id, known->quest_id) = known;
    }
    set->buckets = buckets;
    set->n_buckets = n_buckets;
    return true;
}

static struct progress *add_progress(struct progress_set *set, const struct progress *progress)
{
    struct progress *added;

    if (set->n_taken * 2 >= set->n_buckets && !grow_buckets(set))
        return NULL;
    added = ql_arena_memdup(set->arena, progress, sizeof(*progress));
    if (added == NULL)
        return NULL;
    added->is_changed = false;
    added->completed_step = 0;
    added->next = NULL;
    *bucket_of(set->buckets, set->n_buckets, added->user_id, added->quest_id) = added;
    set->n_taken++;
    if (set->last == NULL)
        set->first = added;
    else
        set->last->next = added;
    set->last = added;
    return added;
}

bool progress_set_put(struct progress_set *set, const struct progress *stored)
{
    struct progress *known = progress_set_find(set, stored->user_id, stored->quest_id);
    const struct progress *next;

    if (known == NULL)
        return add_progress(set, stored) != NULL;
    next = known->next;
    *known = *stored;
    known->is_changed = false;
    known->completed_step = 0;
    known->next = next;
    return true;
}

struct progress *progress_set_find(const struct progress_set *set, const char *user_id,
                                   const char *quest_id)
{
    return *bucket_of(set->buckets, set->n_buckets, user_id, quest_id);
}

struct progress *progress_set_begin(struct progress_set *set, const char *user_id,
                                    const char *quest_id, int64_t created_ms)
{
    struct progress begun = {.created_ms = created_ms};

    snprintf(begun.user_id, sizeof(begun.user_id), "%s", user_id);
    snprintf(begun.quest_id, sizeof(begun.quest_id), "%s", quest_id);
    return add_progress(set, &begun);
}

const struct progress *progress_set_first(const struct progress_set *set)
{
    return set->first;
}

struct user_states *progress_set_users(struct progress_set *set)
{
    return set->users;
}

struct day_zones *progress_set_zones(struct progress_set *set)
{
    return set->zones;
}

struct ql_arena *progress_set_scratch(struct progress_set *set)
{
    return set->scratch;
}

void progress_set_use_scratch(struct progress_set *set, struct ql_arena *scratch)
{
    set->scratch = scratch;
}

uint64_t progress_set_next_step(struct progress_set *set)
{
    return ++set->n_steps;
}
