/* Saving and submitting, on a real database. */
#include "services/quiz/attempt_fixture.h"

#include "platform/outbox/outbox.h"

static const char *const questions[] = {TEST_SINGLE, TEST_SHORT_TEXT, TEST_ORDERING};

enum { SINGLE, SHORT_TEXT, ORDERING, N_QUESTIONS };

/* A new attempt of a new player at those questions. */
static Attempt *new_attempt(struct ql_call *call)
{
    char quiz_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE];
    Attempt *attempt;

    test_publish_as(call, "", questions, N_QUESTIONS, quiz_id);
    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    return attempt;
}

static int64_t n_saved(const Attempt *attempt)
{
    return test_sql(&database, "SELECT count(*) FROM attempt_answers WHERE attempt_id = '%s'",
                    attempt->attempt_id);
}

static void test_the_last_answer_counts_and_an_empty_one_clears(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *seen;
    SavedAnswer *saved;

    (void)state;
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(2), 0, &saved), QL_OK);
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(3), 0, &saved), QL_OK);
    assert_int_equal(saved->answer->choices[0], 3);
    assert_string_equal(saved->question_id, attempt->questions[SINGLE]->question_id);
    assert_non_null(saved->saved_at);
    assert_int_equal(test_save(call, attempt, SHORT_TEXT, test_write("a \"b\" {c}, \\d"), 0, NULL),
                     QL_OK);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->n_answers, 2);
    assert_int_equal(seen->answers[0]->answer->choices[0], 3);
    assert_string_equal(seen->answers[1]->answer->text, "a \"b\" {c}, \\d");
    assert_int_equal(test_save(call, attempt, SINGLE, test_write(""), 0, &saved), QL_OK);
    assert_int_equal(saved->answer->n_choices, 0);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->n_answers, 1);
}

static void test_an_autosave_that_was_overtaken_changes_nothing(void **state)
{
    static const struct {
        int32_t choice;
        int64_t sequence;
        int32_t saved_choice;
        int64_t saved_sequence;
    } steps[] = {
        {1, 5, 1, 5}, {2, 4, 1, 5}, {2, 5, 1, 5}, {3, 6, 3, 6}, {4, 0, 4, 0}, {1, 1, 1, 1},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call);
    SavedAnswer *saved;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(steps); i++) {
        assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(steps[i].choice),
                                   steps[i].sequence, &saved),
                         QL_OK);
        assert_int_equal(saved->answer->choices[0], steps[i].saved_choice);
        assert_int_equal(saved->sequence, steps[i].saved_sequence);
    }
}

static void test_what_is_no_answer_is_not_stored(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), other;
    PresentedQuestion unknown = *attempt->questions[0], *list[] = {&unknown};

    (void)state;
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(1, 2), 0, NULL),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "answer.choices");
    assert_int_equal(test_save(call, attempt, ORDERING, TEST_CHOOSE(1, 2, 3, 9), 0, NULL),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "answer.choices[3]");
    unknown.question_id = attempt->attempt_id;
    other = *attempt;
    other.questions = list;
    assert_int_equal(test_save(call, &other, 0, TEST_CHOOSE(1), 0, NULL), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUESTION_NOT_FOUND");
    assert_int_equal(n_saved(attempt), 0);
}

