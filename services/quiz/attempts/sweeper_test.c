/* Attempts that nobody ends, on a real database. */
#include "services/quiz/attempts/sweeper.h"

#include <pthread.h>

#include "services/quiz/attempt_fixture.h"

enum { LATE_ONES = 105 };

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
        test_make_late(test_new_attempt(call, quiz_id)->attempt_id, TEST_GRACE_MS + 1000);
    test_new_attempt(call, quiz_id);
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
    broken = test_new_attempt(call, broken_id);
    sound = test_new_attempt(call, quiz_id);
    test_make_late(broken->attempt_id, TEST_GRACE_MS + 2000);
    test_make_late(sound->attempt_id, TEST_GRACE_MS + 1000);
    test_sql(&database, "DELETE FROM quiz_version_slots WHERE quiz_id = '%s'", broken_id);
    assert_int_equal(sweeper_turn(call, &app, &has_more), QL_OK);
    assert_false(has_more);
    assert_int_equal(n_in_state(broken_id, "IN_PROGRESS"), 1);
    assert_int_equal(n_in_state(quiz_id, "EXPIRED"), 1);
    test_sql(&database, "DELETE FROM attempts WHERE quiz_id = '%s'", broken_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sweepers_share_what_is_late_and_end_each_once),
        cmocka_unit_test(test_an_attempt_that_cannot_be_ended_is_stepped_over),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
