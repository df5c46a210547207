/* Scores of single questions and of attempts: the worked examples of the rules. */
#include "services/evaluation/score/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/evaluation/score/item_fixture.h"
#include "services/testing/call.h"

#define P 1000000

static struct ql_call *call;
static QuizCompleted attempt;
static CompletedItem *items[SCORE_ITEMS_MAX + 1];
static struct score score;

static int set_up(void **state)
{
    (void)state;
    call = test_call_new(NULL);
    QuizCompleted_init(&attempt);
    attempt.items = items;
    attempt.pass_basis_points = 8000;
    attempt.board_points = 100;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_call_freep(&call);
    return 0;
}

static void add(struct test_item *item)
{
    items[attempt.n_items++] = &item->item;
    attempt.question_count++;
}

static void must_score(void)
{
    assert_int_equal(score_attempt(call, &attempt, &score), QL_OK);
    assert_int_equal(score.n_items, attempt.n_items);
}

/* What one item earns. */
static int32_t earned(struct test_item *item)
{
    attempt.n_items = 0;
    attempt.question_count = 0;
    add(item);
    must_score();
    return score.items[0].millipoints;
}

/* What an answer of choices earns. */
static int32_t choose(struct test_item *item, struct numbers choices)
{
    test_item_answer(item, choices);
    return earned(item);
}

static void test_right_minus_wrong_of_three_right_options_and_a_wrong_one(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_MULTIPLE_CHOICE, 1);
    test_item_key(&item, NUMBERS(P, P, 0, P));
    assert_int_equal(choose(&item, NUMBERS(1, 2)), 666);
    assert_int_equal(choose(&item, NUMBERS(1)), 333);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3)), 333 - 333);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4)), 0);
    assert_int_equal(choose(&item, NUMBERS(4, 2, 1)), 1000);
}

static void test_right_minus_wrong_of_two_right_options_of_five(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_MULTIPLE_CHOICE, 4);
    test_item_key(&item, NUMBERS(P, P, 0, 0, 0));
    assert_int_equal(choose(&item, NUMBERS(1)), 2000);
    assert_int_equal(choose(&item, NUMBERS(1, 3)), 666);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3)), 2666);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4)), 1333);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4, 5)), 0);
    assert_int_equal(choose(&item, NUMBERS(3)), 0);
    item.item.partial_credit = PARTIAL_CREDIT_ALL_OR_NOTHING;
    assert_int_equal(choose(&item, NUMBERS(2, 1)), 4000);
    assert_int_equal(choose(&item, NUMBERS(1)), 0);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 5)), 0);
}

static void test_without_wrong_options_only_right_ones_count(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_MULTIPLE_CHOICE, 1);
    test_item_key(&item, NUMBERS(P, P, P));
    assert_int_equal(choose(&item, NUMBERS(1, 2)), 666);
}

static void test_weighted_options(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_MULTIPLE_CHOICE, 1);
    item.item.partial_credit = PARTIAL_CREDIT_WEIGHTED;
    test_item_key(&item, NUMBERS(333333, 333333, 333333, -P));
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3)), 1000);
    assert_int_equal(choose(&item, NUMBERS(1, 3)), 666);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4)), 0);
    /* Without a penalty each wrong option takes its share of all wrong ones. */
    test_item_key(&item, NUMBERS(600000, 400000, 0, 0));
    assert_int_equal(choose(&item, NUMBERS(1)), 600);
    assert_int_equal(choose(&item, NUMBERS(1, 3)), 100);
    assert_int_equal(choose(&item, NUMBERS(2, 3)), 0);
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3)), 500);
}

static void test_ordering_of_four(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_ORDERING, 3);
    item.item.order_count = 4;
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4)), 3000);
    assert_int_equal(choose(&item, NUMBERS(2, 1, 3, 4)), 2000);
    assert_int_equal(choose(&item, NUMBERS(4, 3, 2, 1)), 0);
    assert_int_equal(choose(&item, NUMBERS(2, 3, 4, 1)), 0);
    item.item.partial_credit = PARTIAL_CREDIT_PROPORTIONAL;
    assert_int_equal(choose(&item, NUMBERS(1, 2, 3, 4)), 3000);
    assert_int_equal(choose(&item, NUMBERS(2, 1, 3, 4)), 1500);
    assert_int_equal(choose(&item, NUMBERS(4, 3, 2, 1)), 0);
    item.item.partial_credit = PARTIAL_CREDIT_ALL_OR_NOTHING;
    assert_int_equal(choose(&item, NUMBERS(2, 1, 3, 4)), 0);
}

