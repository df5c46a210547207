/* Tests of questions as shown. */
#include "services/quiz/attempts/presented.h"

#include "services/quiz/attempts/drawn_fixture.h"

static void test_choices_are_shown_in_the_order_drawn(void **state)
{
    static const int32_t order[] = {3, 1, 2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_MATCHING);
    struct drawn_question drawn;
    const PresentedQuestion *shown;

    (void)state;
    question->question_id = (char *)"0192d3a0-0000-7000-8000-000000000001";
    test_draw_as(call, question, order, &drawn);
    shown = presented_new(call, &drawn);
    assert_int_equal(shown->number, 1);
    assert_string_equal(shown->question_id, drawn.question->question_id);
    assert_int_equal(shown->type, QUESTION_TYPE_MATCHING);
    assert_int_equal(shown->points, 2);
    assert_int_equal(shown->n_choices, 3);
    assert_string_equal(shown->choices[0], "cache");
    assert_string_equal(shown->choices[1], "database");
    assert_string_equal(shown->choices[2], "broker");
    assert_int_equal(shown->n_prompts, 3);
    assert_string_equal(shown->prompts[2], "RabbitMQ");
}

static void test_defaults_are_spelled_out(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;
    const PresentedQuestion *shown;

    (void)state;
    test_draw_as(call, test_question(call, TEST_TRUE_FALSE), NULL, &drawn);
    shown = presented_new(call, &drawn);
    assert_int_equal(shown->points, 1);
    assert_int_equal(shown->text_format, TEXT_FORMAT_PLAIN);
    assert_int_equal(shown->n_choices, 0);
}

/* Questions that differ in nothing but their keys are shown alike, byte by byte. */
static void test_nothing_that_is_shown_follows_from_the_key(void **state)
{
    static const int32_t order[] = {2, 3, 1, 5, 4};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    uint8_t bytes[2][512];
    size_t length[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        Question *question = test_question(call, TEST_MULTIPLE);
        struct drawn_question drawn;
        const PresentedQuestion *shown;

        question->options[0]->credit_ppm = i == 0 ? 1000000 : -1000000;
        question->source_url = (char *)(i == 0 ? "https://a/" : "https://other/");
        question->explanation = (char *)(i == 0 ? "One." : "Another one.");
        question->title = (char *)(i == 0 ? "One" : "Another");
        question->options[1]->feedback = (char *)(i == 0 ? "Good" : "Bad");
        question->partial_credit = i == 0 ? PARTIAL_CREDIT_WEIGHTED : PARTIAL_CREDIT_ALL_OR_NOTHING;
        test_draw_as(call, question, order, &drawn);
        shown = presented_new(call, &drawn);
        length[i] = PresentedQuestion_pack_size(shown);
        assert_in_range(length[i], 1, sizeof(bytes[i]));
        PresentedQuestion_pack(shown, bytes[i]);
    }
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], length[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices_are_shown_in_the_order_drawn),
        cmocka_unit_test(test_defaults_are_spelled_out),
        cmocka_unit_test(test_nothing_that_is_shown_follows_from_the_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
