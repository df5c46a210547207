/* Weeks that end, on a real database. */
#include "services/quiz/attempts/week.h"

#include "services/quiz/attempt_fixture.h"

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
    ended = test_new_attempt(call, quiz_id);
    assert_int_equal(test_submit(call, ended, NULL, 0, NULL), QL_OK);
    test_move_to_week(ended->attempt_id, 3);
    open = test_new_attempt(call, quiz_id);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_week_is_closed_once_and_behind_its_last_attempt),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
