/* QuizQueryService as PostgreSQL answers it, without the caches. */
#include "services/quiz/quiz_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/quiz/quizzes/quiz_kind.h"

static ListQuizzesResponse *list(struct ql_call *call, const char *json)
{
    ListQuizzesResponse *page;

    assert_int_equal(test_call_method(call, QuizQueryService_ListQuizzes_method, json, &page),
                     QL_OK);
    return page;
}

/* A published quiz of a category. */
static const Quiz *publish_in(struct ql_call *call, const Question *question, const char *category)
{
    SetQuizSlotsResponse *set;
    PublishQuizResponse *published;
    CreateQuizResponse *created;

    assert_int_equal(
        test_call_method(call, QuizCommandService_CreateQuiz_method,
                         ql_arena_printf(call->arena,
                                         "{\"quiz\":{\"title\":\"t\",\"category\":\"%s\","
                                         "\"passBasisPoints\":1}}",
                                         category),
                         &created),
        QL_OK);
    assert_int_equal(
        test_set_slots(call, created->quiz->quiz_id,
                       ql_arena_printf(call->arena, "[{\"questionIds\":[\"%s\"],\"count\":1}]",
                                       question->question_id),
                       &set),
        QL_OK);
    assert_int_equal(test_publish(call, created->quiz->quiz_id, &published), QL_OK);
    return published->quiz;
}

static void test_lists_have_what_is_published(void **state)
{
    struct ql_call *call = *state;
    const Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const Quiz *first = publish_in(call, question, "listed");
    const Quiz *second = publish_in(call, question, "listed");
    ListQuizzesResponse *page;
    ArchiveQuizResponse *archived;

    (void)publish_in(call, question, "other");
    (void)test_create_quiz(call);
    page = list(call, "{\"category\":\"listed\"}");
    assert_int_equal(page->n_quizzes, 2);
    assert_string_equal(page->quizzes[0]->quiz_id, first->quiz_id);
    assert_string_equal(page->quizzes[1]->quiz_id, second->quiz_id);
    assert_int_equal(list(call, "{}")->n_quizzes, 3);
    page = list(call, "{\"category\":\"listed\",\"pageSize\":1}");
    assert_int_equal(page->n_quizzes, 1);
    assert_string_not_equal(page->next_page_token, "");
    call->identity.role = QL_ROLE_ADMIN; /* for whom a list is of the moment */
    assert_int_equal(
        test_call_method(call, QuizCommandService_ArchiveQuiz_method,
                         ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", second->quiz_id),
                         &archived),
        QL_OK);
    assert_int_equal(list(call, "{\"category\":\"listed\"}")->n_quizzes, 1);
    assert_int_equal(list(call, "{}")->n_quizzes, 2);
    assert_int_equal(list(call, "{\"category\":\"listed\",\"showArchived\":true}")->n_quizzes, 2);
    assert_int_equal(list(call, "{\"showArchived\":true}")->n_quizzes, 3);
}

static void test_memory_filters_by_the_encoded_category(void **state)
{
    struct ql_call *call = *state;
    Quiz filter, *quiz = test_message(call, &Quiz_descriptor,
                                      "{\"quizId\":\"018f0000-0000-7000-8000-000000000001\","
                                      "\"title\":\"t\",\"category\":\"redis\",\"boardPoints\":7}");
    uint8_t *bytes;
    size_t length;

    assert_int_equal(ql_message_pack(call, quiz, &bytes, &length), QL_OK);
    Quiz_init(&filter);
    filter.category = (char *)"redis";
    assert_true(quiz_kind.matches_encoded(&filter, bytes, length));
    filter.category = (char *)"redi";
    assert_false(quiz_kind.matches_encoded(&filter, bytes, length));
    assert_false(quiz_kind.matches_encoded(&filter, bytes, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_lists_have_what_is_published),
        TEST_OF_QUIZ(test_memory_filters_by_the_encoded_category),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
