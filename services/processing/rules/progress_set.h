/* The progress at hand: what a batch of events may change, in memory. */
#ifndef QL_PROCESSING_RULES_PROGRESS_SET_H
#define QL_PROCESSING_RULES_PROGRESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/arena.h"
#include "platform/base/id.h"
#include "services/processing/rules/user_state.h"

/* One user's progress on one quest. */
struct progress {
    char user_id[QL_UUID_SIZE];
    char quest_id[QL_UUID_SIZE];
    int32_t streak;
    int32_t duplication;
    bool is_exhausted;
    bool has_day;            /* the last event that counted did so for a day, ... */
    int32_t last_day;        /* ... this one, as day_of counts them */
    int64_t created_ms;      /* when the first event that counted happened */
    int64_t updated_ms;      /* when the last one did */
    bool is_changed;         /* since it was put */
    uint64_t completed_step; /* ours: the feed that completed it last */
    const struct progress *next;
};

struct progress_set;

/* An empty set; lives in the arena, and so do user states. zones may be NULL: UTC
 * for everybody. NULL when the arena is full. */
struct progress_set *progress_set_new(struct ql_arena *arena, struct day_zones *zones);

/* Puts what is stored, instead of what the set has of it; is_changed,
 * completed_step and next are ours. False when the arena is full. */
bool progress_set_put(struct progress_set *set, const struct progress *stored) QL_MUST_CHECK;

/* The progress of a user on a quest; NULL when the set has none. */
struct progress *progress_set_find(const struct progress_set *set, const char *user_id,
                                   const char *quest_id);

/* Progress that begins now, with nothing counted. NULL when the arena is full. */
struct progress *progress_set_begin(struct progress_set *set, const char *user_id,
                                    const char *quest_id, int64_t created_ms);

/* The first of all progress, which leads to the others by next; NULL: none. */
const struct progress *progress_set_first(const struct progress_set *set);

struct user_states *progress_set_users(struct progress_set *set);
struct day_zones *progress_set_zones(struct progress_set *set);

/* Where what evaluating needs for one event lies, completions too: the set's arena, or
 * another one that may be reset between events. */
struct ql_arena *progress_set_scratch(struct progress_set *set);
void progress_set_use_scratch(struct progress_set *set, struct ql_arena *scratch);

/* The number of the next feed: 1, 2, ... */
uint64_t progress_set_next_step(struct progress_set *set);

#endif
