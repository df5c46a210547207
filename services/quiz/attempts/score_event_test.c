/* Scores of attempts, on a real database. */
#include "services/quiz/attempts/score_event.h"

#include "questline/evaluation/v1/names.h"
#include "services/quiz/attempt_fixture.h"

static struct ql_delivery scored(struct ql_call *call, const Attempt *attempt, int32_t millipoints)
{
    struct ql_delivery delivery = {.routing_key = "score.calculated"};
    Questline__Evaluation__V1__ScoredItem items[2], *list[] = {&items[0], &items[1]};
    ScoreCalculated body;

    ScoreCalculated_init(&body);
    for (size_t i = 0; i < 2; i++) {
        questline__evaluation__v1__scored_item__init(&items[i]);
        items[i].question_id = attempt->questions[i]->question_id;
        items[i].millipoints = i == 0 ? millipoints : 0;
    }
    body.attempt_id = attempt->attempt_id;
    body.millipoints = millipoints;
    body.max_millipoints = 2000;
    body.score_percent = millipoints / 20;
    body.score_basis_points = millipoints * 5;
    body.items = list;
    body.n_items = 2;
    assert_int_equal(ql_event_make(call, EVENT_SCORE_CALCULATED, NULL, attempt->user_id, &body.base,
                                   &delivery.event),
                     QL_OK);
    return delivery;
}

static void test_a_score_is_stored_once_and_reviewed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    const Answer answer = TEST_CHOOSE(1);
    struct ql_delivery delivery;
    char quiz_id[QL_UUID_SIZE];
    GetReviewResponse review;
    Attempt *attempt, *seen;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    attempt = test_new_attempt(call, quiz_id);
    assert_int_equal(test_review(call, attempt->attempt_id, &review), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "REVIEW_NOT_ALLOWED");
    assert_int_equal(test_submit(call, attempt, &answer, 1, NULL), QL_OK);
    assert_int_equal(test_review(call, attempt->attempt_id, &review), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "NOT_SCORED_YET");
    assert_int_equal(call->status.retry_delay_ms, 1000);
    for (int32_t millipoints = 1000; millipoints <= 2000; millipoints += 1000) {
        delivery = scored(call, attempt, millipoints);
        ql_call_clear_status(call);
        assert_int_equal(score_event_on_calculated(call, &delivery), QL_OK);
        assert_string_equal(delivery.reject_reason, "");
    }
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_SCORED);
    assert_int_equal(seen->score->millipoints, 1000);
    assert_int_equal(seen->score->percent, 50);
    assert_int_equal(test_review(call, attempt->attempt_id, &review), QL_OK);
    assert_int_equal(review.n_questions, 2);
    assert_int_equal(review.questions[0]->millipoints, 1000);
    assert_string_equal(review.questions[0]->feedback, "It is binary.");
    assert_int_equal(review.questions[0]->right_choices[0], 2);
    assert_null(review.questions[1]->answer);
    assert_int_equal(review.draw->n_slots, 2);
    assert_int_equal(strlen(review.draw->seed), 64);
}

static void test_a_score_of_nothing_is_a_dead_letter(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_delivery delivery;
    char quiz_id[QL_UUID_SIZE];
    Attempt *attempt;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    attempt = test_new_attempt(call, quiz_id);
    delivery = scored(call, attempt, 3000);
    assert_int_equal(score_event_on_calculated(call, &delivery), QL_OK);
    assert_string_equal(delivery.reject_reason, "UNEXPECTED_BODY");
    attempt->attempt_id = quiz_id;
    delivery = scored(call, attempt, 1000);
    assert_int_equal(score_event_on_calculated(call, &delivery), QL_OK);
    assert_string_equal(delivery.reject_reason, "ATTEMPT_NOT_FOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_score_is_stored_once_and_reviewed),
        cmocka_unit_test(test_a_score_of_nothing_is_a_dead_letter),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
