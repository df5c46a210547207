/* The rules, over a hash table of the progress at hand. */
#include "services/processing/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

struct progress_set {
    struct ql_arena *arena;
    struct progress **slots; /* open addressing, a power of two, at most half full */
    size_t n_slots, n_taken;
    struct progress *first, *last;
};

/* FNV-1a, 64 bits. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

static struct progress **slot_of(struct progress **slots, size_t n_slots, const char *user_id,
                                 const char *quest_id)
{
    size_t i = hash_text(hash_text(14695981039346656037u, user_id), quest_id) & (n_slots - 1);

    while (slots[i] != NULL &&
           (strcmp(slots[i]->user_id, user_id) != 0 || strcmp(slots[i]->quest_id, quest_id) != 0))
        i = (i + 1) & (n_slots - 1);
    return &slots[i];
}

struct progress_set *progress_set_new(struct ql_arena *arena)
{
    struct progress_set *set = ql_arena_calloc(arena, 1, sizeof(*set));

    if (set == NULL)
        return NULL;
    set->arena = arena;
    set->n_slots = SLOTS_MIN;
    set->slots = ql_arena_calloc(arena, set->n_slots, sizeof(struct progress *));
    return set->slots == NULL ? NULL : set;
}

static bool grow(struct progress_set *set)
{
    size_t n_slots = set->n_slots * 2;
    struct progress **slots = ql_arena_calloc(set->arena, n_slots, sizeof(struct progress *));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < set->n_slots; i++) {
        struct progress *known = set->slots[i];

        if (known != NULL)
            *slot_of(slots, n_slots, known->user_id, known->quest_id) = known;
    }
    set->slots = slots;
    set->n_slots = n_slots;
    return true;
}

static struct progress *add(struct progress_set *set, const struct progress *progress)
{
    struct progress *added;

    if (set->n_taken * 2 >= set->n_slots && !grow(set))
        return NULL;
    added = ql_arena_memdup(set->arena, progress, sizeof(*progress));
    if (added == NULL)
        return NULL;
    added->is_changed = false;
    added->next = NULL;
    *slot_of(set->slots, set->n_slots, added->user_id, added->quest_id) = added;
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
    return add(set, stored) != NULL;
}

const struct progress *progress_set_first(const struct progress_set *set)
{
    return set->first;
}

static struct progress *find_or_add(struct progress_set *set, const struct fact *fact,
                                    const struct definition *definition)
{
    struct progress *known =
        *slot_of(set->slots, set->n_slots, fact->user_id, definition->quest_id);
    struct progress begun = {.created_ms = fact->occurred_ms};

    if (known != NULL)
        return known;
    snprintf(begun.user_id, sizeof(begun.user_id), "%s", fact->user_id);
    memcpy(begun.quest_id, definition->quest_id, sizeof(begun.quest_id));
    return add(set, &begun);
}

/* Counts an event; true when it completes the quest. */
static bool count(struct progress *progress, const struct definition *definition,
                  int64_t occurred_ms)
{
    bool was_exhausted = progress->is_exhausted, completes;

    progress->is_exhausted = progress->duplication >= definition->duplication;
    if (progress->is_exhausted) {
        progress->is_changed = progress->is_changed || !was_exhausted;
        return false;
    }
    completes = ++progress->streak >= definition->streak;
    if (completes) {
        progress->streak = 0;
        progress->duplication++;
        progress->is_exhausted = progress->duplication >= definition->duplication;
    }
    progress->updated_ms = occurred_ms;
    progress->is_changed = true;
    return completes;
}

static struct completion *complete(struct progress_set *set, const struct progress *progress,
                                   const struct definition *definition, const struct fact *cause)
{
    struct completion *completion = ql_arena_calloc(set->arena, 1, sizeof(*completion));
    char ordinal[16];
    const char *const parts[] = {"completion", progress->user_id, progress->quest_id, ordinal};

    if (completion == NULL)
        return NULL;
    snprintf(ordinal, sizeof(ordinal), "%" PRId32, progress->duplication);
    ql_uuid_derive(completion->event_id, parts, QL_ARRAY_LENGTH(parts));
    completion->cause_event_id = cause->event_id;
    memcpy(completion->quest_id, progress->quest_id, sizeof(completion->quest_id));
    completion->quest_revision = definition->revision;
    completion->ordinal = progress->duplication;
    return completion;
}

/* Counts one event for every quest it matters to, and links the completions in
 * at *link, before what stands there. */
static bool feed(struct progress_set *set, const struct definitions *definitions,
                 const struct fact *fact, int generation, struct completion **link,
                 size_t *n_completions)
{
    size_t n_matches;
    const struct definition_match *matches =
        definitions_matching(definitions, fact->event_type, &n_matches);

    for (size_t i = 0; i < n_matches; i++) {
        const struct definition *definition = matches[i].definition;
        struct progress *progress = find_or_add(set, fact, definition);
        struct completion *completion;

        if (progress == NULL)
            return false;
        if (!count(progress, definition, fact->occurred_ms))
            continue;
        completion = complete(set, progress, definition, fact);
        if (completion == NULL)
            return false;
        completion->generation = generation;
        completion->next = *link;
        *link = completion;
        link = &completion->next;
        ++*n_completions;
    }
    return true;
}

bool progress_judge(struct progress_set *set, const struct definitions *definitions,
                    const struct fact *fact, struct completion **ret_completions)
{
    size_t n_completions = 0;

    *ret_completions = NULL;
    if (fact->user_id[0] == '\0')
        return true;
    if (!feed(set, definitions, fact, 1, ret_completions, &n_completions))
        return false;
    for (struct completion *cause = *ret_completions; cause != NULL; cause = cause->next) {
        struct fact completed = {.event_id = cause->event_id,
                                 .event_type = QUEST_COMPLETED,
                                 .user_id = fact->user_id,
                                 .occurred_ms = fact->occurred_ms};

        if (cause->generation >= PROGRESS_GENERATIONS_MAX ||
            n_completions >= PROGRESS_COMPLETIONS_MAX)
            continue;
        if (!feed(set, definitions, &completed, cause->generation + 1, &cause->next,
                  &n_completions))
            return false;
    }
    return true;
}
