/* Tests of what evaluation is sent of a question. */
#include "services/quiz/attempts/completed.h"

#include "services/quiz/attempts/drawn_fixture.h"
#include "services/quiz/question/right_answer.h"

static void test_answers_are_sent_in_the_authors_numbers(void **state)
{
    static const int32_t order[] = {3, 1, 2}, expected[] = {3, 0, 2}, matches[] = {1, 1, 2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Answer answer = TEST_CHOOSE(1, 0, 3);
    Question *question = test_question(call, TEST_MATCHING);
    struct drawn_question drawn;
    const CompletedItem *item;

    (void)state;
    question->revision = 3;
    test_draw_as(call, question, order, &drawn);
    item = completed_item_new(call, &drawn, &answer);
    assert_int_equal(item->type, QUESTION_TYPE_MATCHING);
    assert_int_equal(item->revision, 3);
    assert_int_equal(item->points, 2);
    assert_int_equal(item->partial_credit, PARTIAL_CREDIT_PROPORTIONAL);
    assert_int_equal(item->n_matches, 3);
    assert_memory_equal(item->matches, matches, sizeof(matches));
    assert_int_equal(item->answer->n_choices, 3);
    assert_memory_equal(item->answer->choices, expected, sizeof(expected));
}

static void test_no_answer_is_absent(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Answer empty = test_write("");
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_ORDERING), NULL, &drawn);
    assert_null(completed_item_new(call, &drawn, NULL)->answer);
    assert_null(completed_item_new(call, &drawn, &empty)->answer);
}

static const CompletedItem *complete(struct ql_call *call, const Question *question,
                                     const Answer *answer)
{
    struct drawn_question drawn;
    const CompletedItem *item;

    test_draw_as(call, question, NULL, &drawn);
    item = completed_item_new(call, &drawn, answer);
    assert_non_null(item);
    return item;
}

static void test_choices_have_their_credits(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_MULTIPLE);
    const CompletedItem *item;

    (void)state;
    question->options[2]->credit_ppm = -500000;
    item = complete(call, question, NULL);
    assert_int_equal(item->n_option_credits_ppm, 5);
    assert_int_equal(item->option_credits_ppm[0], CREDIT_FULL_PPM);
    assert_int_equal(item->option_credits_ppm[2], -500000);
    assert_int_equal(item->partial_credit, PARTIAL_CREDIT_RIGHT_MINUS_WRONG);
    question->partial_credit = PARTIAL_CREDIT_WEIGHTED;
    assert_int_equal(complete(call, question, NULL)->partial_credit, PARTIAL_CREDIT_WEIGHTED);
    question = test_question(call, TEST_TRUE_FALSE);
    assert_false(complete(call, question, NULL)->is_true);
    assert_int_equal(complete(call, question, NULL)->points, 1);
    question->is_true = true;
    assert_true(complete(call, question, NULL)->is_true);
    item = complete(call, test_question(call, TEST_ORDERING), NULL);
    assert_int_equal(item->order_count, 4);
    assert_int_equal(item->partial_credit, PARTIAL_CREDIT_RIGHT_MINUS_WRONG);
}

static void test_accepted_texts_come_without_feedback(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_NUMERIC);
    Answer answer = test_write("CAN'T");
    const CompletedItem *item;

    (void)state;
    question->numeric_answers[0]->feedback = (char *)"secret";
    item = complete(call, question, NULL);
    assert_int_equal(item->n_numeric_answers, 2);
    assert_string_equal(item->numeric_answers[0]->maximum, "1.1");
    assert_int_equal(item->numeric_answers[1]->credit_ppm, CREDIT_FULL_PPM / 2);
    assert_string_equal(item->numeric_answers[0]->feedback, "");

    question = test_question(call, TEST_SHORT_TEXT);
    question->case_sensitive = true;
    question->text_answers[0]->feedback = (char *)"secret";
    item = complete(call, question, &answer);
    assert_int_equal(item->n_text_answers, 2);
    assert_true(item->case_sensitive);
    assert_string_equal(item->text_answers[0]->text, "can't");
    assert_string_equal(item->text_answers[0]->feedback, "");
    assert_string_equal(item->answer->text, "CAN'T");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_sent_in_the_authors_numbers),
        cmocka_unit_test(test_no_answer_is_absent),
        cmocka_unit_test(test_choices_have_their_credits),
        cmocka_unit_test(test_accepted_texts_come_without_feedback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
