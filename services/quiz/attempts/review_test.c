/* Tests of the review of a question. */
#include "services/quiz/attempts/review.h"

#include "services/quiz/attempts/question_fixture.h"

static const ReviewedQuestion *review(struct ql_call *call, const Question *question,
                                      const int32_t *order, const Answer *answer)
{
    struct drawn_question drawn;
    const ReviewedQuestion *reviewed;

    test_draw_as(call, question, order, &drawn);
    reviewed = review_question_new(call, &drawn, answer, 250);
    assert_non_null(reviewed);
    assert_int_equal(reviewed->millipoints, 250);
    assert_int_equal(reviewed->max_millipoints, question->points * 1000);
    assert_string_equal(reviewed->explanation, "Because.");
    assert_string_equal(reviewed->source_url, "https://example.org/");
    assert_string_equal(reviewed->question->question_id, question->question_id);
    return reviewed;
}

static void assert_right(const ReviewedQuestion *reviewed, const int32_t *numbers, size_t n_numbers)
{
    assert_int_equal(reviewed->n_right_choices, n_numbers);
    assert_memory_equal(reviewed->right_choices, numbers, n_numbers * sizeof(*numbers));
}

static void test_right_options_are_in_numbers_as_shown(void **state)
{
    static const char *const texts[] = {"RabbitMQ", "NATS", "PostgreSQL", NULL};
    static const int32_t order[] = {3, 2, 1}, right[] = {2, 3};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_options_question(call, QUESTION_TYPE_MULTIPLE_CHOICE, texts, 2);
    Answer answer = TEST_CHOOSE(2, 1);
    const ReviewedQuestion *reviewed;

    (void)state;
    reviewed = review(call, question, order, &answer);
    assert_right(reviewed, right, 2);
    assert_int_equal(reviewed->n_choice_feedback, 0);
    assert_int_equal(reviewed->n_choice_order, 3);
    assert_memory_equal(reviewed->choice_order, order, sizeof(order));
    assert_int_equal(reviewed->answer->n_choices, 2);
    assert_int_equal(reviewed->answer->choices[0], 2);
    question->options[2]->feedback = (char *)"a database";
    reviewed = review(call, question, order, &answer);
    assert_int_equal(reviewed->n_choice_feedback, 3);
    assert_string_equal(reviewed->choice_feedback[0], "a database");
    assert_string_equal(reviewed->choice_feedback[1], "");
}

static void test_the_right_order_and_the_right_matches_are_as_shown(void **state)
{
    static const int32_t order[] = {2, 4, 1, 3}, right_order[] = {3, 1, 4, 2};
    static const int32_t choices[] = {3, 1, 2}, right_matches[] = {2, 2, 3};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    assert_right(review(call, test_ordering_question(call), order, NULL), right_order, 4);
    assert_right(review(call, test_matching_question(call), choices, NULL), right_matches, 3);
}

static void test_true_and_false_have_feedback_of_their_own(void **state)
{
    static const int32_t right[] = {2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, QUESTION_TYPE_TRUE_FALSE, 1);
    Answer yes = TEST_CHOOSE(1), no = TEST_CHOOSE(2);

    (void)state;
    question->right_feedback = (char *)"It is.";
    question->wrong_feedback = (char *)"It is binary.";
    assert_string_equal(review(call, question, NULL, &yes)->feedback, "It is binary.");
    assert_string_equal(review(call, question, NULL, &no)->feedback, "It is.");
    assert_string_equal(review(call, question, NULL, NULL)->feedback, "");
    assert_right(review(call, question, NULL, &no), right, 1);
    assert_int_equal(review(call, question, NULL, &no)->n_choice_order, 0);
}

static void test_a_number_has_the_feedback_of_the_range_that_earns(void **state)
{
    static const struct {
        const char *text, *feedback;
    } cases[] = {{"1", "right"},    {"1.1", "right"},  {"1,5", "near"},
                 {"1.51", "wrong"}, {"1e99", "wrong"}, {"0.9", "right"}};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, QUESTION_TYPE_NUMERIC, 2);
    const ReviewedQuestion *reviewed;

    (void)state;
    test_add_range(call, question, "0.5", "1.5", FULL_PPM / 2, "near");
    test_add_range(call, question, "0.9", "1.1", FULL_PPM, "right");
    test_add_range(call, question, "7", "7", FULL_PPM, "seven");
    question->wrong_feedback = (char *)"wrong";
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Answer answer = test_write(cases[i].text);

        assert_string_equal(review(call, question, NULL, &answer)->feedback, cases[i].feedback);
    }
    reviewed = review(call, question, NULL, NULL);
    assert_string_equal(reviewed->feedback, "");
    assert_int_equal(reviewed->n_right_texts, 3);
    assert_string_equal(reviewed->right_texts[0], "0.9..1.1");
    assert_string_equal(reviewed->right_texts[1], "7");
    assert_string_equal(reviewed->right_texts[2], "0.5..1.5");
}

static void test_a_text_has_the_feedback_of_what_it_folds_to(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, QUESTION_TYPE_SHORT_TEXT, 1);
    Answer typographic = test_write("CAN\xe2\x80\x99T "), other = test_write("cannot");
    const ReviewedQuestion *reviewed;

    (void)state;
    test_add_text(call, question, "could not", FULL_PPM / 2, "half");
    test_add_text(call, question, "can't", FULL_PPM, "right");
    assert_string_equal(review(call, question, NULL, &typographic)->feedback, "right");
    reviewed = review(call, question, NULL, &other);
    assert_string_equal(reviewed->feedback, "");
    assert_string_equal(reviewed->right_texts[0], "can't");
    assert_string_equal(reviewed->right_texts[1], "could not");
    question->case_sensitive = true;
    assert_string_equal(review(call, question, NULL, &typographic)->feedback, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_options_are_in_numbers_as_shown),
        cmocka_unit_test(test_the_right_order_and_the_right_matches_are_as_shown),
        cmocka_unit_test(test_true_and_false_have_feedback_of_their_own),
        cmocka_unit_test(test_a_number_has_the_feedback_of_the_range_that_earns),
        cmocka_unit_test(test_a_text_has_the_feedback_of_what_it_folds_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
