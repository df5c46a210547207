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

#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "services/processing/rules/definition.h"
#include "services/processing/rules/progress_set.h"

enum {
    /* A completion of the last generation is stored and announced, and counts
     * for nothing: long chains of quests come to an end. */
    PROGRESS_GENERATIONS_MAX = 16,
    /* Likewise what follows the completions after so many by one event. */
    PROGRESS_COMPLETIONS_MAX = 256,
};

/* An event, as far as the rules look. */
struct fact {
    const char *event_id;
    const char *event_type;
    const char *user_id; /* "": about no user, counts for nothing */
    int64_t occurred_ms;
    const char *payload; /* a JSON object; NULL for an empty one */
    /* Of a stored completion: the quests in its chain of causes, in lower case, its
     * own among them. It counts for none of them, and neither does what follows it. */
    const char *const *chain;
    size_t n_chain;
    /* It stands before the row that registers its user, and has counted at its place for
     * all but the quests that go by days: now it counts for these (waiting_store.h). */
    bool has_waited;
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

/* Whether a quest that lists the fact's type may count it, by all that the fact says
 * itself: when it happened and its payload, which is read at the first call with one
 * *payload and kept there for the next. False without memory. */
struct fact_payload {
    bool is_read;
    const struct ql_json_value *value;
};
bool progress_may_count(struct ql_arena *arena, const struct fact *fact,
                        struct fact_payload *payload, const struct definition *definition,
                        bool *ret_may_count) QL_MUST_CHECK;

/* Feeds one event, and the completions that follow, to the rules. Progress and
 * users that are not in the set are new. The completions are listed in the order of the event table:
 * each behind its cause. False when the arena is full; the set is then unusable. */
bool progress_judge(struct progress_set *set, const struct definitions *definitions,
                    const struct fact *fact, struct completion **ret_completions) QL_MUST_CHECK;

#endif
