/* The demo data. */
#include "services/quiz/demo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/quiz/question/type_field.h"
#include "services/quiz/quiz_fixture.h"

static void test_seeding_twice_makes_one_quiz_and_announces_it_once(void **state)
{
    struct ql_call *call = *state;

    assert_int_equal(demo_seed(call, &app), QL_OK);
    assert_int_equal(demo_seed(call, &app), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM questions"), 10);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quizzes WHERE state = 'PUBLISHED'"),
                     1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quiz_versions"), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 1);
}

static void test_the_demo_quiz_has_every_type_and_says_why(void **state)
{
    struct ql_call *call = *state;
    unsigned types = 0;
    ListQuestionsResponse *page;
    ListQuizzesResponse *quizzes;

    assert_int_equal(demo_seed(call, &app), QL_OK);
    assert_int_equal(test_call_method(call, QuestionService_ListQuestions_method,
                                      "{\"category\":\"redis\"}", &page),
                     QL_OK);
    for (size_t i = 0; i < page->n_questions; i++) {
        types |= 1u << page->questions[i]->type;
        assert_string_not_equal(page->questions[i]->explanation, "");
        assert_string_not_equal(page->questions[i]->source_url, "");
    }
    for (int type = QUESTION_TYPE_SINGLE_CHOICE; type_is_known(type); type++)
        assert_true((types & 1u << type) != 0);
    assert_int_equal(test_call_method(call, QuizQueryService_ListQuizzes_method, "{}", &quizzes),
                     QL_OK);
    assert_int_equal(quizzes->n_quizzes, 1);
    assert_int_equal(quizzes->quizzes[0]->question_count, 10);
    assert_int_equal(quizzes->quizzes[0]->pass_basis_points, 8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_seeding_twice_makes_one_quiz_and_announces_it_once),
        TEST_OF_QUIZ(test_the_demo_quiz_has_every_type_and_says_why),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
