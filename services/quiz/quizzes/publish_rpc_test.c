/* Publishing and ending quizzes, on a real database. */
#include "services/quiz/quiz_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/quiz/quizzes/version.h"

static enum ql_code get_quiz(struct ql_call *call, const char *quiz_id, GetQuizResponse **ret_out)
{
    return test_call_method(call, QuizQueryService_GetQuiz_method,
                            ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", quiz_id), ret_out);
}

static enum ql_code archive(struct ql_call *call, const char *quiz_id,
                            ArchiveQuizResponse **ret_out)
{
    return test_call_method(call, QuizCommandService_ArchiveQuiz_method,
                            ql_arena_printf(call->arena, "{\"quizId\":\"%s\"}", quiz_id), ret_out);
}

static enum ql_code update(struct ql_call *call, const char *quiz_id, const char *members,
                           UpdateQuizResponse **ret_out)
{
    return test_call_method(
        call, QuizCommandService_UpdateQuiz_method,
        ql_arena_printf(call->arena, "{\"quiz\":{\"quizId\":\"%s\",%s}}", quiz_id, members),
        ret_out);
}

static void change_text(struct ql_call *call, const Question *question, const char *text)
{
    UpdateQuestionResponse *out;

    assert_int_equal(
        test_call_method(call, QuestionService_UpdateQuestion_method,
                         ql_arena_printf(call->arena,
                                         "{\"question\":{\"questionId\":\"%s\",\"text\":\"%s\"}}",
                                         question->question_id, text),
                         &out),
        QL_OK);
}

static void load(struct ql_call *call, const char *quiz_id, int32_t number,
                 struct version *ret_version)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(version_load(call, tx, quiz_id, number, ret_version), QL_OK);
}

static int64_t count_announced(void)
{
    return test_sql(&database,
                    "SELECT count(*) FROM outbox WHERE routing_key = 'quiz.quiz_changed'");
}

static void test_a_publication_freezes_a_version(void **state)
{
    static const char *const all[] = {TEST_SINGLE,     TEST_MULTIPLE, TEST_TRUE_FALSE, TEST_NUMERIC,
                                      TEST_SHORT_TEXT, TEST_ORDERING, TEST_MATCHING};
    struct ql_call *call = *state;
    Question *questions[QL_ARRAY_LENGTH(all)];
    struct version version;
    GetQuizResponse *got;
    PublishQuizResponse *again;
    const Quiz *quiz;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(all); i++)
        questions[i] = test_create_question(call, all[i]);
    quiz = test_publish_questions(call, questions, QL_ARRAY_LENGTH(all));
    assert_int_equal(quiz->state, QUIZ_STATE_PUBLISHED);
    assert_int_equal(quiz->published_version, 1);
    assert_int_equal(quiz->revision, 1);
    assert_int_equal(quiz->question_count, 7);
    assert_int_equal(quiz->max_points, 14);
    assert_int_equal(get_quiz(call, quiz->quiz_id, &got), QL_OK);
    assert_string_equal(got->quiz->title, "t");
    assert_int_equal(got->quiz->max_points, 14);
    assert_null(got->figures);
    assert_int_equal(test_publish(call, quiz->quiz_id, &again), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "NOTHING_CHANGED");

    ql_call_clear_status(call);
    load(call, quiz->quiz_id, 1, &version);
    assert_int_equal(version.n_slots, 7);
    assert_int_equal(version.quiz->question_count, 7);
    for (size_t i = 0; i < version.n_slots; i++) {
        assert_int_equal(version.slots[i].n_candidates, 1);
        assert_int_equal(version.slots[i].count, 1);
        assert_string_equal(version.slots[i].candidates[0].question_id, questions[i]->question_id);
        assert_int_equal(version.slots[i].candidates[0].revision, 1);
    }
}

