/* Tests of the rules of attempts. */
#include "services/quiz/attempts/attempt.h"

#include "platform/pb/wire/timestamp.h"
#include "services/quiz/attempts/drawn_fixture.h"

static const char user_id[] = "0192d3a0-0000-7000-8000-000000000001";
static const int64_t now_ms = INT64_C(1800000000123);

static Quiz *quiz_of(struct ql_call *call, const char *json)
{
    Quiz *quiz = test_message(call, &Quiz_descriptor, json);

    quiz->quiz_id = (char *)"0192d3a0-0000-7000-8000-000000000002";
    quiz->published_version = 3;
    return quiz;
}

static void test_the_deadline_is_the_least_of_all_limits(void **state)
{
    static const struct {
        const char *quiz;
        int64_t closes_ms, deadline_ms;
    } cases[] = {
        {"{}", 0, INT64_C(30) * 86400000},
        {"{\"timeLimitS\":600}", 0, 600000},
        {"{\"timeLimitS\":600}", 3000, 3000},
        {"{\"timeLimitS\":2}", 3000, 2000},
        {"{}", INT64_C(31) * 86400000, INT64_C(30) * 86400000},
    };
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Quiz *quiz = quiz_of(call, cases[i].quiz);
        struct attempt attempt;

        if (cases[i].closes_ms != 0)
            quiz->closes_at = ql_timestamp_new(call, now_ms + cases[i].closes_ms);
        attempt_begin(&attempt, user_id, quiz, 2, now_ms);
        assert_true(attempt.deadline_ms == now_ms + cases[i].deadline_ms);
        assert_true(attempt.started_ms == now_ms);
        assert_int_equal(attempt.ordinal, 2);
        assert_int_equal(attempt.quiz_version, 3);
        assert_int_equal(attempt.state, ATTEMPT_STATE_IN_PROGRESS);
    }
}

static void test_two_attempts_have_two_seeds_and_ids(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
    struct attempt one, other;

    (void)state;
    attempt_begin(&one, user_id, quiz_of(call, "{}"), 1, now_ms);
    attempt_begin(&other, user_id, quiz_of(call, "{}"), 1, now_ms);
    assert_memory_not_equal(one.seed, other.seed, sizeof(one.seed));
    assert_string_not_equal(one.attempt_id, other.attempt_id);
}

static void test_a_start_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *quiz;
        int64_t opens_ms, closes_ms; /* behind now; 0: none */
        int32_t ordinal;
        int64_t ended_ms; /* before now */
        const char *reason;
    } cases[] = {
        {"{}", 0, 0, 0, 0, ""},
        {"{}", 1, 0, 0, 0, "QUIZ_NOT_OPEN"},
        {"{}", -1, 0, 0, 0, ""},
        {"{}", 0, -1, 0, 0, "QUIZ_CLOSED"},
        {"{}", 0, 1, 0, 0, ""},
        {"{\"maxAttempts\":2}", 0, 0, 1, 9, ""},
        {"{\"maxAttempts\":2}", 0, 0, 2, 9, "ATTEMPTS_EXHAUSTED"},
        {"{}", 0, 0, 1000, 9, ""},
        {"{\"retryDelayS\":60}", 0, 0, 1, 59999, "RETRY_TOO_SOON"},
        {"{\"retryDelayS\":60}", 0, 0, 1, 60000, ""},
        {"{\"retryDelayS\":60}", 0, 0, 0, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
        Quiz *quiz = quiz_of(call, cases[i].quiz);
        const struct attempt latest = {.ordinal = cases[i].ordinal,
                                       .ended_ms = now_ms - cases[i].ended_ms};

        if (cases[i].opens_ms != 0)
            quiz->opens_at = ql_timestamp_new(call, now_ms + cases[i].opens_ms);
        if (cases[i].closes_ms != 0)
            quiz->closes_at = ql_timestamp_new(call, now_ms + cases[i].closes_ms);
        assert_int_equal(attempt_check_start(call, quiz, &latest, now_ms),
                         cases[i].reason[0] == '\0' ? QL_OK : QL_FAILED_PRECONDITION);
        assert_string_equal(call->status.reason, cases[i].reason);
        assert_int_equal(call->status.retry_delay_ms,
                         strcmp(cases[i].reason, "RETRY_TOO_SOON") == 0 ? 1 : 0);
    }
}

