/* For tests of attempts: quizzes that are published, and players who take them. */
#ifndef QL_QUIZ_ATTEMPT_FIXTURE_H
#define QL_QUIZ_ATTEMPT_FIXTURE_H

#include "services/quiz/attempts/drawn_fixture.h"
#include "services/quiz/quiz_fixture.h"

enum { TEST_GRACE_MS = 2000 };

/* A quiz of fixed questions with this much of a Quiz in JSON ("\"timeLimitS\":60"), as its
 * version 1, by the tables alone. */
static inline void test_publish_as(struct ql_call *call, const char *fields,
                                   const char *const *questions, size_t n_questions,
                                   char ret_quiz_id[QL_UUID_SIZE])
{
    char *json = ql_arena_printf(
        call->arena,
        "{\"title\":\"t\",\"category\":\"redis\",\"passBasisPoints\":8000,\"grading\":\"BEST\","
        "\"review\":\"AFTER_SUBMIT\",\"boardPoints\":100%s%s}",
        fields[0] == '\0' ? "" : ",", fields);
    Quiz *quiz = test_message(call, &Quiz_descriptor, json);
    uint8_t *bytes;
    size_t length;

    ql_uuid_new(ret_quiz_id);
    quiz->quiz_id = ret_quiz_id;
    quiz->published_version = 1;
    quiz->question_count = (int32_t)n_questions;
    assert_int_equal(ql_message_pack(call, quiz, &bytes, &length), QL_OK);
    test_sql(&database,
             "INSERT INTO quizzes (quiz_id, state, draft, draft_revision, revision, "
             "published_version, category, revised_at) VALUES ('%s', 'PUBLISHED', '{}', 1, 1, 1, "
             "'redis', now())",
             ret_quiz_id);
    test_sql(&database, "INSERT INTO quiz_versions VALUES ('%s', 1, '%s')", ret_quiz_id,
             ql_pg_from_bytes(call, bytes, length));
    for (size_t i = 0; i < n_questions; i++) {
        const Question *question = test_create_question(call, questions[i]);

        test_sql(&database,
                 "INSERT INTO quiz_version_slots (quiz_id, version, slot, question_ids, "
                 "revisions, count) VALUES ('%s', 1, %zu, ARRAY['%s'::uuid], ARRAY[1], 1)",
                 ret_quiz_id, i + 1, question->question_id);
    }
}

static inline void test_sign_in(struct ql_call *call, enum ql_role role, const char *user_id)
{
    call->identity.role = role;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
}

/* A player who has not taken anything yet; calls are theirs from now on. */
static inline void test_new_player(struct ql_call *call, char ret_user_id[QL_UUID_SIZE])
{
    ql_uuid_new(ret_user_id);
    test_sign_in(call, QL_ROLE_USER, ret_user_id);
}

static inline enum ql_code test_start(struct ql_call *call, const char *quiz_id,
                                      Attempt **ret_attempt)
{
    StartAttemptResponse *out = ql_arena_calloc(call->arena, 1, sizeof(*out));
    StartAttemptRequest in;
    enum ql_code rc;

    StartAttemptRequest_init(&in);
    StartAttemptResponse_init(out);
    in.quiz_id = (char *)quiz_id;
    ql_call_clear_status(call);
    rc = test_rpc(call, AttemptService_StartAttempt_method, &in, out);
    *ret_attempt = out->attempt;
    return rc;
}

static inline enum ql_code test_get(struct ql_call *call, const char *attempt_id,
                                    Attempt **ret_attempt)
{
    GetAttemptResponse *out = ql_arena_calloc(call->arena, 1, sizeof(*out));
    GetAttemptRequest in;
    enum ql_code rc;

    GetAttemptRequest_init(&in);
    GetAttemptResponse_init(out);
    in.attempt_id = (char *)attempt_id;
    ql_call_clear_status(call);
    rc = test_rpc(call, AttemptService_GetAttempt_method, &in, out);
    *ret_attempt = out->attempt;
    return rc;
}

