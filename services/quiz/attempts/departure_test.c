/* Accounts that are deleted, on a real database. */
#include "services/quiz/attempts/departure.h"

#include "questline/user/v1/names.h"
#include "services/quiz/attempt_fixture.h"

static void test_a_deleted_user_leaves_no_answer_and_begins_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_delivery delivery = {.routing_key = "user.deleted"};
    char quiz_id[QL_UUID_SIZE];
    UserDeleted body;
    Attempt *ended, *open, *seen;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    ended = test_new_attempt(call, quiz_id);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_deleted_user_leaves_no_answer_and_begins_nothing),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