static void test_an_attempt_takes_answers_while_it_is_open(void **state)
{
    static const struct {
        struct attempt attempt;
        const char *reason;
    } cases[] = {
        {{.state = ATTEMPT_STATE_IN_PROGRESS}, ""},
        {{.state = ATTEMPT_STATE_IN_PROGRESS, .is_late = true}, "ATTEMPT_EXPIRED"},
        {{.state = ATTEMPT_STATE_EXPIRED, .ended_by = ENDED_BY_SERVER}, "ATTEMPT_EXPIRED"},
        {{.state = ATTEMPT_STATE_SCORED, .ended_by = ENDED_BY_SERVER}, "ATTEMPT_EXPIRED"},
        {{.state = ATTEMPT_STATE_SUBMITTED, .ended_by = ENDED_BY_PLAYER}, "ATTEMPT_ENDED"},
        {{.state = ATTEMPT_STATE_SCORED, .ended_by = ENDED_BY_PLAYER}, "ATTEMPT_ENDED"},
        {{.state = ATTEMPT_STATE_DISCARDED}, "ATTEMPT_ENDED"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
        enum ql_code rc = attempt_check_open(call, &cases[i].attempt);

        assert_int_equal(rc, cases[i].reason[0] == '\0' ? QL_OK : QL_FAILED_PRECONDITION);
        assert_string_equal(call->status.reason, cases[i].reason);
    }
}

static void test_a_review_is_shown_by_the_policy_of_the_quiz(void **state)
{
    static const struct {
        const char *quiz;
        int64_t closes_ms; /* behind now */
        Questline__Quiz__V1__AttemptState state;
        Questline__Quiz__V1__EndedBy ended_by;
        const char *player, *administrator;
    } cases[] = {
        {"{\"review\":\"AFTER_SUBMIT\"}", 0, ATTEMPT_STATE_IN_PROGRESS, ENDED_BY_UNSPECIFIED,
         "REVIEW_NOT_ALLOWED", "REVIEW_NOT_ALLOWED"},
        {"{\"review\":\"AFTER_SUBMIT\"}", 0, ATTEMPT_STATE_SUBMITTED, ENDED_BY_PLAYER,
         "NOT_SCORED_YET", "NOT_SCORED_YET"},
        {"{\"review\":\"AFTER_SUBMIT\"}", 0, ATTEMPT_STATE_SCORED, ENDED_BY_PLAYER, "", ""},
        {"{\"review\":\"AFTER_SUBMIT\"}", 0, ATTEMPT_STATE_DISCARDED, ENDED_BY_UNSPECIFIED,
         "REVIEW_NOT_ALLOWED", "REVIEW_NOT_ALLOWED"},
        {"{\"review\":\"NEVER\"}", 0, ATTEMPT_STATE_SUBMITTED, ENDED_BY_PLAYER,
         "REVIEW_NOT_ALLOWED", "NOT_SCORED_YET"},
        {"{\"review\":\"NEVER\"}", 0, ATTEMPT_STATE_SCORED, ENDED_BY_SERVER, "REVIEW_NOT_ALLOWED",
         ""},
        {"{\"review\":\"AFTER_CLOSE\"}", 1, ATTEMPT_STATE_SCORED, ENDED_BY_SERVER,
         "REVIEW_NOT_ALLOWED", ""},
        {"{\"review\":\"AFTER_CLOSE\"}", -1, ATTEMPT_STATE_SCORED, ENDED_BY_SERVER, "", ""},
        {"{\"review\":\"AFTER_CLOSE\"}", -1, ATTEMPT_STATE_EXPIRED, ENDED_BY_SERVER,
         "NOT_SCORED_YET", "NOT_SCORED_YET"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);
        Quiz *quiz = quiz_of(call, cases[i].quiz);
        const struct attempt attempt = {
            .state = cases[i].state, .ended_by = cases[i].ended_by, .now_ms = now_ms};
        enum ql_code rc;

        if (cases[i].closes_ms != 0)
            quiz->closes_at = ql_timestamp_new(call, now_ms + cases[i].closes_ms);
        call->identity.role = QL_ROLE_USER;
        rc = attempt_check_review(call, &attempt, quiz);
        assert_int_equal(rc, call->status.code);
        assert_string_equal(call->status.reason, cases[i].player);
        ql_call_clear_status(call);
        call->identity.role = QL_ROLE_ADMIN;
        rc = attempt_check_review(call, &attempt, quiz);
        assert_int_equal(rc, call->status.code);
        assert_string_equal(call->status.reason, cases[i].administrator);
    }
}

static void test_players_see_their_own_and_administrators_all(void **state)
{
    static const struct {
        enum ql_role role;
        const char *subject;
        bool may_read, may_change;
    } cases[] = {
        {QL_ROLE_USER, user_id, true, true},
        {QL_ROLE_USER, "0192D3A0-0000-7000-8000-000000000001", true, true},
        {QL_ROLE_USER, "0192d3a0-0000-7000-8000-000000000009", false, false},
        {QL_ROLE_ADMIN, "0192d3a0-0000-7000-8000-000000000009", true, false},
        {QL_ROLE_ADMIN, user_id, true, true},
        {QL_ROLE_SERVICE, "operator", true, false},
    };
    struct attempt attempt = {.ordinal = 1};

    (void)state;
    memcpy(attempt.user_id, user_id, sizeof(user_id));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(NULL);

        call->identity.role = cases[i].role;
        snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", cases[i].subject);
        assert_int_equal(attempt_check_reader(call, &attempt),
                         cases[i].may_read ? QL_OK : QL_PERMISSION_DENIED);
        assert_int_equal(attempt_check_owner(call, &attempt),
                         cases[i].may_change ? QL_OK : QL_PERMISSION_DENIED);
        if (!cases[i].may_change)
            assert_string_equal(call->status.reason, "NOT_OWNER");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_deadline_is_the_least_of_all_limits),
        cmocka_unit_test(test_two_attempts_have_two_seeds_and_ids),
        cmocka_unit_test(test_a_start_is_refused_with_its_reason),
        cmocka_unit_test(test_an_attempt_takes_answers_while_it_is_open),
        cmocka_unit_test(test_a_review_is_shown_by_the_policy_of_the_quiz),
        cmocka_unit_test(test_players_see_their_own_and_administrators_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
