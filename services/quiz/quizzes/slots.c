/* The slots of a draft. */
#include "services/quiz/quizzes/slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_SIZE = 64 };

/* A candidate and where it stands. */
struct place {
    const char *question_id;
    size_t slot, index;
};

size_t slots_count_candidates(QuizSlot *const *slots, size_t n_slots)
{
    size_t n = 0;

    for (size_t i = 0; i < n_slots; i++)
        n += slots[i]->n_question_ids;
    return n;
}

int32_t slots_count_drawn(QuizSlot *const *slots, size_t n_slots)
{
    int32_t n = 0;

    for (size_t i = 0; i < n_slots; i++)
        n += slots[i]->count;
    return n;
}

enum ql_code slots_normalize(struct ql_call *call, QuizSlot **slots, size_t n_slots)
{
    for (size_t i = 0; i < n_slots; i++) {
        for (size_t k = 0; k < slots[i]->n_question_ids; k++) {
            char *lower = ql_arena_alloc(call->arena, QL_UUID_SIZE);

            if (lower == NULL)
                return ql_fail_memory(call);
            ql_uuid_copy(lower, slots[i]->question_ids[k]);
            slots[i]->question_ids[k] = lower;
        }
    }
    return QL_OK;
}

/* By id; of one id in the order of slots. */
static int compare_places(const void *left, const void *right)
{
    const struct place *one = left, *other = right;
    int by_id = strcmp(one->question_id, other->question_id);

    if (by_id != 0)
        return by_id;
    if (one->slot != other->slot)
        return one->slot < other->slot ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

static enum ql_code check_repetitions(struct ql_call *call, QuizSlot *const *slots, size_t n_slots)
{
    size_t n = slots_count_candidates(slots, n_slots), n_places = 0;
    struct place *places = ql_arena_calloc(call->arena, n + 1, sizeof(*places));
    enum ql_code rc = QL_OK;
    char field[FIELD_SIZE];

    if (places == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_slots; i++)
        for (size_t k = 0; k < slots[i]->n_question_ids; k++)
            places[n_places++] =
                (struct place){.question_id = slots[i]->question_ids[k], .slot = i, .index = k};
    qsort(places, n_places, sizeof(*places), compare_places);
    for (size_t i = 1; i < n_places; i++) {
        if (strcmp(places[i - 1].question_id, places[i].question_id) != 0)
            continue;
        snprintf(field, sizeof(field), "slots[%zu].questionIds[%zu]", places[i].slot,
                 places[i].index);
        rc = ql_violate(call, field, "names a question that is there before");
    }
    return rc;
}

enum ql_code slots_validate(struct ql_call *call, QuizSlot *const *slots, size_t n_slots)
{
    enum ql_code rc = QL_OK;
    char field[FIELD_SIZE];

    for (size_t i = 0; i < n_slots; i++) {
        if ((size_t)slots[i]->count <= slots[i]->n_question_ids)
            continue;
        snprintf(field, sizeof(field), "slots[%zu].count", i);
        rc = ql_violate(call, field, "must be at most the number of questions of the slot");
    }
    if (slots_count_candidates(slots, n_slots) > SLOTS_CANDIDATES_MAX)
        return ql_violate(call, "slots", "must have at most %d questions", SLOTS_CANDIDATES_MAX);
    if (slots_count_drawn(slots, n_slots) > SLOTS_DRAWN_MAX)
        rc = ql_violate(call, "slots", "must draw at most %d questions", SLOTS_DRAWN_MAX);
    if (check_repetitions(call, slots, n_slots) != QL_OK)
        return call->status.code;
    return rc;
}