static void test_edits_are_seen_by_the_next_publication(void **state)
{
    struct ql_call *call = *state;
    Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const Quiz *quiz = test_publish_questions(call, &question, 1);
    UpdateQuizResponse *updated;
    PublishQuizResponse *published;
    GetQuizResponse *got;
    struct version version;

    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"new\"", &updated), QL_OK);
    assert_int_equal(updated->quiz->published_version, 1);
    change_text(call, question, "changed");
    assert_int_equal(get_quiz(call, quiz->quiz_id, &got), QL_OK);
    assert_string_equal(got->quiz->title, "t");
    assert_int_equal(test_publish(call, quiz->quiz_id, &published), QL_OK);
    assert_int_equal(published->quiz->published_version, 2);
    assert_int_equal(published->quiz->revision, 2);
    load(call, quiz->quiz_id, 1, &version);
    assert_string_equal(version.quiz->title, "t");
    assert_int_equal(version.slots[0].candidates[0].revision, 1);
    load(call, quiz->quiz_id, 2, &version);
    assert_string_equal(version.quiz->title, "new");
    assert_int_equal(version.slots[0].candidates[0].revision, 2);

    /* The revision of a question alone is a change. */
    change_text(call, question, "changed again");
    assert_int_equal(test_publish(call, quiz->quiz_id, &published), QL_OK);
    assert_int_equal(published->quiz->published_version, 3);
}

static void test_what_boards_count_by_is_fixed(void **state)
{
    struct ql_call *call = *state;
    Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const Quiz *quiz = test_publish_questions(call, &question, 1), *draft = test_create_quiz(call);
    UpdateQuizResponse *updated;

    assert_int_equal(update(call, quiz->quiz_id, "\"practice\":true", &updated),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "FIXED_AFTER_PUBLISH");
    assert_string_equal(call->status.violations[0].field, "quiz.practice");
    assert_int_equal(update(call, quiz->quiz_id, "\"timeLimitS\":60", &updated), QL_OK);
    assert_int_equal(update(call, draft->quiz_id, "\"practice\":true", &updated), QL_OK);
}

static enum ql_code publish_slots(struct ql_call *call, const char *slots)
{
    const Quiz *quiz = test_create_quiz(call);
    SetQuizSlotsResponse *set;
    PublishQuizResponse *published;

    assert_int_equal(test_set_slots(call, quiz->quiz_id, slots, &set), QL_OK);
    return test_publish(call, quiz->quiz_id, &published);
}

