/* A hash table of users: open addressing, at most half full. */
#include "services/processing/rules/user_state.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/hash.h"

enum { SLOTS_MIN = 64 };

struct user_states {
    struct ql_arena *arena;
    struct user_state **slots; /* a power of two */
    size_t n_slots, n_taken;
};

static struct user_state **slot_of(struct user_state **slots, size_t n_slots, const char *user_id)
{
    size_t i = ql_hash_text(ql_hash_start, user_id) & (n_slots - 1);

    while (slots[i] != NULL && strcmp(slots[i]->user_id, user_id) != 0)
        i = (i + 1) & (n_slots - 1);
    return &slots[i];
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
    states->n_slots = SLOTS_MIN;
    states->slots = ql_arena_calloc(arena, states->n_slots, sizeof(struct user_state *));
    return states->slots == NULL ? NULL : states;
}

static bool grow(struct user_states *states)
{
    size_t n_slots = states->n_slots * 2;
    struct user_state **slots =
        ql_arena_calloc(states->arena, n_slots, sizeof(struct user_state *));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < states->n_slots; i++)
        if (states->slots[i] != NULL)
            *slot_of(slots, n_slots, states->slots[i]->user_id) = states->slots[i];
    states->slots = slots;
    states->n_slots = n_slots;
    return true;
}

const struct user_state *user_states_find(const struct user_states *states, const char *user_id)
{
    return *slot_of(states->slots, states->n_slots, user_id);
}

struct user_state *user_states_take(struct user_states *states, const char *user_id)
{
    struct user_state **slot = slot_of(states->slots, states->n_slots, user_id);

    if (*slot != NULL)
        return *slot;
    if (states->n_taken * 2 >= states->n_slots) {
        if (!grow(states))
            return NULL;
        slot = slot_of(states->slots, states->n_slots, user_id);
    }
    *slot = ql_arena_calloc(states->arena, 1, sizeof(**slot));
    if (*slot == NULL)
        return NULL;
    (*slot)->starts_ms = INT64_MIN;
    snprintf((*slot)->user_id, sizeof((*slot)->user_id), "%s", user_id);
    states->n_taken++;
    return *slot;
}
