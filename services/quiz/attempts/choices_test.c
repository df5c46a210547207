/* Tests of the choices of each type of question. */
#include "services/quiz/attempts/choices.h"

#include "services/quiz/attempts/drawn_fixture.h"

static void test_matches_of_one_folded_text_are_one_choice(void **state)
{
    static const int32_t matches[] = {1, 1, 2};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    Question *question = test_question(call, TEST_MATCHING);
    struct choices choices;

    (void)state;
    question->pairs[1]->match = (char *)" Database";
    assert_int_equal(choices_read(call, question, &choices), QL_OK);
    assert_int_equal(choices.n_prompts, 3);
    assert_memory_equal(choices.matches, matches, sizeof(matches));
    assert_int_equal(choices.n_choices, 3);
    assert_string_equal(choices.texts[0], "database");
    assert_string_equal(choices.texts[1], "broker");
    assert_string_equal(choices.texts[2], "cache");
}

static void test_each_type_has_its_choices(void **state)
{
    static const struct {
        const char *question;
        size_t n_choices;
        const char *last;
    } cases[] = {
        {TEST_SINGLE, 4, "8080"},    {TEST_MULTIPLE, 5, "Adminer"}, {TEST_TRUE_FALSE, 2, NULL},
        {TEST_ORDERING, 4, "queue"}, {TEST_NUMERIC, 0, NULL},       {TEST_SHORT_TEXT, 0, NULL},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct choices choices;

        assert_int_equal(choices_read(call, test_question(call, cases[i].question), &choices),
                         QL_OK);
        assert_int_equal(choices.n_choices, cases[i].n_choices);
        assert_int_equal(choices.n_prompts, 0);
        if (cases[i].last != NULL)
            assert_string_equal(choices.texts[choices.n_choices - 1], cases[i].last);
    }
}

static void test_orders_that_would_betray_the_key_are_always_shuffled(void **state)
{
    static const struct {
        const char *question;
        bool keep_order, of_fixed_options, of_shuffled_options;
    } cases[] = {
        {TEST_SINGLE, false, false, true},      {TEST_SINGLE, true, false, false},
        {TEST_MULTIPLE, false, false, true},    {TEST_MULTIPLE, true, false, false},
        {TEST_TRUE_FALSE, false, false, false}, {TEST_ORDERING, false, true, true},
        {TEST_MATCHING, false, true, true},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Question *question = test_question(call, cases[i].question);

        question->keep_order = cases[i].keep_order;
        assert_int_equal(choices_are_shuffled(question, false), cases[i].of_fixed_options);
        assert_int_equal(choices_are_shuffled(question, true), cases[i].of_shuffled_options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_of_one_folded_text_are_one_choice),
        cmocka_unit_test(test_each_type_has_its_choices),
        cmocka_unit_test(test_orders_that_would_betray_the_key_are_always_shuffled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
