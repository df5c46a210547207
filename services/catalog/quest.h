/* A quest: what a user does to earn a reward. Pure rules; no I/O. */
#ifndef QL_CATALOG_QUEST_H
#define QL_CATALOG_QUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/catalog/condition.h"

enum {
    QUEST_NAME_MAX = 200,
    QUEST_DESCRIPTION_MAX = 2000,
    QUEST_STREAK_MAX = 1000000,
    QUEST_DUPLICATION_MAX = 1000000,
    QUEST_EVENT_TYPES_MAX = 32,
};

/* The contract's numbers. */
enum quest_streak_rule {
    QUEST_EVERY_EVENT = 1,
    QUEST_DAILY,
    QUEST_DAILY_IN_A_ROW,
};

/* One revision of a quest; texts live in the call's arena. */
struct quest {
    char quest_id[QL_UUID_SIZE];
    char reward_id[QL_UUID_SIZE];
    const char *name;
    const char *description;
    int32_t streak;      /* matching events that complete it once */
    int32_t duplication; /* completions a user may have */
    bool auto_claim;
    const char **event_types;
    size_t n_event_types;
    const struct condition *conditions;
    size_t n_conditions;
    int64_t starts_ms;                        /* since 1970; 0: always */
    int64_t ends_ms;                          /* since 1970; 0: never */
    char prerequisite_quest_id[QL_UUID_SIZE]; /* "": none */
    enum quest_streak_rule streak_rule;       /* any number before it was checked */
    bool backfill;
    bool archived;
    int64_t revision;
    int64_t revised_ms; /* since 1970 */
    int64_t created_ms; /* since 1970: revised_ms of the first revision */
};

/* Checks what an author may choose and reports every violation, with paths as
 * they are in the request ("quest.eventTypes[2]"). */
enum ql_code quest_validate(struct ql_call *call, const struct quest *quest) QL_MUST_CHECK;

/* Refuses a window that ends before the quest counts anything: a quest without
 * backfill counts what happened at created_ms, since 1970, or later. For quests that
 * are made, and for edits of the window: one that has ended by itself is edited on. */
enum ql_code quest_check_window(struct ql_call *call, const struct quest *quest,
                                int64_t created_ms) QL_MUST_CHECK;

/* Becomes the first revision of a new quest: an id, revision 1, now. */
void quest_begin(struct quest *quest);

/* Becomes the next revision: revision + 1, now. */
void quest_revise(struct quest *quest);

#endif
