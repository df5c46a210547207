/* What the rules know of users beside their progress. */
#ifndef QL_PROCESSING_RULES_USER_STATE_H
#define QL_PROCESSING_RULES_USER_STATE_H

#include "platform/base/arena.h"
#include "platform/base/attributes.h"
#include "platform/base/id.h"
#include "questline/user/v1/names.h"
#include "services/processing/rules/day.h"

struct user_state {
    char user_id[QL_UUID_SIZE];
    char zone[DAY_ZONE_SIZE];        /* "" for UTC */
    char zone_before[DAY_ZONE_SIZE]; /* in force before starts_ms */
    int64_t starts_ms;               /* INT64_MIN: always */
    bool is_registered;              /* the zone is known: days can be counted */
    bool is_deleted;                 /* counts for nothing any more */
};

/* States by user id; whom it does not have is neither registered nor deleted. */
struct user_states;

/* The zone in which the user's day at unix_ms is counted. */
const char *user_state_zone_at(const struct user_state *state, int64_t unix_ms);

/* Sets the zones; starts_at is a time in ISO 8601, "" for always. Names that are too
 * long are no names, and stand for UTC. */
void user_state_set_zone(struct user_state *state, const char *zone, const char *zone_before,
                         const char *starts_at);

/* An empty set; lives in the arena. NULL when the arena is full. */
struct user_states *user_states_new(struct ql_arena *arena);

/* The state of a user; NULL when there is none. */
const struct user_state *user_states_find(const struct user_states *states, const char *user_id);

/* The state of a user to be changed, added when there is none. NULL when the arena
 * is full. */
struct user_state *user_states_take(struct user_states *states, const char *user_id);

#endif
