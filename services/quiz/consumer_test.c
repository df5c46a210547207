/* The queue of the service, on a real database and without Redis. */
#include "services/quiz/consumer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/evaluation/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/quiz/quiz_fixture.h"

static struct ql_delivery delivery_of(struct ql_call *call, const char *type,
                                      const ProtobufCMessage *body)
{
    struct ql_delivery delivery = {.routing_key = ""};

    assert_int_equal(ql_event_make(call, type, NULL, "", body, &delivery.event), QL_OK);
    return delivery;
}

/* A quiz with so many attempts of one player. */
static struct ql_delivery updated(struct ql_call *call, const char *quiz_id, int64_t sequence,
                                  int32_t attempts)
{
    Questline__Quiz__V1__QuizFigures figures = QUESTLINE__QUIZ__V1__QUIZ_FIGURES__INIT;
    LeaderboardUpdated body;

    LeaderboardUpdated_init(&body);
    body.quiz_id = (char *)quiz_id;
    body.sequence = sequence;
    figures.players = 1;
    figures.attempts = attempts;
    figures.average_basis_points = 5000;
    body.figures = &figures;
    return delivery_of(call, EVENT_LEADERBOARD_UPDATED, &body.base);
}

static GetQuizResponse *get_quiz(struct ql_call *call, const char *quiz_id)
{
    GetQuizResponse *got;

    assert_int_equal(test_call_method(call, QuizQueryService_GetQuiz_method,
                                      ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", quiz_id),
                                      &got),
                     QL_OK);
    return got;
}

static void test_the_greater_sequence_holds(void **state)
{
    struct ql_call *call = *state;
    Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const Quiz *quiz = test_publish_questions(call, &question, 1);
    struct ql_delivery deliveries[] = {updated(call, quiz->quiz_id, 7, 3),
                                       updated(call, quiz->quiz_id, 5, 2),
                                       updated(call, quiz->quiz_id, 7, 4)};

    assert_null(get_quiz(call, quiz->quiz_id)->figures);
    assert_string_equal(call->etag, "1-0");
    assert_int_equal(consumer_handle(call, deliveries, QL_ARRAY_LENGTH(deliveries)), QL_OK);
    assert_int_equal(get_quiz(call, quiz->quiz_id)->figures->attempts, 3);
    assert_int_equal(get_quiz(call, quiz->quiz_id)->figures->average_basis_points, 5000);
    assert_string_equal(call->etag, "1-7");
    deliveries[0] = updated(call, quiz->quiz_id, 8, 5);
    assert_int_equal(consumer_handle(call, deliveries, 1), QL_OK);
    assert_int_equal(get_quiz(call, quiz->quiz_id)->figures->attempts, 5);
    assert_string_equal(call->etag, "1-8");
}

static void test_what_nothing_handles_is_rejected(void **state)
{
    struct ql_call *call = *state;
    struct ql_delivery deliveries[] = {
        updated(call, "", 1, 1),
        updated(call, "018f0000-0000-7000-8000-000000000001", 0, 1),
        updated(call, "018f0000-0000-7000-8000-000000000001", 1, -1),
        updated(call, "018f0000-0000-7000-8000-000000000001", 1, 1),
    };
    UserRegistered body;

    UserRegistered_init(&body);
    deliveries[3] = delivery_of(call, EVENT_USER_REGISTERED, &body.base);
    assert_int_equal(consumer_handle(call, deliveries, QL_ARRAY_LENGTH(deliveries)), QL_OK);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(deliveries[i].reject_reason, "NO_FIGURES");
    assert_string_equal(deliveries[3].reject_reason, "UNEXPECTED_TYPE");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quiz_figures WHERE quiz_id = "
                                         "'018f0000-0000-7000-8000-000000000001'"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_the_greater_sequence_holds),
        TEST_OF_QUIZ(test_what_nothing_handles_is_rejected),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