static void test_several_answers_are_saved_together_or_not_at_all(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call);
    Answer answers[] = {test_write("can't"), TEST_CHOOSE(4)};
    AnswerToSave given[2], *list[] = {&given[0], &given[1]};
    SaveAnswersRequest in;
    SaveAnswersResponse out;

    (void)state;
    SaveAnswersRequest_init(&in);
    SaveAnswersResponse_init(&out);
    for (size_t i = 0; i < 2; i++) {
        AnswerToSave_init(&given[i]);
        given[i].question_id = attempt->questions[i == 0 ? SHORT_TEXT : SINGLE]->question_id;
        given[i].answer = &answers[i];
    }
    in.attempt_id = attempt->attempt_id;
    in.answers = list;
    in.n_answers = 2;
    assert_int_equal(test_rpc(call, AttemptService_SaveAnswers_method, &in, &out), QL_OK);
    assert_int_equal(out.n_answers, 2);
    assert_string_equal(out.answers[0]->answer->text, "can't");
    assert_int_equal(out.answers[1]->answer->choices[0], 4);
    answers[0].text = (char *)"could not";
    answers[1] = TEST_CHOOSE(5);
    assert_int_equal(test_rpc(call, AttemptService_SaveAnswers_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "answers[1].answer.choices[0]");
    given[1].question_id = given[0].question_id;
    answers[1] = test_write("cannot");
    ql_call_clear_status(call);
    assert_int_equal(test_rpc(call, AttemptService_SaveAnswers_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "answers[1].questionId");
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM attempt_answers WHERE attempt_id = '%s' AND "
                              "(text = 'can''t' OR choices = '{4}')",
                              attempt->attempt_id),
                     2);
}

/* The body of the event that a row of the outbox is. */
static QuizCompleted *completed_event(struct ql_call *call, const Attempt *attempt)
{
    const char *const parts[] = {"quiz_completed", attempt->attempt_id};
    static const struct ql_pg_statement statement = {
        "read_event", "SELECT bytes FROM outbox WHERE event_id = $1"};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char event_id[QL_UUID_SIZE];
    const char *parameters[] = {event_id};
    struct ql_pg_rows rows;
    struct ql_event event;
    QuizCompleted *body;
    uint8_t *bytes;
    size_t length;

    ql_uuid_derive(event_id, parts, 2);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(call, tx, &statement, parameters, 1, &rows), QL_OK);
    assert_int_equal(ql_pg_bytes(call, &rows, 0, 0, &bytes, &length), QL_OK);
    assert_int_equal(ql_event_unpack(call, bytes, length, &event), QL_OK);
    assert_string_equal(event.user_id, attempt->user_id);
    assert_true(event.occurred_ms ==
                attempt->ended_at->seconds * 1000 + attempt->ended_at->nanos / 1000000);
    assert_int_equal(
        ql_message_unpack(call, &QuizCompleted_descriptor, event.body, event.body_length, &body),
        QL_OK);
    return body;
}

static void test_submitting_ends_the_attempt_and_announces_it_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *ended, *again;
    const Answer answers[] = {TEST_CHOOSE(1), test_write("CAN'T")};
    const QuizCompleted *body;

    (void)state;
    assert_int_equal(test_save(call, attempt, ORDERING, TEST_CHOOSE(4, 3, 2, 1), 0, NULL), QL_OK);
    assert_int_equal(test_submit(call, attempt, answers, 2, &ended), QL_OK);
    assert_int_equal(ended->state, ATTEMPT_STATE_SUBMITTED);
    assert_int_equal(ended->ended_by, ENDED_BY_PLAYER);
    assert_int_equal(ended->n_answers, 3);
    assert_int_equal(ended->n_questions, 3);
    body = completed_event(call, ended);
    assert_string_equal(body->attempt_id, attempt->attempt_id);
    assert_string_equal(body->category, "redis");
    assert_int_equal(body->question_count, 3);
    assert_int_equal(body->answered_count, 3);
    assert_int_equal(body->grading, GRADING_BEST);
    assert_int_equal(body->board_points, 100);
    assert_int_equal(body->pass_basis_points, 8000);
    assert_int_equal(body->n_items, 3);
    assert_int_equal(body->items[ORDERING]->order_count, 4);
    assert_int_equal(body->items[SINGLE]->option_credits_ppm[0], 1000000);
    assert_string_equal(body->items[SHORT_TEXT]->answer->text, "CAN'T");
    assert_int_equal(test_submit(call, attempt, answers, 1, &again), QL_OK);
    assert_int_equal(again->state, ATTEMPT_STATE_SUBMITTED);
    assert_int_equal(again->ended_at->seconds, ended->ended_at->seconds);
    assert_int_equal(test_n_completed(attempt->attempt_id), 1);
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(2), 0, NULL),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "ATTEMPT_ENDED");
}

