/* Drafts on a real database. */
#include "services/quiz/quiz_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum ql_code update(struct ql_call *call, const char *quiz_id, const char *members,
                           UpdateQuizResponse **ret_out)
{
    return test_call_method(
        call, QuizCommandService_UpdateQuiz_method,
        ql_arena_printf(call->arena, "{\"quiz\":{\"quizId\":\"%s\",%s}}", quiz_id, members),
        ret_out);
}

static enum ql_code get_draft(struct ql_call *call, const char *quiz_id,
                              GetQuizDraftResponse **ret_out)
{
    return test_call_method(call, QuizDraftService_GetQuizDraft_method,
                            ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", quiz_id), ret_out);
}

static const char *slot_of(struct ql_call *call, const Question *question)
{
    return ql_arena_printf(call->arena, "[{\"questionIds\":[\"%s\"],\"count\":1}]",
                           question->question_id);
}

static void test_a_quiz_begins_as_a_draft(void **state)
{
    struct ql_call *call = *state;
    const Quiz *quiz = test_create_quiz(call);
    GetQuizDraftResponse *draft;

    assert_int_equal(quiz->state, QUIZ_STATE_DRAFT);
    assert_int_equal(quiz->revision, 0);
    assert_int_equal(quiz->published_version, 0);
    assert_int_equal(quiz->grading, GRADING_BEST);
    assert_string_equal(call->etag, quiz->etag);
    assert_int_equal(get_draft(call, quiz->quiz_id, &draft), QL_OK);
    assert_string_equal(draft->quiz->title, "t");
    assert_string_equal(draft->etag, quiz->etag);
    assert_int_equal(draft->n_slots, 0);
    assert_int_equal(get_draft(call, "018f0000-0000-7000-8000-000000000001", &draft), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUIZ_NOT_FOUND");
}

static void test_an_edit_needs_the_etag_that_is_sent(void **state)
{
    struct ql_call *call = *state;
    const Quiz *quiz = test_create_quiz(call);
    UpdateQuizResponse *updated;

    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"new\"", &updated), QL_OK);
    assert_string_equal(updated->quiz->title, "new");
    assert_int_equal(updated->quiz->pass_basis_points, 8000);
    assert_string_not_equal(updated->quiz->etag, quiz->etag);
    assert_int_equal(
        update(call, quiz->quiz_id,
               ql_arena_printf(call->arena, "\"title\":\"newer\",\"etag\":\"%s\"", quiz->etag),
               &updated),
        QL_ABORTED);
    assert_string_equal(call->status.reason, "ETAG_MISMATCH");
    call->if_match = ql_arena_printf(call->arena, "\"%s\"", quiz->etag);
    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"newer\"", &updated), QL_ABORTED);
}

static void test_what_changes_nothing_is_no_edit(void **state)
{
    struct ql_call *call = *state;
    const Quiz *quiz = test_create_quiz(call);
    const Question *question = test_create_question(call, TEST_TRUE_FALSE);
    UpdateQuizResponse *updated;
    SetQuizSlotsResponse *first, *second;

    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"t\",\"boardPoints\":100", &updated),
                     QL_OK);
    assert_string_equal(updated->quiz->etag, quiz->etag);
    assert_int_equal(test_set_slots(call, quiz->quiz_id, slot_of(call, question), &first), QL_OK);
    assert_string_not_equal(first->etag, quiz->etag);
    assert_string_equal(first->slots[0]->question_ids[0], question->question_id);
    assert_int_equal(test_set_slots(call, quiz->quiz_id, slot_of(call, question), &second), QL_OK);
    assert_string_equal(second->etag, first->etag);
}

static void test_slots_name_questions_that_there_are(void **state)
{
    struct ql_call *call = *state;
    const Quiz *quiz = test_create_quiz(call);
    const Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const char *slots = ql_arena_printf(
        call->arena,
        "[{\"questionIds\":[\"%s\"],\"count\":1},{\"questionIds\":[\"%s\",\"%s\"],\"count\":1}]",
        question->question_id, "018f0000-0000-7000-8000-000000000001",
        "018f0000-0000-7000-8000-000000000002");
    SetQuizSlotsResponse *set;

    assert_int_equal(test_set_slots(call, quiz->quiz_id, slots, &set), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "slots[1].questionIds[0]");
    assert_string_equal(call->status.violations[1].field, "slots[1].questionIds[1]");
    slots = ql_arena_printf(call->arena, "[{\"questionIds\":[\"%s\"],\"count\":0}]",
                            question->question_id);
    assert_int_equal(test_set_slots(call, quiz->quiz_id, slots, &set), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "slots[0].count");
}

static void test_a_repeated_creation_makes_one_quiz(void **state)
{
    struct ql_call *call = *state;
    int64_t n_before = test_sql(&database, "SELECT count(*) FROM quizzes");
    CreateQuizResponse *out;
    const Quiz *first, *second;

    call->identity.role = QL_ROLE_ADMIN;
    strcpy(call->identity.subject, "018f0000-0000-7000-8000-000000000001");
    call->method = QuizCommandService_CreateQuiz_method->name;
    call->idempotency_key = "one";
    first = test_create_quiz(call);
    second = test_create_quiz(call);
    assert_string_equal(first->quiz_id, second->quiz_id);
    assert_string_equal(call->etag, first->etag);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quizzes"), n_before + 1);
    assert_int_equal(test_call_method(call, QuizCommandService_CreateQuiz_method,
                                      "{\"quiz\":{\"title\":\"other\",\"category\":\"redis\","
                                      "\"passBasisPoints\":1}}",
                                      &out),
                     QL_ALREADY_EXISTS);
}

static void test_each_edit_is_recorded(void **state)
{
    struct ql_call *call = *state;
    UpdateQuizResponse *updated;
    SetQuizSlotsResponse *set;
    const Question *question;
    const Quiz *quiz;

    call->identity.role = QL_ROLE_ADMIN;
    strcpy(call->identity.subject, "018f0000-0000-7000-8000-000000000001");
    call->method = QuizCommandService_UpdateQuiz_method->name;
    question = test_create_question(call, TEST_TRUE_FALSE);
    assert_int_equal(test_sql(&database, "DELETE FROM outbox"), -1);
    quiz = test_create_quiz(call);
    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"new\"", &updated), QL_OK);
    assert_int_equal(test_set_slots(call, quiz->quiz_id, slot_of(call, question), &set), QL_OK);
    assert_int_equal(test_set_slots(call, quiz->quiz_id, slot_of(call, question), &set), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 3);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM outbox WHERE routing_key LIKE 'audit.%%'"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_a_quiz_begins_as_a_draft),
        TEST_OF_QUIZ(test_an_edit_needs_the_etag_that_is_sent),
        TEST_OF_QUIZ(test_what_changes_nothing_is_no_edit),
        TEST_OF_QUIZ(test_slots_name_questions_that_there_are),
        TEST_OF_QUIZ(test_a_repeated_creation_makes_one_quiz),
        TEST_OF_QUIZ(test_each_edit_is_recorded),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
