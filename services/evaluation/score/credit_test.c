/* Credits of random questions, compared with a computation of another kind: fractions that
 * are added up one choice at a time, orders by sorting, and whole numbers found by search. */
#include "services/evaluation/score/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/evaluation/score/item_fixture.h"
#include "services/testing/call.h"

enum { ROUNDS = 20000, PPM = 1000000 };

__extension__ typedef __int128 wide;

struct fraction {
    wide n, d;
};

static uint64_t seed = 20261201;

/* 0 .. below - 1. */
static int random_below(int below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)below);
}

static struct fraction add(struct fraction a, wide n, wide d)
{
    struct fraction sum = {a.n * d + n * a.d, a.d * d};
    wide x = sum.n < 0 ? -sum.n : sum.n, y = sum.d;

    while (y != 0) {
        wide rest = x % y;

        x = y;
        y = rest;
    }
    if (x > 1) {
        sum.n /= x;
        sum.d /= x;
    }
    return sum;
}

static struct fraction within_0_and_1(struct fraction f)
{
    if (f.n < 0)
        return (struct fraction){0, 1};
    return f.n > f.d ? (struct fraction){1, 1} : f;
}

/* The greatest whole number whose d-fold is at most n. */
static int64_t search(wide n, wide d)
{
    int64_t low = 0, high = (int64_t)1 << 40;

    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;

        if (middle * d <= n)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int64_t millipoints_of(int points, struct fraction credit)
{
    int64_t size = search((credit.n < 0 ? -credit.n : credit.n) * points * 1000, credit.d);

    return credit.n < 0 ? -size : size;
}

static struct fraction expect_multiple(const struct test_item *item)
{
    struct fraction sum = {0, 1};
    int n_right = 0, n_wrong = 0;
    int64_t all_ppm = 0;
    bool has_penalty = false, is_exact = true;

    for (size_t i = 0; i < item->item.n_option_credits_ppm; i++) {
        n_right += item->key[i] > 0;
        n_wrong += item->key[i] <= 0;
        all_ppm += item->key[i] > 0 ? item->key[i] : 0;
        has_penalty |= item->key[i] < 0;
    }
    for (size_t i = 0; i < item->answer.n_choices; i++) {
        int32_t credit = item->key[item->choices[i] - 1];

        is_exact = is_exact && credit > 0;
        if (item->item.partial_credit == PARTIAL_CREDIT_WEIGHTED) {
            sum = add(sum, credit, all_ppm);
            if (credit <= 0 && !has_penalty)
                sum = add(sum, -1, n_wrong);
        } else {
            sum = credit > 0 ? add(sum, 1, n_right) : add(sum, -1, n_wrong);
        }
    }
    if (item->item.partial_credit == PARTIAL_CREDIT_ALL_OR_NOTHING)
        return (struct fraction){is_exact && (int)item->answer.n_choices == n_right, 1};
    return within_0_and_1(sum);
}

static struct fraction expect_ordering(const struct test_item *item)
{
    int32_t sorted[FIXTURE_NUMBERS_MAX];
    int n = item->item.order_count, n_swaps = 0, n_unmoved = 0;

    memcpy(sorted, item->choices, sizeof(sorted));
    for (int i = 0; i < n; i++)
        n_unmoved += sorted[i] == i + 1;
    for (int round = 0; round < n; round++)
        for (int i = 0; i + 1 < n; i++)
            if (sorted[i] > sorted[i + 1]) {
                int32_t first = sorted[i];

                sorted[i] = sorted[i + 1];
                sorted[i + 1] = first;
                n_swaps++;
            }
    if (item->item.partial_credit == PARTIAL_CREDIT_PROPORTIONAL)
        return add((struct fraction){0, 1}, n_unmoved, n);
    if (item->item.partial_credit == PARTIAL_CREDIT_ALL_OR_NOTHING)
        return (struct fraction){n_swaps == 0, 1};
    /* Each swap of neighbours turns one pair. */
    return within_0_and_1(add((struct fraction){1, 1}, -4 * n_swaps, (wide)n * (n - 1)));
}

static struct fraction expect_matching(const struct test_item *item)
{
    struct fraction sum = {0, 1};
    wide n = (wide)item->item.n_matches;
    bool is_exact = true;

    for (size_t i = 0; i < item->item.n_matches; i++) {
        bool is_right = item->choices[i] == item->key[i];

        is_exact = is_exact && is_right;
        if (is_right)
            sum = add(sum, 1, n);
        else if (item->item.partial_credit == PARTIAL_CREDIT_RIGHT_MINUS_WRONG &&
                 item->choices[i] != 0)
            sum = add(sum, -1, n);
    }
    if (item->item.partial_credit == PARTIAL_CREDIT_ALL_OR_NOTHING)
        return (struct fraction){is_exact, 1};
    return within_0_and_1(sum);
}

/* Some of 1 to n in a random order: all of them, or a part. */
static void choose(struct test_item *item, int n, bool all)
{
    for (int i = 0; i < n; i++) {
        int j = random_below(i + 1);

        item->choices[i] = item->choices[j];
        item->choices[j] = i + 1;
    }
    item->answer.choices = item->choices;
    item->answer.n_choices = (size_t)(all ? n : 1 + random_below(n));
}

static struct fraction make_multiple(struct test_item *item)
{
    static const Questline__Quiz__V1__PartialCredit rules[] = {
        PARTIAL_CREDIT_RIGHT_MINUS_WRONG, PARTIAL_CREDIT_ALL_OR_NOTHING, PARTIAL_CREDIT_WEIGHTED};
    int n = 2 + random_below(19), range = random_below(2) == 0 ? PPM : 0;

    test_item_init(item, QUESTION_TYPE_MULTIPLE_CHOICE, 1 + random_below(100));
    item->item.partial_credit = rules[random_below(3)];
    for (int i = 0; i < n; i++)
        item->key[i] = random_below(2) == 0 ? 1 + random_below(PPM) : -random_below(range + 1);
    item->key[random_below(n)] = PPM;
    item->item.option_credits_ppm = item->key;
    item->item.n_option_credits_ppm = (size_t)n;
    choose(item, n, false);
    return expect_multiple(item);
}

static struct fraction make_ordering(struct test_item *item)
{
    static const Questline__Quiz__V1__PartialCredit rules[] = {PARTIAL_CREDIT_RIGHT_MINUS_WRONG,
                                                               PARTIAL_CREDIT_PROPORTIONAL,
                                                               PARTIAL_CREDIT_ALL_OR_NOTHING};

    test_item_init(item, QUESTION_TYPE_ORDERING, 1 + random_below(100));
    item->item.partial_credit = rules[random_below(3)];
    item->item.order_count = 2 + random_below(19);
    choose(item, item->item.order_count, true);
    if (random_below(4) == 0)
        for (int i = 0; i < item->item.order_count; i++)
            item->choices[i] = i + 1;
    return expect_ordering(item);
}

static struct fraction make_matching(struct test_item *item)
{
    static const Questline__Quiz__V1__PartialCredit rules[] = {PARTIAL_CREDIT_PROPORTIONAL,
                                                               PARTIAL_CREDIT_RIGHT_MINUS_WRONG,
                                                               PARTIAL_CREDIT_ALL_OR_NOTHING};
    int n = 2 + random_below(19);

    test_item_init(item, QUESTION_TYPE_MATCHING, 1 + random_below(100));
    item->item.partial_credit = rules[random_below(3)];
    for (int i = 0; i < n; i++) {
        item->key[i] = 1 + random_below(4);
        item->choices[i] = random_below(2) == 0 ? item->key[i] : random_below(5);
    }
    item->item.matches = item->key;
    item->answer.choices = item->choices;
    item->item.n_matches = item->answer.n_choices = (size_t)n;
    return expect_matching(item);
}

static struct fraction make_single(struct test_item *item, bool is_formula_scored)
{
    int n = 2 + random_below(19);

    test_item_init(item, QUESTION_TYPE_SINGLE_CHOICE, 1 + random_below(100));
    for (int i = 0; i < n; i++)
        item->key[i] = random_below(2) == 0 ? 0 : random_below(2 * PPM + 1) - PPM;
    item->item.option_credits_ppm = item->key;
    item->item.n_option_credits_ppm = (size_t)n;
    test_item_answer(item, NUMBERS(1 + random_below(n)));
    if (item->key[item->choices[0] - 1] == 0)
        return is_formula_scored ? (struct fraction){-1, n - 1} : (struct fraction){0, 1};
    return (struct fraction){item->key[item->choices[0] - 1], PPM};
}

static struct fraction make_random(struct test_item *item, bool is_formula_scored)
{
    switch (random_below(4)) {
    case 0:
        return make_multiple(item);
    case 1:
        return make_ordering(item);
    case 2:
        return make_matching(item);
    default:
        return make_single(item, is_formula_scored);
    }
}

static void score_random_attempt(struct ql_call *call)
{
    static struct test_item made[8];
    CompletedItem *items[8];
    int64_t expected[8], sum = 0, max = 0;
    QuizCompleted attempt;
    struct score score;

    QuizCompleted_init(&attempt);
    attempt.items = items;
    attempt.formula_scoring = random_below(2);
    attempt.board_points = 1 + random_below(1000);
    attempt.pass_basis_points = 1 + random_below(10000);
    attempt.question_count = 1 + random_below(8);
    attempt.n_items = (size_t)attempt.question_count;
    for (size_t i = 0; i < attempt.n_items; i++) {
        struct fraction credit = make_random(&made[i], attempt.formula_scoring);

        items[i] = &made[i].item;
        expected[i] = millipoints_of(made[i].item.points, credit);
        sum += expected[i];
        max += (int64_t)made[i].item.points * 1000;
    }
    sum = sum < 0 ? 0 : sum;
    assert_int_equal(score_attempt(call, &attempt, &score), QL_OK);
    for (size_t i = 0; i < attempt.n_items; i++)
        assert_int_equal(score.items[i].millipoints, expected[i]);
    assert_int_equal(score.millipoints, sum);
    assert_int_equal(score.max_millipoints, max);
    assert_int_equal(score.basis_points, search((wide)sum * 10000, max));
    assert_int_equal(score.percent, search((wide)sum * 100, max));
    assert_int_equal(score.worth_millipoints, search((wide)sum * attempt.board_points * 1000, max));
    /* Exact, without rounding: passed when the share is as great as it must be. */
    assert_int_equal(score.is_passed, sum * 10000 >= max * attempt.pass_basis_points);
}

static void test_random_attempts_score_what_exact_fractions_come_to(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        ql_arena_reset(call->arena);
        score_random_attempt(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_attempts_score_what_exact_fractions_come_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
