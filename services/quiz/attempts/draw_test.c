/* Tests of the draw. Other programs repeat draws: the vectors never change. */
#include "services/quiz/attempts/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void begin_counting_seed(struct draw *ret_draw)
{
    unsigned char seed[DRAW_SEED_BYTES];

    for (int i = 0; i < DRAW_SEED_BYTES; i++)
        seed[i] = (unsigned char)i;
    draw_begin(ret_draw, seed);
}

/* The vector of the service's documentation. */
static void test_draw_of_the_documented_seed(void **state)
{
    static const int32_t places[] = {1, 9, 7, 5};
    static const int32_t orders[][4] = {{1, 4, 3, 2}, {1, 2, 4, 3}, {3, 4, 2, 1}, {3, 4, 2, 1}};
    const struct version_slot slot = {.n_candidates = 10, .count = 4};
    int32_t drawn[DRAW_QUESTIONS_MAX], order[4];
    struct draw draw;

    (void)state;
    begin_counting_seed(&draw);
    assert_int_equal(draw_questions(&draw, &slot, 1, true, drawn), 4);
    assert_memory_equal(drawn, places, sizeof(places));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(orders); i++) {
        draw_choices(&draw, 4, true, order);
        assert_memory_equal(order, orders[i], sizeof(order));
    }
}

static void test_drawn_candidates_keep_their_order_unless_shuffled(void **state)
{
    static const int32_t places[] = {1, 5, 7, 9};
    const struct version_slot slot = {.n_candidates = 10, .count = 4};
    int32_t drawn[DRAW_QUESTIONS_MAX];
    struct draw draw;

    (void)state;
    begin_counting_seed(&draw);
    assert_int_equal(draw_questions(&draw, &slot, 1, false, drawn), 4);
    assert_memory_equal(drawn, places, sizeof(places));
}

/* Fixed questions and what is not shuffled take no word, so what is drawn behind them is
 * that of the vector. */
static void test_what_is_fixed_takes_no_word(void **state)
{
    static const int32_t in_order[] = {1, 2, 3, 4};
    static const int32_t places[] = {0, 1, 2, 4, 8, 10, 12, 13}; /* 3 + those of the vector */
    const struct version_slot fixed[] = {{.n_candidates = 1, .count = 1},
                                         {.n_candidates = 2, .count = 2}};
    const struct version_slot slots[] = {
        fixed[0], fixed[1], {.n_candidates = 10, .count = 4}, fixed[0]};
    int32_t drawn[DRAW_QUESTIONS_MAX], order[4];
    struct draw draw, untouched;

    (void)state;
    begin_counting_seed(&draw);
    begin_counting_seed(&untouched);
    assert_int_equal(draw_questions(&draw, fixed, 2, false, drawn), 3);
    draw_choices(&draw, 4, false, order);
    assert_memory_equal(order, in_order, sizeof(order));
    draw_choices(&draw, 1, true, order);
    assert_int_equal(draw_below(&draw, 1), 0);
    assert_memory_equal(&draw, &untouched, sizeof(draw));
    assert_int_equal(draw_questions(&draw, slots, 4, false, drawn), 8);
    assert_memory_equal(drawn, places, sizeof(places));
}

/* 2³¹ + 1 leaves a rest of almost half of all words. */
static void test_words_of_the_rest_are_dropped(void **state)
{
    const uint32_t n = (UINT32_C(1) << 31) + 1;
    struct draw draw;

    (void)state;
    begin_counting_seed(&draw);
    for (int i = 0; i < 1000; i++)
        assert_true(draw_below(&draw, n) < n);
    assert_true(draw.block > 1000 / DRAW_BLOCK_WORDS * 3 / 2);
    assert_true(draw.block < 1000 / DRAW_BLOCK_WORDS * 3);
}

static void test_every_number_is_as_likely(void **state)
{
    int counts[7] = {0};
    struct draw draw;

    (void)state;
    begin_counting_seed(&draw);
    for (int i = 0; i < 70000; i++)
        counts[draw_below(&draw, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400); /* more than four standard deviations */
}

static void test_a_draw_is_a_permutation_that_follows_from_its_seed(void **state)
{
    const struct version_slot slots[] = {{.n_candidates = 500, .count = 60},
                                         {.n_candidates = 500, .count = 40}};
    int32_t drawn[DRAW_QUESTIONS_MAX], again[DRAW_QUESTIONS_MAX], other[DRAW_QUESTIONS_MAX];
    unsigned char seed[DRAW_SEED_BYTES] = {7};
    bool is_drawn[1000] = {false};
    struct draw draw;

    (void)state;
    draw_begin(&draw, seed);
    assert_int_equal(draw_questions(&draw, slots, 2, true, drawn), 100);
    for (size_t i = 0; i < 100; i++) {
        assert_in_range(drawn[i], 0, 999);
        assert_false(is_drawn[drawn[i]]);
        is_drawn[drawn[i]] = true;
    }
    draw_begin(&draw, seed);
    draw_questions(&draw, slots, 2, true, again);
    assert_memory_equal(drawn, again, sizeof(drawn));
    seed[31] = 1;
    draw_begin(&draw, seed);
    draw_questions(&draw, slots, 2, true, other);
    assert_memory_not_equal(drawn, other, sizeof(drawn));
}

/* No published version is so large; whatever a table holds, nothing is written beyond. */
static void test_a_version_that_is_too_large_is_cut(void **state)
{
    const struct version_slot slots[] = {{.n_candidates = 600, .count = 90},
                                         {.n_candidates = 20, .count = 20},
                                         {.n_candidates = 5, .count = 9}};
    int32_t drawn[DRAW_QUESTIONS_MAX];
    struct draw draw;

    (void)state;
    begin_counting_seed(&draw);
    assert_int_equal(draw_questions(&draw, slots, 3, true, drawn), DRAW_QUESTIONS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draw_of_the_documented_seed),
        cmocka_unit_test(test_drawn_candidates_keep_their_order_unless_shuffled),
        cmocka_unit_test(test_what_is_fixed_takes_no_word),
        cmocka_unit_test(test_words_of_the_rest_are_dropped),
        cmocka_unit_test(test_every_number_is_as_likely),
        cmocka_unit_test(test_a_draw_is_a_permutation_that_follows_from_its_seed),
        cmocka_unit_test(test_a_version_that_is_too_large_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
