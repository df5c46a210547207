/* The draw of an attempt: which questions it has, and in which order these and their choices
 * are shown. It follows from a seed and the quiz's version alone, so it is computed again
 * whenever it is needed, and anybody who has both can repeat it (README.md).
 *
 *   words       block i of the seed is SHA-256(seed ‖ i as 4 big-endian bytes), i from 0, and
 *               has eight words, big-endian
 *   below(n)    0 for n = 1, without a word; else the next word w < ⌊2³² / n⌋ · n gives w mod n
 *   pick(list, k)  for i < k places i and i + below(length - i) change; the first k are picked
 *
 * Slots come in order; of one with fewer questions to draw than candidates so many are picked
 * and put into the candidates' order. Then all questions are picked when they are shuffled,
 * and then, for each question as shown, all its choices when they are. */
#ifndef QL_QUIZ_ATTEMPTS_DRAW_H
#define QL_QUIZ_ATTEMPTS_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/quiz/quizzes/version.h"

enum {
    DRAW_ALGORITHM = 1,
    DRAW_SEED_BYTES = 32,
    DRAW_BLOCK_WORDS = 8,
    DRAW_QUESTIONS_MAX = 100,  /* of an attempt */
    DRAW_CANDIDATES_MAX = 500, /* of a slot */
};

/* The words of a seed that are left. Of one thread. */
struct draw {
    unsigned char seed[DRAW_SEED_BYTES];
    uint32_t block; /* the next one */
    uint32_t words[DRAW_BLOCK_WORDS];
    size_t n_left; /* of the words, at the end */
};

void draw_begin(struct draw *ret_draw, const unsigned char seed[DRAW_SEED_BYTES]);

/* A number from 0 to n - 1; n is at least 1. */
uint32_t draw_below(struct draw *draw, uint32_t n);

/* Picks n_picked of the n_numbers, to the front. */
void draw_pick(struct draw *draw, int32_t *numbers, size_t n_numbers, size_t n_picked);

/* The questions in the order shown, as places in the list of all candidates of all slots,
 * counted from 0. Returns how many there are. A version has at most DRAW_QUESTIONS_MAX to
 * draw, and DRAW_CANDIDATES_MAX candidates in a slot; further ones are left out. */
size_t draw_questions(struct draw *draw, const struct version_slot *slots, size_t n_slots,
                      bool is_shuffled, int32_t ret_places[DRAW_QUESTIONS_MAX]);

/* The numbers 1 to n_choices in the order shown. */
void draw_choices(struct draw *draw, size_t n_choices, bool is_shuffled, int32_t *ret_order);

#endif
