/* Words of a seed, and what is picked by them. */
#include "services/quiz/attempts/draw.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/digest.h"

enum { WORD_BYTES = 4 };

_Static_assert((int)DRAW_BLOCK_WORDS *WORD_BYTES == (int)QL_SHA256_BYTES, "a block is a digest");

static void put_be32(unsigned char bytes[WORD_BYTES], uint32_t number)
{
    for (int i = 0; i < WORD_BYTES; i++)
        bytes[i] = (unsigned char)(number >> (24 - 8 * i));
}

static uint32_t get_be32(const unsigned char bytes[WORD_BYTES])
{
    uint32_t number = 0;

    for (int i = 0; i < WORD_BYTES; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint32_t next_word(struct draw *draw)
{
    unsigned char input[DRAW_SEED_BYTES + WORD_BYTES], digest[QL_SHA256_BYTES];

    if (draw->n_left == 0) {
        memcpy(input, draw->seed, DRAW_SEED_BYTES);
        put_be32(input + DRAW_SEED_BYTES, draw->block++);
        ql_sha256(digest, input, sizeof(input));
        for (size_t i = 0; i < DRAW_BLOCK_WORDS; i++)
            draw->words[i] = get_be32(digest + i * WORD_BYTES);
        draw->n_left = DRAW_BLOCK_WORDS;
    }
    return draw->words[DRAW_BLOCK_WORDS - draw->n_left--];
}

void draw_begin(struct draw *ret_draw, const unsigned char seed[DRAW_SEED_BYTES])
{
    *ret_draw = (struct draw){.block = 0};
    memcpy(ret_draw->seed, seed, DRAW_SEED_BYTES);
}

uint32_t draw_below(struct draw *draw, uint32_t n)
{
    const uint64_t n_words = UINT64_C(1) << 32;
    uint32_t word;

    if (n <= 1)
        return 0;
    do
        word = next_word(draw);
    while (word >= n_words / n * n); /* a rest would make small numbers more likely */
    return word % n;
}

void draw_pick(struct draw *draw, int32_t *numbers, size_t n_numbers, size_t n_picked)
{
    for (size_t i = 0; i < n_picked; i++) {
        size_t other = i + draw_below(draw, (uint32_t)(n_numbers - i));
        int32_t number = numbers[i];

        numbers[i] = numbers[other];
        numbers[other] = number;
    }
}

static int compare_numbers(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;

    return (a > b) - (a < b);
}

static size_t at_most(size_t number, size_t most)
{
    return number < most ? number : most;
}

/* Which candidates of a slot are drawn, as places counted from `first`. */
static size_t draw_slot(struct draw *draw, const struct version_slot *slot, int32_t first,
                        int32_t *ret_places, size_t n_free)
{
    size_t n_candidates = at_most(slot->n_candidates, DRAW_CANDIDATES_MAX);
    size_t n_drawn = at_most(at_most(slot->count, n_candidates), n_free);
    int32_t places[DRAW_CANDIDATES_MAX];

    for (size_t i = 0; i < n_candidates; i++)
        places[i] = first + (int32_t)i;
    if (n_drawn < n_candidates) {
        draw_pick(draw, places, n_candidates, n_drawn);
        qsort(places, n_drawn, sizeof(places[0]), compare_numbers);
    }
    memcpy(ret_places, places, n_drawn * sizeof(places[0]));
    return n_drawn;
}

size_t draw_questions(struct draw *draw, const struct version_slot *slots, size_t n_slots,
                      bool is_shuffled, int32_t ret_places[DRAW_QUESTIONS_MAX])
{
    size_t n_drawn = 0;
    int32_t first = 0;

    for (size_t i = 0; i < n_slots; i++) {
        n_drawn +=
            draw_slot(draw, &slots[i], first, ret_places + n_drawn, DRAW_QUESTIONS_MAX - n_drawn);
        first += (int32_t)slots[i].n_candidates;
    }
    if (is_shuffled)
        draw_pick(draw, ret_places, n_drawn, n_drawn);
    return n_drawn;
}

void draw_choices(struct draw *draw, size_t n_choices, bool is_shuffled, int32_t *ret_order)
{
    for (size_t i = 0; i < n_choices; i++)
        ret_order[i] = (int32_t)i + 1;
    if (is_shuffled)
        draw_pick(draw, ret_order, n_choices, n_choices);
}
