/* Beginning and seeing attempts, on a real database. */
#include "services/quiz/attempt_fixture.h"

#include <pthread.h>

enum { RACERS = 8 };

static const char *const all_questions[] = {TEST_SINGLE,  TEST_MULTIPLE,   TEST_TRUE_FALSE,
                                            TEST_NUMERIC, TEST_SHORT_TEXT, TEST_ORDERING,
                                            TEST_MATCHING};

static void test_an_attempt_begins_with_its_questions(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt, *again;

    (void)state;
    test_publish_as(call, "\"timeLimitS\":600,\"shuffleQuestions\":true,\"shuffleOptions\":true",
                    all_questions, QL_ARRAY_LENGTH(all_questions), quiz_id);
    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    assert_int_equal(attempt->state, ATTEMPT_STATE_IN_PROGRESS);
    assert_int_equal(attempt->ordinal, 1);
    assert_int_equal(attempt->quiz_version, 1);
    assert_string_equal(attempt->user_id, user_id);
    assert_int_equal(attempt->deadline_at->seconds - attempt->started_at->seconds, 600);
    assert_int_equal(attempt->deadline_at->nanos, attempt->started_at->nanos);
    assert_int_equal(strlen(attempt->draw_commitment), 64);
    assert_int_equal(attempt->n_questions, 7);
    assert_null(attempt->score);
    assert_null(attempt->ended_at);
    for (int32_t i = 0; i < 7; i++)
        assert_int_equal(attempt->questions[i]->number, i + 1);
    assert_int_equal(test_get(call, attempt->attempt_id, &again), QL_OK);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(again->questions[i]->question_id, attempt->questions[i]->question_id);
        for (size_t j = 0; j < attempt->questions[i]->n_choices; j++)
            assert_string_equal(again->questions[i]->choices[j], attempt->questions[i]->choices[j]);
    }
    assert_int_equal(test_start(call, quiz_id, &again), QL_OK);
    assert_string_equal(again->attempt_id, attempt->attempt_id);
}

static void test_quizzes_that_cannot_be_taken_are_refused(void **state)
{
    static const struct {
        const char *change, *reason;
        enum ql_code rc;
    } cases[] = {
        {"state = 'ARCHIVED'", "QUIZ_ARCHIVED", QL_FAILED_PRECONDITION},
        {"state = 'DRAFT', revision = 0, published_version = 0, category = NULL, revised_at = NULL",
         "QUIZ_NOT_PUBLISHED", QL_FAILED_PRECONDITION},
        {"quiz_id = gen_random_uuid()", "QUIZ_NOT_FOUND", QL_NOT_FOUND},
    };
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        test_publish_as(call, "", test_two_questions, 0, quiz_id);
        test_sql(&database, "DELETE FROM quiz_versions WHERE quiz_id = '%s'", quiz_id);
        test_sql(&database, "UPDATE quizzes SET %s WHERE quiz_id = '%s'", cases[i].change, quiz_id);
        test_new_player(call, user_id);
        assert_int_equal(test_start(call, quiz_id, &attempt), cases[i].rc);
        assert_string_equal(call->status.reason, cases[i].reason);
    }
}

static void test_attempts_are_counted_and_keep_their_distance(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt;

    (void)state;
    test_publish_as(call, "\"maxAttempts\":2,\"retryDelayS\":3600", test_two_questions, 2, quiz_id);
    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_OK);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "RETRY_TOO_SOON");
    assert_in_range(call->status.retry_delay_ms, 3590000, 3600000);
    test_sql(&database,
             "UPDATE attempts SET started_at = started_at - interval '1 hour', submitted_at = "
             "submitted_at - interval '1 hour', deadline_at = deadline_at - interval '1 hour' "
             "WHERE quiz_id = '%s'",
             quiz_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    assert_int_equal(attempt->ordinal, 2);
    assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_OK);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "ATTEMPTS_EXHAUSTED");
}

struct racer {
    const char *quiz_id, *user_id;
    enum ql_code rc;
    char attempt_id[QL_UUID_SIZE];
};

static void *race(void *argument)
{
    struct racer *racer = argument;
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt;

    test_sign_in(call, QL_ROLE_USER, racer->user_id);
    racer->rc = test_start(call, racer->quiz_id, &attempt);
    if (racer->rc == QL_OK)
        ql_uuid_copy(racer->attempt_id, attempt->attempt_id);
    return NULL;
}

static void test_clicks_that_race_begin_one_attempt(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    struct racer racers[RACERS];
    pthread_t threads[RACERS];

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    test_new_player(call, user_id);
    for (size_t i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.quiz_id = quiz_id, .user_id = user_id};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(racers[i].rc, QL_OK);
        assert_string_equal(racers[i].attempt_id, racers[0].attempt_id);
    }
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM attempts WHERE user_id = '%s'", user_id), 1);
}