static void test_matching_of_three(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_MATCHING, 2);
    test_item_key(&item, NUMBERS(1, 1, 2));
    assert_int_equal(choose(&item, NUMBERS(1, 3, 2)), 1333);
    item.item.partial_credit = PARTIAL_CREDIT_RIGHT_MINUS_WRONG;
    assert_int_equal(choose(&item, NUMBERS(1, 3, 2)), 666);
    assert_int_equal(choose(&item, NUMBERS(1, 0, 2)), 1333);
    assert_int_equal(choose(&item, NUMBERS(2, 2, 2)), 0);
    item.item.partial_credit = PARTIAL_CREDIT_ALL_OR_NOTHING;
    assert_int_equal(choose(&item, NUMBERS(1, 0, 2)), 0);
    assert_int_equal(choose(&item, NUMBERS(1, 1, 2)), 2000);
}

static void test_formula_scoring_takes_for_wrong_answers(void **state)
{
    struct test_item single, truth, text;

    (void)state;
    test_item_init(&single, QUESTION_TYPE_SINGLE_CHOICE, 1);
    test_item_key(&single, NUMBERS(P, 0, 0, 0));
    test_item_answer(&single, NUMBERS(2));
    assert_int_equal(earned(&single), 0);
    attempt.formula_scoring = true;
    assert_int_equal(earned(&single), -333);
    assert_int_equal(score.millipoints, 0);
    test_item_init(&truth, QUESTION_TYPE_TRUE_FALSE, 1);
    test_item_answer(&truth, NUMBERS(1));
    assert_int_equal(earned(&truth), -1000);
    add(&single);
    must_score();
    assert_int_equal(score.millipoints, 0);
    assert_int_equal(score.max_millipoints, 2000);
    test_item_init(&text, QUESTION_TYPE_SHORT_TEXT, 1);
    test_item_add_text(&text, "can't", P);
    text.answer.text = (char *)"can't";
    assert_int_equal(earned(&text), 1000);
    add(&single);
    must_score();
    assert_int_equal(score.millipoints, 667);
    assert_int_equal(score.max_millipoints, 2000);
}

static void test_an_option_with_a_credit_of_its_own_is_not_formula_scored(void **state)
{
    struct test_item item;

    (void)state;
    attempt.formula_scoring = true;
    test_item_init(&item, QUESTION_TYPE_SINGLE_CHOICE, 3);
    test_item_key(&item, NUMBERS(P, 333333, -500000));
    assert_int_equal(choose(&item, NUMBERS(1)), 3000);
    assert_int_equal(choose(&item, NUMBERS(2)), 999);
    assert_int_equal(choose(&item, NUMBERS(3)), -1500);
}

static int32_t type_in(struct test_item *item, const char *text)
{
    item->answer.text = (char *)text;
    return earned(item);
}

static void test_numbers_are_compared_exactly(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_NUMERIC, 2);
    test_item_add_range(&item, "0.5", "1.5", P / 2);
    test_item_add_range(&item, "0.9", "1.1", P);
    assert_int_equal(type_in(&item, "1.1"), 2000);
    assert_int_equal(type_in(&item, "0.9"), 2000);
    assert_int_equal(type_in(&item, " +11e-1 "), 2000);
    assert_int_equal(type_in(&item, "1.100000000000001"), 1000);
    assert_int_equal(type_in(&item, "1,5"), 1000);
    assert_int_equal(type_in(&item, "1.5000000000000009"), 1000); /* the 16th digit is cut */
    assert_int_equal(type_in(&item, "1.500000000000001"), 0);
    assert_int_equal(type_in(&item, "100000000000000000000"), 0);
    assert_int_equal(type_in(&item, "-1"), 0);
}

static void test_texts_are_compared_folded(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_SHORT_TEXT, 1);
    test_item_add_text(&item, "can't", P / 4);
    test_item_add_text(&item, "Can't", P);
    test_item_add_text(&item, "Caf\u00e9", P);
    test_item_add_text(&item, "stra\u00dfe", P);
    assert_int_equal(type_in(&item, "CAN\u2019T"), 1000);
    assert_int_equal(type_in(&item, "  cafe\u0301 "), 1000);
    assert_int_equal(type_in(&item, "cafe"), 0);
    assert_int_equal(type_in(&item, "STRASSE"), 1000);
    item.item.case_sensitive = true;
    assert_int_equal(type_in(&item, "can\u2019t"), 250);
    assert_int_equal(type_in(&item, "CAN'T"), 0);
}

