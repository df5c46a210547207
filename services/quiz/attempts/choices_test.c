/* Tests of the choices of each type of question. */
#include "services/quiz/attempts/choices.h"

#include "services/quiz/attempts/question_fixture.h"

static void test_matches_that_fold_to_one_text_are_one_choice(void **state)
{
    static const int32_t matches[] = {1, 1, 2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct choices choices;

    (void)state;
    assert_int_equal(choices_read(call, test_matching_question(call), &choices), QL_OK);
    assert_int_equal(choices.n_prompts, 3);
    assert_memory_equal(choices.matches, matches, sizeof(matches));
    assert_int_equal(choices.n_choices, 3);
    assert_string_equal(choices.texts[0], "database");
    assert_string_equal(choices.texts[1], "broker");
    assert_string_equal(choices.texts[2], "Cache");
}

static void test_each_type_has_its_choices(void **state)
{
    static const char *const texts[] = {"6379", "5432", NULL};
    static const struct {
        Questline__Quiz__V1__QuestionType type;
        size_t n_choices;
    } others[] = {
        {QUESTION_TYPE_TRUE_FALSE, 2},
        {QUESTION_TYPE_NUMERIC, 0},
        {QUESTION_TYPE_SHORT_TEXT, 0},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct choices choices;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(others); i++) {
        assert_int_equal(choices_read(call, test_question(call, others[i].type, 1), &choices),
                         QL_OK);
        assert_int_equal(choices.n_choices, others[i].n_choices);
        assert_int_equal(choices.n_prompts, 0);
    }
    assert_int_equal(
        choices_read(call, test_options_question(call, QUESTION_TYPE_SINGLE_CHOICE, texts, 1),
                     &choices),
        QL_OK);
    assert_int_equal(choices.n_choices, 2);
    assert_string_equal(choices.texts[1], "5432");
    assert_int_equal(choices_read(call, test_ordering_question(call), &choices), QL_OK);
    assert_int_equal(choices.n_choices, 4);
    assert_string_equal(choices.texts[3], "queue");
}

static void test_orders_that_would_betray_the_key_are_always_shuffled(void **state)
{
    static const struct {
        Questline__Quiz__V1__QuestionType type;
        bool keep_order, of_fixed_options, of_shuffled_options;
    } cases[] = {
        {QUESTION_TYPE_SINGLE_CHOICE, false, false, true},
        {QUESTION_TYPE_SINGLE_CHOICE, true, false, false},
        {QUESTION_TYPE_MULTIPLE_CHOICE, false, false, true},
        {QUESTION_TYPE_MULTIPLE_CHOICE, true, false, false},
        {QUESTION_TYPE_TRUE_FALSE, false, false, false},
        {QUESTION_TYPE_ORDERING, false, true, true},
        {QUESTION_TYPE_MATCHING, false, true, true},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Question *question = test_question(call, cases[i].type, 1);

        question->keep_order = cases[i].keep_order;
        assert_int_equal(choices_are_shuffled(question, false), cases[i].of_fixed_options);
        assert_int_equal(choices_are_shuffled(question, true), cases[i].of_shuffled_options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_that_fold_to_one_text_are_one_choice),
        cmocka_unit_test(test_each_type_has_its_choices),
        cmocka_unit_test(test_orders_that_would_betray_the_key_are_always_shuffled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