/* What the client chose reaches evaluation as the author numbered it. */
static void test_answers_are_announced_in_the_authors_numbers(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *ended;
    static const char *const items[] = {"commit", "relay", "exchange", "queue"};
    const PresentedQuestion *shown = attempt->questions[ORDERING];
    int32_t numbers[4];
    const QuizCompleted *body;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int32_t j = 0; j < 4; j++)
            if (strcmp(shown->choices[j], items[i]) == 0)
                numbers[i] = j + 1;
    assert_int_equal(test_save(call, attempt, ORDERING, test_choose(numbers, 4), 0, NULL), QL_OK);
    assert_int_equal(test_submit(call, attempt, NULL, 0, &ended), QL_OK);
    body = completed_event(call, ended);
    for (int32_t i = 0; i < 4; i++)
        assert_int_equal(body->items[ORDERING]->answer->choices[i], i + 1);
    assert_int_equal(body->answered_count, 1);
    assert_null(body->items[SINGLE]->answer);
}

static void test_a_submit_with_one_wrong_answer_stores_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *seen;
    const Answer answers[] = {TEST_CHOOSE(1), test_write("can't"), TEST_CHOOSE(1, 2, 3)};

    (void)state;
    assert_int_equal(test_submit(call, attempt, answers, 3, NULL), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "answers[2].answer.choices");
    assert_int_equal(n_saved(attempt), 0);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_IN_PROGRESS);
}

static void test_the_grace_takes_answers_behind_the_deadline(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *ended;

    (void)state;
    app.grace_ms = 60000;
    test_make_late(attempt->attempt_id, 30000);
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(2), 0, NULL), QL_OK);
    assert_int_equal(test_submit(call, attempt, NULL, 0, &ended), QL_OK);
    app.grace_ms = TEST_GRACE_MS;
    assert_int_equal(ended->ended_by, ENDED_BY_PLAYER);
    assert_int_equal(ended->ended_at->seconds, ended->deadline_at->seconds);
    assert_int_equal(ended->ended_at->nanos, ended->deadline_at->nanos);
    assert_int_equal(ended->n_answers, 1);
}

/* Answers that were saved in time are announced, the late one is not. */
static void test_a_late_answer_ends_the_attempt(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    Attempt *attempt = new_attempt(call), *seen;

    (void)state;
    assert_int_equal(test_save(call, attempt, SINGLE, TEST_CHOOSE(2), 0, NULL), QL_OK);
    test_make_late(attempt->attempt_id, TEST_GRACE_MS + 1);
    assert_int_equal(test_save(call, attempt, SHORT_TEXT, test_write("late"), 0, NULL),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "ATTEMPT_EXPIRED");
    assert_int_equal(n_saved(attempt), 1);
    assert_int_equal(test_n_completed(attempt->attempt_id), 1);
    assert_int_equal(test_get(call, attempt->attempt_id, &seen), QL_OK);
    assert_int_equal(seen->state, ATTEMPT_STATE_EXPIRED);
    assert_int_equal(completed_event(call, seen)->answered_count, 1);
    assert_int_equal(test_submit(call, attempt, NULL, 0, NULL), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "ATTEMPT_EXPIRED");
    assert_int_equal(test_n_completed(attempt->attempt_id), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_answer_counts_and_an_empty_one_clears),
        cmocka_unit_test(test_an_autosave_that_was_overtaken_changes_nothing),
        cmocka_unit_test(test_what_is_no_answer_is_not_stored),
        cmocka_unit_test(test_several_answers_are_saved_together_or_not_at_all),
        cmocka_unit_test(test_submitting_ends_the_attempt_and_announces_it_once),
        cmocka_unit_test(test_answers_are_announced_in_the_authors_numbers),
        cmocka_unit_test(test_a_submit_with_one_wrong_answer_stores_nothing),
        cmocka_unit_test(test_the_grace_takes_answers_behind_the_deadline),
        cmocka_unit_test(test_a_late_answer_ends_the_attempt),
    };
    int n_failed;

    if (test_attempts_start() != 0)
        return 1;
    n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return n_failed;
}
