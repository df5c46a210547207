/* A hash table of users: open addressing, at most half full. */
#include "services/processing/rules/user_state.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/hash.h"

enum { BUCKETS_MIN = 64 };

struct user_states {
    struct ql_arena *arena;
    struct user_state **buckets; /* a power of two */
    size_t n_buckets, n_taken;
};

static struct user_state **bucket_of(struct user_state **buckets, size_t n_buckets,
                                     const char *user_id)
{
    size_t i = ql_hash_text(ql_hash_start, user_id) & (n_buckets - 1);

    while (buckets[i] != NULL && strcmp(buckets[i]->user_id, user_id) != 0)
        i = (i + 1) & (n_buckets - 1);
    return &buckets[i];
}

const char *user_state_zone_at(const struct user_state *state, int64_t unix_ms)
{
    return unix_ms < state->starts_ms ? state->zone_before : state->zone;
}

static void copy_zone(char ret_zone[DAY_ZONE_SIZE], const char *zone)
{
    ret_zone[0] = '\0';
    if (strlen(zone) < DAY_ZONE_SIZE)
        memcpy(ret_zone, zone, strlen(zone) + 1);
}

void user_state_set_zone(struct user_state *state, const char *zone, const char *zone_before,
                         const char *starts_at)
{
    copy_zone(state->zone, zone);
    copy_zone(state->zone_before, zone_before);
    if (!day_time_read(starts_at, &state->starts_ms))
        state->starts_ms = INT64_MIN;
}

struct user_states *user_states_new(struct ql_arena *arena)
{
    struct user_states *states = ql_arena_calloc(arena, 1, sizeof(*states));

    if (states == NULL)
        return NULL;
    states->arena = arena;
    states->n_buckets = BUCKETS_MIN;
    states->buckets = ql_arena_calloc(arena, states->n_buckets, sizeof(struct user_state *));
    return states->buckets == NULL ? NULL : states;
}

static bool grow_buckets(struct user_states *states)
{
    size_t n_buckets = states->n_buckets * 2;
    struct user_state **buckets =
        ql_arena_calloc(states->arena, n_buckets, sizeof(struct user_state *));

    if (buckets == NULL)
        return false;
    for (size_t i = 0; i < states->n_buckets; i++)
        if (states->buckets[i] != NULL)
            *bucket_of(buckets, n_buckets, states->buckets[i]->user_id) = states->buckets[i];
    states->buckets = buckets;
    states->n_buckets = n_buckets;
    return true;
}

const struct user_state *user_states_find(const struct user_states *states, const char *user_id)
{
    return *bucket_of(states->buckets, states->n_buckets, user_id);
}

struct user_state *user_states_take(struct user_states *states, const char *user_id)
{
    struct user_state **bucket = bucket_of(states->buckets, states->n_buckets, user_id);

    if (*bucket != NULL)
        return *bucket;
    if (states->n_taken * 2 >= states->n_buckets) {
        if (!grow_buckets(states))
            return NULL;
        bucket = bucket_of(states->buckets, states->n_buckets, user_id);
    }
    *bucket = ql_arena_calloc(states->arena, 1, sizeof(**bucket));
    if (*bucket == NULL)
        return NULL;
    (*bucket)->starts_ms = INT64_MIN;
    snprintf((*bucket)->user_id, sizeof((*bucket)->user_id), "%s", user_id);
    states->n_taken++;
    return *bucket;
}
