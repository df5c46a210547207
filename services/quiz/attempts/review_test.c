/* Tests of the review of a question. */
#include "services/quiz/attempts/review.h"

#include "services/quiz/attempts/drawn_fixture.h"
#include "services/quiz/question/right_answer.h"

#define RANGE(minimum, maximum, credit_ppm, feedback)                                              \
    "{\"minimum\":\"" minimum "\",\"maximum\":\"" maximum "\",\"creditPpm\":" credit_ppm           \
    ",\"feedback\":\"" feedback "\"}"
#define NESTED_RANGES                                                                              \
    TEST_HEAD("NUMERIC", "About one?")                                                             \
    ",\"numericAnswers\":[" RANGE("0.5", "1.5", "500000", "near") "," RANGE(                       \
        "0.9", "1.1", "1000000", "right") "," RANGE("7", "7", "1000000",                           \
                                                    "seven") "],\"wrongFeedback\":\"wrong\"}"

static const ReviewedQuestion *review(struct ql_call *call, Question *question,
                                      const int32_t *order, const Answer *answer)
{
    struct drawn_question drawn;
    const ReviewedQuestion *reviewed;

    question->explanation = (char *)"Because.";
    question->source_url = (char *)"https://example.org/";
    test_draw_as(call, question, order, &drawn);
    reviewed = review_question_new(call, &drawn, answer, 250);
    assert_non_null(reviewed);
    assert_int_equal(reviewed->millipoints, 250);
    assert_string_equal(reviewed->explanation, "Because.");
    assert_string_equal(reviewed->source_url, "https://example.org/");
    assert_string_equal(reviewed->question->text, question->text);
    return reviewed;
}

static void assert_right(const ReviewedQuestion *reviewed, const int32_t *numbers, size_t n_numbers)
{
    assert_int_equal(reviewed->n_right_choices, n_numbers);
    assert_memory_equal(reviewed->right_choices, numbers, n_numbers * sizeof(*numbers));
}

static void test_right_options_are_in_numbers_as_shown(void **state)
{
    static const int32_t order[] = {3, 2, 4, 5, 1}, right[] = {2, 5};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_MULTIPLE);
    Answer answer = TEST_CHOOSE(2, 1);
    const ReviewedQuestion *reviewed;

    (void)state;
    reviewed = review(call, question, order, &answer);
    assert_int_equal(reviewed->max_millipoints, 4000);
    assert_right(reviewed, right, 2);
    assert_int_equal(reviewed->n_choice_feedback, 0);
    assert_int_equal(reviewed->n_choice_order, 5);
    assert_memory_equal(reviewed->choice_order, order, sizeof(order));
    assert_int_equal(reviewed->answer->n_choices, 2);
    assert_int_equal(reviewed->answer->choices[0], 2);
    question->options[2]->feedback = (char *)"a database";
    reviewed = review(call, question, order, &answer);
    assert_int_equal(reviewed->n_choice_feedback, 5);
    assert_string_equal(reviewed->choice_feedback[0], "a database");
    assert_string_equal(reviewed->choice_feedback[1], "");
}

static void test_the_right_order_and_the_right_matches_are_as_shown(void **state)
{
    static const int32_t order[] = {2, 4, 1, 3}, right_order[] = {3, 1, 4, 2};
    static const int32_t choices[] = {3, 1, 2}, right_matches[] = {2, 2, 3};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    assert_right(review(call, test_question(call, TEST_ORDERING), order, NULL), right_order, 4);
    assert_right(review(call, test_question(call, TEST_MATCHING), choices, NULL), right_matches, 3);
}

static void test_true_and_false_have_feedback_of_their_own(void **state)
{
    static const int32_t right[] = {2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_TRUE_FALSE);
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
    Question *question = test_question(call, NESTED_RANGES);
    const ReviewedQuestion *reviewed;

    (void)state;
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
    Question *question = test_question(call, TEST_SHORT_TEXT);
    Answer typographic = test_write("CAN\xe2\x80\x99T "), other = test_write("cannot");
    const ReviewedQuestion *reviewed;

    (void)state;
    question->text_answers[0]->feedback = (char *)"right";
    question->text_answers[1]->credit_ppm = CREDIT_FULL_PPM / 2;
    question->text_answers[1]->feedback = (char *)"half";
    assert_string_equal(review(call, question, NULL, &typographic)->feedback, "right");
    reviewed = review(call, question, NULL, &other);
    assert_string_equal(reviewed->feedback, "");
    assert_string_equal(reviewed->right_texts[0], "can't");
    assert_string_equal(reviewed->right_texts[1], "Caf\xc3\xa9");
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
