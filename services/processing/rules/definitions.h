/* The newest revision of each quest, in memory.
 *
 * A set is copied before a batch changes it, and the copy replaces it once the batch is
 * committed. Definitions never change, so the copies share them. A set and its copies belong
 * to one thread. */
#ifndef QL_PROCESSING_RULES_DEFINITIONS_H
#define QL_PROCESSING_RULES_DEFINITIONS_H

#include "services/processing/rules/definition.h"

enum { DEFINITIONS_MAX = 100000 }; /* quests in a set */

/* A quest under one of the event types that count for it. */
struct definition_match {
    const char *event_type;
    const struct definition *definition;
};

struct definitions;

/* An empty set, and a copy; NULL without memory. The caller frees them. */
struct definitions *definitions_new(void);
struct definitions *definitions_copy(const struct definitions *set);
void definitions_free(struct definitions *set);   /* NULL is fine */
void definitions_freep(struct definitions **set); /* for QL_CLEANUP */

/* Copies a definition into the set, in place of an older revision of its quest;
 * anything but a newer one changes nothing. False when the set is full. */
bool definitions_put(struct definitions *set, const struct definition *definition) QL_MUST_CHECK;

/* A quest whose history is still being counted: it counts for nothing live, and
 * stands beside the set until it is released. */
struct definition_held {
    char quest_id[QL_UUID_SIZE];
    int64_t after_seq; /* up to this row of the event table it has been counted */
};

/* Holds a quest back, known or to come, or moves how far it has been counted.
 * False without memory. */
bool definitions_hold(struct definitions *set, const char *quest_id,
                      int64_t after_seq) QL_MUST_CHECK;
/* From now on the quest matches events; one that is not held stays as it is.
 * False without memory. */
bool definitions_release(struct definitions *set, const char *quest_id) QL_MUST_CHECK;
/* NULL when the quest is not held; the one held longest for NULL. Valid until the
 * set changes. */
const struct definition_held *definitions_find_held(const struct definitions *set,
                                                    const char *quest_id);
size_t definitions_count_held(const struct definitions *set);

/* NULL when the quest is not known. Valid while the set lives and is not changed. */
const struct definition *definitions_find(const struct definitions *set, const char *quest_id);
size_t definitions_count(const struct definitions *set);

/* The quests for which an event type counts, by quest id: each once, however
 * often the quest names the type; archived ones not. Valid until the set changes. */
const struct definition_match *definitions_matching(const struct definitions *set,
                                                    const char *event_type, size_t *ret_n);

#endif