static void test_a_publication_needs_questions_that_can_be_drawn(void **state)
{
    struct ql_call *call = *state;
    const Question *one = test_create_question(call, TEST_SINGLE);
    const Question *four = test_create_question(call, TEST_MULTIPLE);
    ArchiveQuestionResponse *archived;

    assert_int_equal(publish_slots(call, "[]"), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "NO_QUESTIONS");
    assert_int_equal(publish_slots(call, ql_arena_printf(call->arena,
                                                         "[{\"questionIds\":[\"%s\",\"%s\"],"
                                                         "\"count\":1}]",
                                                         one->question_id, four->question_id)),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "SLOT_POINTS_DIFFER");
    assert_string_equal(call->status.violations[0].field, "slots[0].questionIds[1]");
    assert_int_equal(
        test_call_method(call, QuestionService_ArchiveQuestion_method,
                         ql_arena_printf(call->arena, "{\"questionId\":\"%s\"}", one->question_id),
                         &archived),
        QL_OK);
    assert_int_equal(publish_slots(call, ql_arena_printf(call->arena,
                                                         "[{\"questionIds\":[\"%s\"],"
                                                         "\"count\":1}]",
                                                         one->question_id)),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUESTION_ARCHIVED");
}

/* Keys of some 12 kB each: 16 of them fit an event, and 17 do not. */
static void test_a_draw_fits_its_messages(void **state)
{
    static char wide[801], json[20000], slots[8000];
    struct ql_call *call = *state;
    size_t length, n_slots = 0;

    for (size_t i = 0; i + 4 < sizeof(wide); i += 4)
        memcpy(wide + i, "\xf0\x9f\x98\x80", 4);
    for (int i = 0; i < 17; i++) {
        const Question *question;

        length = (size_t)snprintf(json, sizeof(json),
                                  "{\"type\":\"SHORT_TEXT\",\"text\":\"t\",\"category\":\"large\","
                                  "\"textAnswers\":[");
        for (int k = 0; k < 13; k++)
            length += (size_t)snprintf(json + length, sizeof(json) - length,
                                       "%s{\"text\":\"%s\",\"creditPpm\":1000000}",
                                       k == 0 ? "" : ",", wide);
        snprintf(json + length, sizeof(json) - length, "]}");
        question = test_create_question(call, json);
        n_slots += (size_t)snprintf(slots + n_slots, sizeof(slots) - n_slots, "%s\"%s\"",
                                    i == 0 ? "" : ",", question->question_id);
    }
    assert_int_equal(
        publish_slots(call,
                      ql_arena_printf(call->arena, "[{\"questionIds\":[%s],\"count\":16}]", slots)),
        QL_OK);
    assert_int_equal(
        publish_slots(call,
                      ql_arena_printf(call->arena, "[{\"questionIds\":[%s],\"count\":17}]", slots)),
        QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUIZ_TOO_LARGE");
}

static void test_an_archived_quiz_shows_what_was_published(void **state)
{
    struct ql_call *call = *state;
    Question *question = test_create_question(call, TEST_TRUE_FALSE);
    const Quiz *quiz = test_publish_questions(call, &question, 1);
    ArchiveQuizResponse *archived;
    UpdateQuizResponse *updated;
    PublishQuizResponse *published;
    GetQuizResponse *got;

    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"new\"", &updated), QL_OK);
    assert_int_equal(archive(call, quiz->quiz_id, &archived), QL_OK);
    assert_int_equal(archived->quiz->state, QUIZ_STATE_ARCHIVED);
    assert_int_equal(archive(call, quiz->quiz_id, &archived), QL_OK);
    assert_int_equal(archived->quiz->revision, 2);
    call->identity.role = QL_ROLE_ADMIN; /* to see it at once */
    assert_int_equal(get_quiz(call, quiz->quiz_id, &got), QL_OK);
    assert_int_equal(got->quiz->state, QUIZ_STATE_ARCHIVED);
    assert_string_equal(got->quiz->title, "t");
    assert_int_equal(update(call, quiz->quiz_id, "\"title\":\"newer\"", &updated),
                     QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUIZ_ARCHIVED");
    assert_int_equal(test_publish(call, quiz->quiz_id, &published), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "QUIZ_ARCHIVED");
}

static void test_a_draft_that_is_archived_is_seen_by_nobody(void **state)
{
    struct ql_call *call = *state;
    const Quiz *quiz = test_create_quiz(call);
    ArchiveQuizResponse *archived;
    GetQuizResponse *got;

    assert_int_equal(test_sql(&database, "DELETE FROM outbox"), -1);
    assert_int_equal(get_quiz(call, quiz->quiz_id, &got), QL_NOT_FOUND);
    assert_int_equal(archive(call, quiz->quiz_id, &archived), QL_OK);
    assert_int_equal(archived->quiz->state, QUIZ_STATE_ARCHIVED);
    assert_int_equal(get_quiz(call, quiz->quiz_id, &got), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUIZ_NOT_FOUND");
    assert_int_equal(count_announced(), 0);
}

static void test_publications_are_announced_once(void **state)
{
    struct ql_call *call = *state;
    Question *question = test_create_question(call, TEST_TRUE_FALSE);
    ArchiveQuizResponse *archived;
    const Quiz *quiz;

    assert_int_equal(test_sql(&database, "DELETE FROM outbox"), -1);
    quiz = test_publish_questions(call, &question, 1);
    assert_int_equal(count_announced(), 1);
    assert_int_equal(archive(call, quiz->quiz_id, &archived), QL_OK);
    assert_int_equal(archive(call, quiz->quiz_id, &archived), QL_OK);
    assert_int_equal(count_announced(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_OF_QUIZ(test_a_publication_freezes_a_version),
        TEST_OF_QUIZ(test_edits_are_seen_by_the_next_publication),
        TEST_OF_QUIZ(test_what_boards_count_by_is_fixed),
        TEST_OF_QUIZ(test_a_publication_needs_questions_that_can_be_drawn),
        TEST_OF_QUIZ(test_a_draw_fits_its_messages),
        TEST_OF_QUIZ(test_an_archived_quiz_shows_what_was_published),
        TEST_OF_QUIZ(test_a_draft_that_is_archived_is_seen_by_nobody),
        TEST_OF_QUIZ(test_publications_are_announced_once),
    };
    int rc;

    if (test_quiz_start() != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_quiz_stop();
    return rc;
}
