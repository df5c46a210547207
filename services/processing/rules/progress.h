/* The rules: how an event changes progress, and which completions follow.
 *
 * Pure: memory in, memory out. Events fed one after the other, in the order of
 * the event table, give the same progress and the same completions, with the
 * same ids, however they are split into batches.
 *
 * An event counts for every quest that lists its type, has not been archived and
 * is in its window, whose conditions its payload meets, whose prerequisite the
 * user had completed before it, and whose streak rule takes it: streak + 1. A
 * user's zone is what UserRegistered and UserChanged say, from that event on;
 * from UserDeleted on nothing counts for the user. Quests that go by days count
 * nothing before UserRegistered: what stands before it waits, and counts for them
 * at its place. A streak that
 * reaches the quest's goes back to 0, duplication + 1, and a QuestCompleted
 * follows, which is an event like any other: it counts for the quests that list
 * it, but for the quests in its chain of causes: its own, that of the completion
 * which led to it, and so on. A quest completed as often as it may be is exhausted, and events change
 * nothing more. That follows from the newest revision seen: an edit that allows
 * more completions lets the next event count again. */
#ifndef QL_PROCESSING_RULES_PROGRESS_H
#define QL_PROCESSING_RULES_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/processing/rules/definitions.h"
#include "services/processing/rules/progress_set.h"
#include "services/processing/rules/rule_event.h"

enum {
    /* A completion of the last generation is stored and published, and counts for no quest,
     * so that long chains of quests come to an end. */
    PROGRESS_GENERATIONS_MAX = 16,
    /* Behind so many completions by one event further ones count for no quest either. */
    PROGRESS_COMPLETIONS_MAX = 256,
};

/* A completion. It happened when its cause did, to the same user. */
struct completion {
    char event_id[QL_UUID_SIZE]; /* derived from user, quest and ordinal */
    const char *cause_event_id;
    const struct completion *cause; /* that led to it; NULL: the event itself */
    char quest_id[QL_UUID_SIZE];
    int64_t quest_revision;
    int32_t ordinal; /* 1 for the user's first completion of the quest */
    int generation;  /* 1: caused by the event itself; 2: by a completion of 1 ... */
    struct completion *next;
};

/* The id of a user's completion of a quest, 1 for the first. */
void completion_id(const char *user_id, const char *quest_id, int32_t ordinal,
                   char ret_id[QL_UUID_SIZE]);

/* Evaluates one event and the completions that follow from it. Users and progress that the set
 * lacks are new. The completions are in the order of the event table, each behind its cause.
 * False when the arena is full; the set is then unusable. */
bool progress_evaluate(struct progress_set *set, const struct definitions *definitions,
                       const struct rule_event *event,
                       struct completion **ret_completions) QL_MUST_CHECK;

#endif
