/* Attempts that nobody ends, weeks that end, and what events say of attempts. */
#include "services/quiz/attempts/sweeper.h"

#include <pthread.h>

#include "questline/evaluation/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/quiz/attempt_fixture.h"
#include "services/quiz/attempts/departure.h"
#include "services/quiz/attempts/publish_again.h"
#include "services/quiz/attempts/score_event.h"
#include "services/quiz/attempts/week.h"

enum { LATE_ONES = 105 };

static Attempt *new_attempt(struct ql_call *call, const char *quiz_id)
{
    char user_id[QL_UUID_SIZE];
    Attempt *attempt;

    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    return attempt;
}

static int64_t n_in_state(const char *quiz_id, const char *state)
{
    return test_sql(&database,
                    "SELECT count(*) FROM attempts WHERE quiz_id = '%s' AND state = '%s'", quiz_id,
                    state);
}

static void *sweep(void *argument)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    bool has_more = true;

    *(enum ql_code *)argument = QL_OK;
    while (has_more && *(enum ql_code *)argument == QL_OK)
        *(enum ql_code *)argument = sweeper_turn(call, &app, &has_more);
    return NULL;
}

static void test_sweepers_share_what_is_late_and_end_each_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE];
    enum ql_code codes[2];
    pthread_t threads[2];

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    for (int i = 0; i < LATE_ONES; i++)
        test_make_late(new_attempt(call, quiz_id)->attempt_id, TEST_GRACE_MS + 1000);
    new_attempt(call, quiz_id);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sweep, &codes[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(codes[i], QL_OK);
    }
    assert_int_equal(n_in_state(quiz_id, "EXPIRED"), LATE_ONES);
    assert_int_equal(n_in_state(quiz_id, "IN_PROGRESS"), 1);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_type = 'QuizCompleted'"),
        LATE_ONES);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM attempts WHERE quiz_id = '%s' AND state = "
                              "'EXPIRED' AND submitted_at = deadline_at AND ended_by = 'SERVER'",
                              quiz_id),
                     LATE_ONES);
}

/* One whose questions are gone must not keep the others open. */
static void test_an_attempt_that_cannot_be_ended_is_stepped_over(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char broken_id[QL_UUID_SIZE], quiz_id[QL_UUID_SIZE];
    const Attempt *broken, *sound;
    bool has_more;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, broken_id);
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    broken = new_attempt(call, broken_id);
    sound = new_attempt(call, quiz_id);
    test_make_late(broken->attempt_id, TEST_GRACE_MS + 2000);
    test_make_late(sound->attempt_id, TEST_GRACE_MS + 1000);
    test_sql(&database, "DELETE FROM quiz_version_slots WHERE quiz_id = '%s'", broken_id);
    assert_int_equal(sweeper_turn(call, &app, &has_more), QL_OK);
    assert_false(has_more);
    assert_int_equal(n_in_state(broken_id, "IN_PROGRESS"), 1);
    assert_int_equal(n_in_state(quiz_id, "EXPIRED"), 1);
    test_sql(&database, "DELETE FROM attempts WHERE quiz_id = '%s'", broken_id);
}

/* Puts an attempt that ended into a week of the past: so many weeks before this one. */
static void move_to_week(const char *attempt_id, int n_weeks)
{
    test_sql(&database,
             "UPDATE attempts SET started_at = t, deadline_at = t + interval '1 hour', "
             "submitted_at = t FROM (SELECT (date_trunc('week', now() AT TIME ZONE 'UTC') "
             "- %d * interval '7 days') AT TIME ZONE 'UTC' AS t) week WHERE attempt_id = '%s'",
             n_weeks, attempt_id);
}

static void close_weeks(struct ql_call *call)
{
    bool has_more = true;

    while (has_more)
        assert_int_equal(week_turn(call, &app, &has_more), QL_OK);
}