/* The attempt of the first time is what the key stands for, whatever became of it. */
static void test_a_key_stands_for_one_attempt(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt, *again;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    test_new_player(call, user_id);
    call->idempotency_key = "one";
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_OK);
    assert_int_equal(test_start(call, quiz_id, &again), QL_OK);
    assert_string_equal(again->attempt_id, attempt->attempt_id);
    assert_int_equal(again->state, ATTEMPT_STATE_SUBMITTED);
    assert_int_equal(again->n_questions, 2);
    call->idempotency_key = "another";
    assert_int_equal(test_start(call, quiz_id, &again), QL_OK);
    assert_int_equal(again->ordinal, 2);
}

static void test_a_late_attempt_is_ended_by_who_looks_at_it(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt, *seen;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    test_make_late(attempt->attempt_id, TEST_GRACE_MS / 2);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_IN_PROGRESS);
    test_make_late(attempt->attempt_id, TEST_GRACE_MS + 1);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_EXPIRED);
    assert_int_equal(seen->ended_by, ENDED_BY_SERVER);
    assert_int_equal(seen->ended_at->seconds, seen->deadline_at->seconds);
    assert_int_equal(seen->ended_at->nanos, seen->deadline_at->nanos);
    assert_int_equal(test_n_completed(attempt->attempt_id), 1);
    assert_int_equal(test_start(call, quiz_id, &seen), QL_OK);
    assert_int_equal(seen->ordinal, 2);
    test_make_late(seen->attempt_id, TEST_GRACE_MS + 1);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    assert_int_equal(attempt->ordinal, 3);
    assert_int_equal(test_n_completed(seen->attempt_id), 1);
}

static void test_attempts_are_listed_newest_first_in_pages(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    ListAttemptsRequest in;
    ListAttemptsResponse out;
    Attempt *attempt;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    test_publish_as(call, "", test_two_questions, 2, other_id);
    test_new_player(call, user_id);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
        assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_OK);
    }
    assert_int_equal(test_start(call, other_id, &attempt), QL_OK);
    ListAttemptsRequest_init(&in);
    ListAttemptsResponse_init(&out);
    in.user_id = user_id;
    in.page_size = 3;
    assert_int_equal(test_rpc(call, AttemptService_ListAttempts_method, &in, &out), QL_OK);
    assert_int_equal(out.n_attempts, 3);
    assert_string_equal(out.attempts[0]->attempt_id, attempt->attempt_id);
    assert_int_equal(out.attempts[0]->n_questions, 0);
    assert_int_equal(out.attempts[1]->ordinal, 3);
    assert_int_equal(out.attempts[2]->ordinal, 2);
    in.page_token = out.next_page_token;
    ListAttemptsResponse_init(&out);
    assert_int_equal(test_rpc(call, AttemptService_ListAttempts_method, &in, &out), QL_OK);
    assert_int_equal(out.n_attempts, 1);
    assert_int_equal(out.attempts[0]->ordinal, 1);
    assert_string_equal(out.next_page_token, "");
    in.page_token = (char *)"";
    in.quiz_id = other_id;
    ListAttemptsResponse_init(&out);
    assert_int_equal(test_rpc(call, AttemptService_ListAttempts_method, &in, &out), QL_OK);
    assert_int_equal(out.n_attempts, 1);
}

static void test_somebody_elses_attempt_is_seen_by_administrators_alone(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE];
    Attempt *attempt, *seen;

    (void)state;
    test_publish_as(call, "", test_two_questions, 2, quiz_id);
    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    test_new_player(call, other_id);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "NOT_OWNER");
    assert_int_equal(test_get(call, quiz_id, &seen), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "ATTEMPT_NOT_FOUND");
    test_sign_in(call, QL_ROLE_ADMIN, other_id);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(test_save(call, attempt, 0, TEST_CHOOSE(1), 0, NULL), QL_PERMISSION_DENIED);
    assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "NOT_OWNER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_attempt_begins_with_its_questions),
        cmocka_unit_test(test_quizzes_that_cannot_be_taken_are_refused),
        cmocka_unit_test(test_attempts_are_counted_and_keep_their_distance),
        cmocka_unit_test(test_clicks_that_race_begin_one_attempt),
        cmocka_unit_test(test_a_key_stands_for_one_attempt),
        cmocka_unit_test(test_a_late_attempt_is_ended_by_who_looks_at_it),
        cmocka_unit_test(test_attempts_are_listed_newest_first_in_pages),
        cmocka_unit_test(test_somebody_elses_attempt_is_seen_by_administrators_alone),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
