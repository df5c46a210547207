/* Tests of what evaluation is sent of a question. */
#include "services/quiz/attempts/completed.h"

#include "services/quiz/attempts/question_fixture.h"

static void test_answers_are_sent_in_the_authors_numbers(void **state)
{
    static const int32_t order[] = {3, 1, 2}, expected[] = {3, 0, 2}, matches[] = {1, 1, 2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Answer answer = TEST_CHOOSE(1, 0, 3);
    struct drawn_question drawn;
    const CompletedItem *item;

    (void)state;
    test_draw_as(call, test_matching_question(call), order, &drawn);
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
    test_draw_as(call, test_ordering_question(call), NULL, &drawn);
    assert_null(completed_item_new(call, &drawn, NULL)->answer);
    assert_null(completed_item_new(call, &drawn, &empty)->answer);
}

static void test_each_type_has_its_key(void **state)
{
    static const char *const texts[] = {"RabbitMQ", "NATS", "PostgreSQL", NULL};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Answer answer = test_write("CAN'T");
    Question *question;
    struct drawn_question drawn;
    const CompletedItem *item;

    (void)state;
    question = test_options_question(call, QUESTION_TYPE_MULTIPLE_CHOICE, texts, 2);
    question->options[2]->credit_ppm = -500000;
    test_draw_as(call, question, NULL, &drawn);
    item = completed_item_new(call, &drawn, NULL);
    assert_int_equal(item->n_option_credits_ppm, 3);
    assert_int_equal(item->option_credits_ppm[0], FULL_PPM);
    assert_int_equal(item->option_credits_ppm[2], -500000);
    assert_int_equal(item->partial_credit, PARTIAL_CREDIT_RIGHT_MINUS_WRONG);
    question->partial_credit = PARTIAL_CREDIT_WEIGHTED;
    assert_int_equal(completed_item_new(call, &drawn, NULL)->partial_credit,
                     PARTIAL_CREDIT_WEIGHTED);

    question = test_question(call, QUESTION_TYPE_TRUE_FALSE, 1);
    question->is_true = true;
    test_draw_as(call, question, NULL, &drawn);
    assert_true(completed_item_new(call, &drawn, NULL)->is_true);

    question = test_question(call, QUESTION_TYPE_NUMERIC, 2);
    test_add_range(call, question, "0.9", "1.1", FULL_PPM, "secret");
    test_draw_as(call, question, NULL, &drawn);
    item = completed_item_new(call, &drawn, NULL);
    assert_int_equal(item->n_numeric_answers, 1);
    assert_string_equal(item->numeric_answers[0]->maximum, "1.1");
    assert_string_equal(item->numeric_answers[0]->feedback, "");

    question = test_question(call, QUESTION_TYPE_SHORT_TEXT, 1);
    question->case_sensitive = true;
    test_add_text(call, question, "can't", FULL_PPM, "secret");
    test_draw_as(call, question, NULL, &drawn);
    item = completed_item_new(call, &drawn, &answer);
    assert_int_equal(item->n_text_answers, 1);
    assert_true(item->case_sensitive);
    assert_string_equal(item->text_answers[0]->text, "can't");
    assert_string_equal(item->text_answers[0]->feedback, "");
    assert_string_equal(item->answer->text, "CAN'T");

    test_draw_as(call, test_ordering_question(call), NULL, &drawn);
    item = completed_item_new(call, &drawn, NULL);
    assert_int_equal(item->order_count, 4);
    assert_int_equal(item->partial_credit, PARTIAL_CREDIT_RIGHT_MINUS_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_are_sent_in_the_authors_numbers),
        cmocka_unit_test(test_no_answer_is_absent),
        cmocka_unit_test(test_each_type_has_its_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