static void test_a_week_is_closed_once_and_behind_its_last_attempt(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE];
    Attempt *ended, *open;

    (void)state;
    test_sql(&database, "DELETE FROM attempt_answers");
    test_sql(&database, "DELETE FROM attempts");
    close_weeks(call);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM weeks"), 0);
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    ended = new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, ended, NULL, 0, NULL), QL_OK);
    move_to_week(ended->attempt_id, 3);
    open = new_attempt(call, quiz_id);
    test_sql(&database,
             "UPDATE attempts SET started_at = t, deadline_at = t + interval '1 hour' FROM (SELECT "
             "(date_trunc('week', now() AT TIME ZONE 'UTC') - interval '14 days') AT TIME ZONE "
             "'UTC' AS t) week WHERE attempt_id = '%s'",
             open->attempt_id);
    close_weeks(call);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM weeks"), 1);
    assert_int_equal(test_sql(&database, "SELECT attempts FROM weeks"), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM weeks WHERE week = to_char(now() AT "
                                         "TIME ZONE 'UTC' - interval '21 days', 'IYYY\"-W\"IW')"),
                     1);
    test_sign_in(call, QL_ROLE_USER, open->user_id);
    assert_int_equal(test_get(call, open->attempt_id, &ended), QL_OK);
    assert_int_equal(ended->state, ATTEMPT_STATE_EXPIRED);
    close_weeks(call);
    close_weeks(call);
    assert_in_range(test_sql(&database, "SELECT count(*) FROM weeks"), 2, 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE event_type = 'QuizWeekClosed'"),
        test_sql(&database, "SELECT count(*) FROM weeks"));
    assert_int_equal(test_sql(&database, "SELECT sum(attempts) FROM weeks"), 2);
}

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
    attempt = new_attempt(call, quiz_id);
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
    attempt = new_attempt(call, quiz_id);
    delivery = scored(call, attempt, 3000);
    assert_int_equal(score_event_on_calculated(call, &delivery), QL_OK);
    assert_string_equal(delivery.reject_reason, "UNEXPECTED_BODY");
    attempt->attempt_id = quiz_id;
    delivery = scored(call, attempt, 1000);
    assert_int_equal(score_event_on_calculated(call, &delivery), QL_OK);
    assert_string_equal(delivery.reject_reason, "ATTEMPT_NOT_FOUND");
}

static void test_a_deleted_user_leaves_no_answer_and_begins_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_delivery delivery = {.routing_key = "user.deleted"};
    char quiz_id[QL_UUID_SIZE];
    UserDeleted body;
    Attempt *ended, *open, *seen;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    ended = new_attempt(call, quiz_id);
    assert_int_equal(test_save(call, ended, 0, TEST_CHOOSE(1), 0, NULL), QL_OK);
    assert_int_equal(test_submit(call, ended, NULL, 0, NULL), QL_OK);
    assert_int_equal(test_start(call, quiz_id, &open), QL_OK);
    assert_int_equal(test_save(call, open, 0, TEST_CHOOSE(1), 0, NULL), QL_OK);
    UserDeleted_init(&body);
    assert_int_equal(
        ql_event_make(call, EVENT_USER_DELETED, NULL, open->user_id, &body.base, &delivery.event),
        QL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(departure_on_user_deleted(call, &delivery), QL_OK);
    assert_int_equal(test_get(call, open->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_DISCARDED);
    assert_int_equal(seen->n_answers, 0);
    assert_null(seen->ended_at);
    assert_int_equal(test_n_completed(open->attempt_id), 0);
    assert_int_equal(test_get(call, ended->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_SUBMITTED);
    assert_int_equal(seen->n_answers, 0);
    assert_int_equal(test_start(call, quiz_id, &open), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "USER_DELETED");
}

static int64_t n_in_outbox(const char *type)
{
    return test_sql(&database, "SELECT count(*) FROM outbox WHERE event_type = '%s'", type);
}

/* With the ids of the first time; what nobody can answer for any more is left out. */
static void test_what_ended_is_announced_again_under_its_id(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE];
    Attempt *old, *recent, *departed;

    (void)state;
    test_sql(&database, "DELETE FROM attempt_answers");
    test_sql(&database, "DELETE FROM attempts");
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    old = new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, old, NULL, 0, NULL), QL_OK);
    move_to_week(old->attempt_id, 3);
    departed = new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, departed, NULL, 0, NULL), QL_OK);
    test_sql(&database, "INSERT INTO departed VALUES ('%s')", departed->user_id);
    recent = new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, recent, NULL, 0, NULL), QL_OK);
    new_attempt(call, quiz_id);
    close_weeks(call);
    test_sql(&database, "DELETE FROM outbox");
    app.publish_since = NULL;
    assert_int_equal(publish_again_run(call, &app), QL_OK);
    assert_int_equal(test_n_completed(old->attempt_id), 1);
    assert_int_equal(test_n_completed(recent->attempt_id), 1);
    assert_int_equal(n_in_outbox("QuizCompleted"), 2);
    assert_int_equal(n_in_outbox("QuizWeekClosed"),
                     test_sql(&database, "SELECT count(*) FROM weeks"));
    test_sql(&database, "DELETE FROM outbox");
    app.publish_since = "2099-01-01T00:00:00Z";
    assert_int_equal(publish_again_run(call, &app), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 0);
    app.publish_since = "yesterday";
    assert_int_equal(publish_again_run(call, &app), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_TIME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sweepers_share_what_is_late_and_end_each_once),
        cmocka_unit_test(test_an_attempt_that_cannot_be_ended_is_stepped_over),
        cmocka_unit_test(test_a_week_is_closed_once_and_behind_its_last_attempt),
        cmocka_unit_test(test_a_score_is_stored_once_and_reviewed),
        cmocka_unit_test(test_a_score_of_nothing_is_a_dead_letter),
        cmocka_unit_test(test_a_deleted_user_leaves_no_answer_and_begins_nothing),
        cmocka_unit_test(test_what_ended_is_announced_again_under_its_id),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
