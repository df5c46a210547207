/* Announcing again, on a real database. */
#include "services/quiz/attempts/publish_again.h"

#include "services/quiz/attempt_fixture.h"
#include "services/quiz/attempts/week.h"

static void close_weeks(struct ql_call *call)
{
    bool has_more = true;

    while (has_more)
        assert_int_equal(week_turn(call, &app, &has_more), QL_OK);
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
    old = test_new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, old, NULL, 0, NULL), QL_OK);
    test_move_to_week(old->attempt_id, 3);
    departed = test_new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, departed, NULL, 0, NULL), QL_OK);
    test_sql(&database, "INSERT INTO departed VALUES ('%s')", departed->user_id);
    recent = test_new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, recent, NULL, 0, NULL), QL_OK);
    test_new_attempt(call, quiz_id);
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
        cmocka_unit_test(test_what_ended_is_announced_again_under_its_id),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
