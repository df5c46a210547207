/* Tests of the form of answers. */
#include "services/quiz/attempts/answer.h"

#include "services/quiz/attempts/drawn_fixture.h"

/* The field that is refused, "" for none. */
static const char *refused(struct ql_call *call, const struct drawn_question *drawn,
                           const Answer answer)
{
    enum ql_code rc;

    ql_call_clear_status(call);
    rc = answer_check(call, "answer", drawn, &answer);
    assert_int_equal(rc, call->status.code);
    if (rc == QL_OK)
        return "";
    assert_string_equal(call->status.reason, "INVALID_FIELD");
    return call->status.violations[0].field;
}

static void test_an_answer_to_a_choice_is_one_number(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_SINGLE), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, 2)), "answer.choices");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(0)), "answer.choices[0]");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(5)), "answer.choices[0]");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(INT32_MIN)), "answer.choices[0]");
    assert_string_equal(refused(call, &drawn, test_write("6379")), "answer.text");
    test_draw_as(call, test_question(call, TEST_TRUE_FALSE), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(2)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(3)), "answer.choices[0]");
}

static void test_an_answer_to_several_choices_is_a_set(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_MULTIPLE), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 1)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, 2, 3, 4)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(3, 1, 3)), "answer.choices[2]");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(3, 6)), "answer.choices[1]");
}

static void test_an_order_has_every_item_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_ORDERING), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 2, 3, 1)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 2, 3)), "answer.choices");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 2, 3, 1, 1)), "answer.choices");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 2, 4, 1)), "answer.choices[2]");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(4, 2, 0, 1)), "answer.choices[2]");
}

static void test_every_prompt_has_a_choice_or_none(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_MATCHING), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, 1, 3)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(0, 0, 2)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, 1)), "answer.choices");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, 4, 1)), "answer.choices[1]");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1, -1, 1)), "answer.choices[1]");
}

static void test_a_number_is_written_as_one(void **state)
{
    static const char *const numbers[] = {"1.5", " 1,5 ", "-.5e3", "1e99"};
    static const char *const others[] = {"NaN", "0x1", "1.2.3", " ", "one"};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    char longest[66];
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_NUMERIC), NULL, &drawn);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(numbers); i++)
        assert_string_equal(refused(call, &drawn, test_write(numbers[i])), "");
    for (size_t i = 0; i < QL_ARRAY_LENGTH(others); i++)
        assert_string_equal(refused(call, &drawn, test_write(others[i])), "answer.text");
    memset(longest, '1', sizeof(longest));
    longest[65] = '\0';
    assert_string_equal(refused(call, &drawn, test_write(longest)), "answer.text");
    longest[64] = '\0';
    assert_string_equal(refused(call, &drawn, test_write(longest)), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1)), "answer.choices");
}

static void test_a_text_is_any_text(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    test_draw_as(call, test_question(call, TEST_SHORT_TEXT), NULL, &drawn);
    assert_string_equal(refused(call, &drawn, test_write("can't")), "");
    assert_string_equal(refused(call, &drawn, TEST_CHOOSE(1)), "answer.choices");
}

static void test_an_empty_answer_is_none_to_every_question(void **state)
{
    static const char *const questions[] = {TEST_SINGLE,  TEST_MULTIPLE,   TEST_TRUE_FALSE,
                                            TEST_NUMERIC, TEST_SHORT_TEXT, TEST_ORDERING,
                                            TEST_MATCHING};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;

    (void)state;
    assert_true(answer_is_empty(NULL));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(questions); i++) {
        test_draw_as(call, test_question(call, questions[i]), NULL, &drawn);
        assert_string_equal(refused(call, &drawn, test_write("")), "");
    }
}

static void test_every_wrong_number_is_named_behind_the_path(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;
    Answer answer = TEST_CHOOSE(1, 9, 2, 0);

    (void)state;
    test_draw_as(call, test_question(call, TEST_ORDERING), NULL, &drawn);
    assert_int_equal(answer_check(call, "answers[3].answer", &drawn, &answer), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "answers[3].answer.choices[1]");
    assert_string_equal(call->status.violations[1].field, "answers[3].answer.choices[3]");
}

static void test_numbers_as_shown_become_the_authors(void **state)
{
    static const int32_t order[] = {3, 1, 4, 2}, expected[] = {2, 3, 1, 4};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct drawn_question drawn;
    Answer answer = TEST_CHOOSE(4, 1, 2, 3);
    const Answer *mapped;

    (void)state;
    test_draw_as(call, test_question(call, TEST_ORDERING), order, &drawn);
    mapped = answer_to_author(call, &drawn, &answer);
    assert_int_equal(mapped->n_choices, 4);
    assert_memory_equal(mapped->choices, expected, sizeof(expected));
    assert_int_equal(drawn_question_to_author(&drawn, 0), 0);
    assert_int_equal(drawn_question_to_author(&drawn, 5), 0);
    assert_int_equal(drawn_question_to_shown(&drawn, 5), 0);
    for (int32_t shown = 1; shown <= 4; shown++)
        assert_int_equal(drawn_question_to_shown(&drawn, drawn_question_to_author(&drawn, shown)),
                         shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_to_a_choice_is_one_number),
        cmocka_unit_test(test_an_answer_to_several_choices_is_a_set),
        cmocka_unit_test(test_an_order_has_every_item_once),
        cmocka_unit_test(test_every_prompt_has_a_choice_or_none),
        cmocka_unit_test(test_a_number_is_written_as_one),
        cmocka_unit_test(test_a_text_is_any_text),
        cmocka_unit_test(test_an_empty_answer_is_none_to_every_question),
        cmocka_unit_test(test_every_wrong_number_is_named_behind_the_path),
        cmocka_unit_test(test_numbers_as_shown_become_the_authors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