static inline enum ql_code test_save(struct ql_call *call, const Attempt *attempt, size_t index,
                                     Answer answer, int64_t sequence, SavedAnswer **ret_saved)
{
    SaveAnswerResponse *out = ql_arena_calloc(call->arena, 1, sizeof(*out));
    SaveAnswerRequest in;
    enum ql_code rc;

    SaveAnswerRequest_init(&in);
    SaveAnswerResponse_init(out);
    in.attempt_id = attempt->attempt_id;
    in.question_id = attempt->questions[index]->question_id;
    in.answer = &answer;
    in.sequence = sequence;
    ql_call_clear_status(call);
    rc = test_rpc(call, AttemptService_SaveAnswer_method, &in, out);
    if (ret_saved != NULL)
        *ret_saved = out->answer;
    return rc;
}

/* With answers to the first questions. */
static inline enum ql_code test_submit(struct ql_call *call, const Attempt *attempt,
                                       const Answer *answers, size_t n_answers,
                                       Attempt **ret_attempt)
{
    SubmitAttemptResponse *out = ql_arena_calloc(call->arena, 1, sizeof(*out));
    AnswerToSave *given = ql_arena_calloc(call->arena, n_answers + 1, sizeof(*given));
    AnswerToSave **list = ql_arena_calloc(call->arena, n_answers + 1, sizeof(*list));
    SubmitAttemptRequest in;
    enum ql_code rc;

    SubmitAttemptRequest_init(&in);
    SubmitAttemptResponse_init(out);
    for (size_t i = 0; i < n_answers; i++) {
        AnswerToSave_init(&given[i]);
        given[i].question_id = attempt->questions[i]->question_id;
        given[i].answer = (Answer *)&answers[i];
        list[i] = &given[i];
    }
    in.attempt_id = attempt->attempt_id;
    in.answers = list;
    in.n_answers = n_answers;
    ql_call_clear_status(call);
    rc = test_rpc(call, AttemptService_SubmitAttempt_method, &in, out);
    if (ret_attempt != NULL)
        *ret_attempt = out->attempt;
    return rc;
}

static inline enum ql_code test_review(struct ql_call *call, const char *attempt_id,
                                       GetReviewResponse *ret_out)
{
    GetReviewRequest in;

    GetReviewRequest_init(&in);
    GetReviewResponse_init(ret_out);
    in.attempt_id = (char *)attempt_id;
    ql_call_clear_status(call);
    return test_rpc(call, AttemptService_GetReview_method, &in, ret_out);
}

/* Moves an attempt into the past, so that its deadline was that long ago. */
static inline void test_make_late(const char *attempt_id, int64_t late_ms)
{
    test_sql(&database,
             "UPDATE attempts SET started_at = started_at - age, deadline_at = deadline_at - age "
             "FROM (SELECT deadline_at - date_trunc('milliseconds', clock_timestamp()) "
             "+ %lld * interval '1 millisecond' AS age FROM attempts WHERE attempt_id = '%s') a "
             "WHERE attempt_id = '%s'",
             (long long)late_ms, attempt_id, attempt_id);
}

/* A new player's attempt; calls are theirs from now on. */
static inline Attempt *test_new_attempt(struct ql_call *call, const char *quiz_id)
{
    char user_id[QL_UUID_SIZE];
    Attempt *attempt;

    test_new_player(call, user_id);
    assert_int_equal(test_start(call, quiz_id, &attempt), QL_OK);
    return attempt;
}

/* Puts an attempt that ended into a week of the past: so many weeks before this one. */
static inline void test_move_to_week(const char *attempt_id, int n_weeks)
{
    test_sql(&database,
             "UPDATE attempts SET started_at = t, deadline_at = t + interval '1 hour', "
             "submitted_at = t FROM (SELECT (date_trunc('week', now() AT TIME ZONE 'UTC') "
             "- %d * interval '7 days') AT TIME ZONE 'UTC' AS t) week WHERE attempt_id = '%s'",
             n_weeks, attempt_id);
}

static inline int64_t test_n_completed(const char *attempt_id)
{
    const char *const parts[] = {"quiz_completed", attempt_id};
    char event_id[QL_UUID_SIZE];

    ql_uuid_derive(event_id, parts, 2);
    return test_sql(&database, "SELECT count(*) FROM outbox WHERE event_id = '%s'", event_id);
}

static const char *const test_two_questions[] = {TEST_TRUE_FALSE, TEST_SINGLE};

static inline int test_attempts_start(void)
{
    app.grace_ms = TEST_GRACE_MS;
    return test_quiz_start();
}

#endif
