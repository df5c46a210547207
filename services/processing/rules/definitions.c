/* Two sorted arrays, one by quest, one by event type and quest, over definitions that are
 * counted by reference. */
#include "services/processing/rules/definitions.h"

#include <stdlib.h>
#include <string.h>

struct definitions {
    const struct definition **quests; /* by quest id */
    size_t n_quests, quests_size;
    struct definition_match *matches; /* by event type, then quest id */
    size_t n_matches, matches_size;
    struct definition_held *held; /* in the order in which they came */
    size_t n_held, held_size;
};

struct definitions *definitions_new(void)
{
    return calloc(1, sizeof(struct definitions));
}

void definitions_free(struct definitions *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n_quests; i++)
        definition_unref(set->quests[i]);
    free(set->quests);
    free(set->matches);
    free(set->held);
    free(set);
}

void definitions_freep(struct definitions **set)
{
    definitions_free(*set);
    *set = NULL;
}

/* Space for n items of size bytes; doubles. */
static bool reserve_items(void **items, size_t *items_size, size_t n, size_t size)
{
    size_t wanted = *items_size == 0 ? 16 : *items_size;
    void *grown;

    if (n <= *items_size)
        return true;
    while (wanted < n)
        wanted *= 2;
    grown = realloc(*items, wanted * size);
    if (grown == NULL)
        return false;
    *items = grown;
    *items_size = wanted;
    return true;
}

static bool reserve_both(struct definitions *set, size_t n_quests, size_t n_matches)
{
    void *quests = (void *)set->quests, *matches = set->matches;
    bool has_memory = reserve_items(&quests, &set->quests_size, n_quests, sizeof(*set->quests)) &&
                      reserve_items(&matches, &set->matches_size, n_matches, sizeof(*set->matches));

    set->quests = quests;
    set->matches = matches;
    return has_memory;
}

static bool reserve_held(struct definitions *set, size_t n)
{
    void *held = set->held;
    bool has_memory = reserve_items(&held, &set->held_size, n, sizeof(*set->held));

    set->held = held;
    return has_memory;
}

struct definitions *definitions_copy(const struct definitions *set)
{
    struct definitions *copy = definitions_new();

    if (copy == NULL || !reserve_both(copy, set->n_quests, set->n_matches) ||
        !reserve_held(copy, set->n_held)) {
        definitions_free(copy);
        return NULL;
    }
    for (size_t i = 0; i < set->n_quests; i++)
        copy->quests[i] = definition_ref(set->quests[i]);
    copy->n_quests = set->n_quests;
    if (set->n_matches > 0)
        memcpy(copy->matches, set->matches, set->n_matches * sizeof(*set->matches));
    copy->n_matches = set->n_matches;
    if (set->n_held > 0)
        memcpy(copy->held, set->held, set->n_held * sizeof(*set->held));
    copy->n_held = set->n_held;
    return copy;
}

/* Where a quest stands, or would stand. */
static size_t quest_index(const struct definitions *set, const char *quest_id)
{
    size_t low = 0, high = set->n_quests;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(set->quests[middle]->quest_id, quest_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where a type begins, behind the quests before quest_id. */
static size_t match_index(const struct definitions *set, const char *type, const char *quest_id)
{
    size_t low = 0, high = set->n_matches;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct definition_match *match = &set->matches[middle];
        int order = strcmp(match->event_type, type);

        if (order == 0)
            order = strcmp(match->definition->quest_id, quest_id);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void matches_remove(struct definitions *set, const struct definition *definition)
{
    size_t kept = 0;

    for (size_t i = 0; i < set->n_matches; i++)
        if (set->matches[i].definition != definition)
            set->matches[kept++] = set->matches[i];
    set->n_matches = kept;
}

static void matches_add(struct definitions *set, const struct definition *definition)
{
    for (size_t i = 0; i < definition->n_event_types; i++) {
        const char *type = definition->event_types[i];
        struct definition_match *at = set->matches + match_index(set, type, definition->quest_id);

        memmove(at + 1, at, (size_t)(set->matches + set->n_matches - at) * sizeof(*at));
        *at = (struct definition_match){.event_type = type, .definition = definition};
        set->n_matches++;
    }
}

/* n_held when the quest is not held; there are few. */
static size_t held_index(const struct definitions *set, const char *quest_id)
{
    size_t index = 0;

    while (index < set->n_held && strcmp(set->held[index].quest_id, quest_id) != 0)
        index++;
    return index;
}

bool definitions_put(struct definitions *set, const struct definition *definition)
{
    size_t index = quest_index(set, definition->quest_id);
    const struct definition **at, *known = definitions_find(set, definition->quest_id), *added;

    if (known != NULL && known->revision >= definition->revision)
        return true;
    if (known == NULL && set->n_quests == DEFINITIONS_MAX)
        return false;
    if (!reserve_both(set, set->n_quests + 1, set->n_matches + definition->n_event_types))
        return false;
    added = definition_new(definition);
    if (added == NULL)
        return false;
    at = set->quests + index;
    if (known != NULL) {
        matches_remove(set, known);
        definition_unref(known);
    } else {
        memmove((void *)(at + 1), (const void *)at, (set->n_quests - index) * sizeof(*at));
        set->n_quests++;
    }
    *at = added;
    if (!added->is_archived && held_index(set, added->quest_id) == set->n_held)
        matches_add(set, added);
    return true;
}

bool definitions_hold(struct definitions *set, const char *quest_id, int64_t after_seq)
{
    size_t index = held_index(set, quest_id);

    if (index == set->n_held) {
        const struct definition *known = definitions_find(set, quest_id);

        if (!reserve_held(set, set->n_held + 1))
            return false;
        memcpy(set->held[index].quest_id, quest_id, QL_UUID_SIZE);
        set->n_held++;
        if (known != NULL)
            matches_remove(set, known);
    }
    set->held[index].after_seq = after_seq;
    return true;
}

bool definitions_release(struct definitions *set, const char *quest_id)
{
    const struct definition *known = definitions_find(set, quest_id);
    size_t index = held_index(set, quest_id);

    if (index == set->n_held)
        return true;
    if (known != NULL && !known->is_archived) {
        if (!reserve_both(set, set->n_quests, set->n_matches + known->n_event_types))
            return false;
        matches_add(set, known);
    }
    set->n_held--;
    memmove(&set->held[index], &set->held[index + 1], (set->n_held - index) * sizeof(*set->held));
    return true;
}

const struct definition_held *definitions_find_held(const struct definitions *set,
                                                    const char *quest_id)
{
    size_t index = quest_id == NULL ? 0 : held_index(set, quest_id);

    return index < set->n_held ? &set->held[index] : NULL;
}

size_t definitions_count_held(const struct definitions *set)
{
    return set->n_held;
}

const struct definition *definitions_find(const struct definitions *set, const char *quest_id)
{
    size_t index = quest_index(set, quest_id);

    if (index == set->n_quests || strcmp(set->quests[index]->quest_id, quest_id) != 0)
        return NULL;
    return set->quests[index];
}

size_t definitions_count(const struct definitions *set)
{
    return set->n_quests;
}

const struct definition_match *definitions_matching(const struct definitions *set,
                                                    const char *event_type, size_t *ret_n)
{
    size_t first = match_index(set, event_type, ""), end = first;

    while (end < set->n_matches && strcmp(set->matches[end].event_type, event_type) == 0)
        end++;
    *ret_n = end - first;
    return *ret_n == 0 ? NULL : set->matches + first;
}