static void test_no_answer_earns_nothing_and_stays_in_the_maximum(void **state)
{
    static const Questline__Quiz__V1__QuestionType types[] = {
        QUESTION_TYPE_SINGLE_CHOICE, QUESTION_TYPE_MULTIPLE_CHOICE, QUESTION_TYPE_TRUE_FALSE,
        QUESTION_TYPE_NUMERIC,       QUESTION_TYPE_SHORT_TEXT,      QUESTION_TYPE_ORDERING,
        QUESTION_TYPE_MATCHING};
    struct test_item item;

    (void)state;
    attempt.formula_scoring = true;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(types); i++) {
        test_item_init(&item, types[i], 2);
        assert_int_equal(earned(&item), 0);
        assert_int_equal(score.max_millipoints, 2000);
        item.item.answer = NULL;
        assert_int_equal(earned(&item), 0);
    }
}

/* 2389 of 3000 millipoints: 79.63 %. */
static void test_shares_are_rounded_down_and_decide_about_passing(void **state)
{
    struct test_item item;

    (void)state;
    test_item_init(&item, QUESTION_TYPE_SINGLE_CHOICE, 3);
    test_item_key(&item, NUMBERS(P, 796666));
    test_item_answer(&item, NUMBERS(2));
    attempt.board_points = 1000;
    earned(&item);
    assert_int_equal(score.millipoints, 2389);
    assert_int_equal(score.percent, 79);
    assert_int_equal(score.basis_points, 7963);
    assert_int_equal(score.worth_millipoints, 796333);
    assert_false(score.is_passed);
    attempt.pass_basis_points = 7963;
    earned(&item);
    assert_true(score.is_passed);
    attempt.pass_basis_points = 7964;
    earned(&item);
    assert_false(score.is_passed);
}

static void assert_refused(const char *reason)
{
    assert_int_equal(score_attempt(call, &attempt, &score), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, reason);
    ql_call_clear_status(call);
}

static void refuse_choices(struct test_item *item, struct numbers choices)
{
    test_item_answer(item, choices);
    attempt.n_items = 0;
    attempt.question_count = 0;
    add(item);
    assert_refused("ITEMS_INVALID");
}

static void test_what_no_quiz_announces_is_refused(void **state)
{
    struct test_item item;

    (void)state;
    assert_refused("ITEMS_MISSING");
    attempt.question_count = 3;
    assert_refused("ITEMS_MISSING");
    test_item_init(&item, QUESTION_TYPE_SINGLE_CHOICE, 1);
    refuse_choices(&item, NUMBERS(1)); /* no options */
    test_item_key(&item, NUMBERS(P, 0));
    refuse_choices(&item, NUMBERS(3));
    refuse_choices(&item, NUMBERS(0));
    refuse_choices(&item, NUMBERS(1, 2));
    item.item.points = 101;
    refuse_choices(&item, NUMBERS(1));
    test_item_init(&item, QUESTION_TYPE_MULTIPLE_CHOICE, 1);
    test_item_key(&item, NUMBERS(0, -P));
    refuse_choices(&item, NUMBERS(1));
    test_item_key(&item, NUMBERS(P, 0, 0));
    refuse_choices(&item, NUMBERS(2, 2));
    test_item_init(&item, QUESTION_TYPE_TRUE_FALSE, 1);
    refuse_choices(&item, NUMBERS(3));
    test_item_init(&item, QUESTION_TYPE_ORDERING, 1);
    item.item.order_count = 3;
    refuse_choices(&item, NUMBERS(1, 2));
    refuse_choices(&item, NUMBERS(1, 2, 2));
    test_item_init(&item, QUESTION_TYPE_MATCHING, 1);
    test_item_key(&item, NUMBERS(1, 2));
    refuse_choices(&item, NUMBERS(1, 2, 0));
    refuse_choices(&item, NUMBERS(1, -1));
    test_item_init(&item, QUESTION_TYPE_UNSPECIFIED, 1);
    refuse_choices(&item, NUMBERS(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_right_minus_wrong_of_three_right_options_and_a_wrong_one),
        TEST(test_right_minus_wrong_of_two_right_options_of_five),
        TEST(test_without_wrong_options_only_right_ones_count),
        TEST(test_weighted_options),
        TEST(test_ordering_of_four),
        TEST(test_matching_of_three),
        TEST(test_formula_scoring_takes_for_wrong_answers),
        TEST(test_an_option_with_a_credit_of_its_own_is_not_formula_scored),
        TEST(test_numbers_are_compared_exactly),
        TEST(test_texts_are_compared_folded),
        TEST(test_no_answer_earns_nothing_and_stays_in_the_maximum),
        TEST(test_shares_are_rounded_down_and_decide_about_passing),
        TEST(test_what_no_quiz_announces_is_refused),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
