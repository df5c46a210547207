/* The rules of a quiz and of its slots. */
#include "services/quiz/quizzes/quiz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/quiz/question/question_fixture.h"
#include "services/quiz/quizzes/slots.h"

#define HEAD  "{\"title\":\"t\",\"category\":\"redis\",\"passBasisPoints\":8000"
#define ID(n) "018f0000-0000-7000-8000-00000000000" n

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(4 * 1024 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static Quiz *quiz_of(struct ql_call *call, const char *json)
{
    Quiz *quiz = test_message(call, &Quiz_descriptor, json);

    ql_call_clear_status(call);
    assert_int_equal(quiz_normalize(call, quiz), QL_OK);
    return quiz;
}

/* The fields that are violated, "," between them. */
static const char *violated(const struct ql_call *call)
{
    static char text[1000];

    text[0] = '\0';
    for (size_t i = 0; i < call->status.n_violations; i++) {
        strcat(text, i == 0 ? "" : ",");
        strcat(text, call->status.violations[i].field);
    }
    return text;
}

static void test_defaults_are_spelled_out(void **state)
{
    Quiz *quiz = quiz_of(*state, HEAD ",\"opensAt\":\"2026-01-01T00:00:00.123456Z\"}");

    assert_int_equal(quiz_validate(*state, quiz), QL_OK);
    assert_int_equal(quiz->grading, GRADING_BEST);
    assert_int_equal(quiz->review, REVIEW_POLICY_AFTER_SUBMIT);
    assert_int_equal(quiz->board_points, QUIZ_BOARD_POINTS_DEFAULT);
    assert_int_equal(quiz->opens_at->nanos, 123000000);
}

static void test_every_violation_names_its_field(void **state)
{
    static const struct {
        const char *quiz, *fields;
    } refused[] = {
        {HEAD ",\"review\":\"AFTER_CLOSE\"}", "quiz.review"},
        {HEAD ",\"opensAt\":\"2026-01-02T00:00:00Z\",\"closesAt\":\"2026-01-02T00:00:00.000Z\"}",
         "quiz.closesAt"},
        {HEAD ",\"timeLimitS\":86401,\"maxAttempts\":1001,\"retryDelayS\":-1}",
         "quiz.timeLimitS,quiz.maxAttempts,quiz.retryDelayS"},
        {HEAD ",\"boardPoints\":1001,\"grading\":7}", "quiz.grading,quiz.boardPoints"},
        {"{\"title\":\" \",\"category\":\"Not A Slug\",\"passBasisPoints\":10001}",
         "quiz.category,quiz.passBasisPoints,quiz.title"},
        {"{}", "quiz.title,quiz.category,quiz.passBasisPoints"},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(refused); i++) {
        assert_int_equal(quiz_validate(*state, quiz_of(*state, refused[i].quiz)),
                         QL_INVALID_ARGUMENT);
        if (strcmp(violated(*state), refused[i].fields) != 0)
            fail_msg("%s: %s", refused[i].quiz, violated(*state));
    }
}

static void test_boards_keep_what_they_count_by(void **state)
{
    static const char *const changed[][2] = {
        {"{\"title\":\"t\",\"category\":\"other\",\"passBasisPoints\":8000}", "quiz.category"},
        {HEAD ",\"grading\":\"LAST\"}", "quiz.grading"},
        {HEAD ",\"practice\":true}", "quiz.practice"},
        {HEAD ",\"boardPoints\":99}", "quiz.boardPoints"},
    };
    struct ql_call *call = *state;
    const Quiz *before = quiz_of(call, HEAD "}");

    for (size_t i = 0; i < QL_ARRAY_LENGTH(changed); i++) {
        assert_int_equal(quiz_check_fixed(call, before, quiz_of(call, changed[i][0])),
                         QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.reason, "FIXED_AFTER_PUBLISH");
        assert_string_equal(violated(call), changed[i][1]);
    }
    assert_int_equal(quiz_check_fixed(call, before,
                                      quiz_of(call, HEAD ",\"boardPoints\":100,\"timeLimitS\":1}")),
                     QL_OK);
}

static void test_a_quiz_is_what_its_author_says(void **state)
{
    Quiz *one = quiz_of(*state, HEAD "}"), *other = quiz_of(*state, HEAD "}");
    bool is_same = false;

    other->revision = 7;
    other->max_points = 3;
    other->state = QUIZ_STATE_PUBLISHED;
    other->etag = (char *)"other";
    assert_int_equal(quiz_is_same(*state, one, other, &is_same), QL_OK);
    assert_true(is_same);
    other->time_limit_s = 1;
    assert_int_equal(quiz_is_same(*state, one, other, &is_same), QL_OK);
    assert_false(is_same);
}

static enum ql_code check_slots(struct ql_call *call, const char *json)
{
    SetQuizSlotsRequest *request = test_message(call, &SetQuizSlotsRequest_descriptor, json);

    ql_call_clear_status(call);
    assert_int_equal(slots_normalize(call, request->slots, request->n_slots), QL_OK);
    return slots_validate(call, request->slots, request->n_slots);
}

static void test_a_question_is_in_one_slot(void **state)
{
    struct ql_call *call = *state;

    assert_int_equal(
        check_slots(call,
                    "{\"slots\":[{\"questionIds\":[\"" ID("1") "\",\"" ID(
                        "2") "\"],\"count\":1},{\"questionIds\":[\"" ID("3") "\"],\"count\":1}]}"),
        QL_OK);
    assert_int_equal(
        check_slots(call,
                    "{\"slots\":[{\"questionIds\":[\"" ID("1") "\",\"" ID(
                        "a") "\"],\"count\":1},{\"questionIds\":[\"" ID("A") "\"],\"count\":1}]}"),
        QL_INVALID_ARGUMENT);
    assert_string_equal(violated(call), "slots[1].questionIds[0]");
    assert_int_equal(check_slots(call, "{\"slots\":[{\"questionIds\":[\"" ID("1") "\",\"" ID(
                                           "1") "\"],\"count\":3}]}"),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(violated(call), "slots[0].count,slots[0].questionIds[1]");
}

static void test_candidates_and_draws_are_bounded(void **state)
{
    static char ids[SLOTS_CANDIDATES_MAX + 1][QL_UUID_SIZE], *texts[SLOTS_CANDIDATES_MAX + 1];
    struct ql_call *call = *state;
    QuizSlot slots[2], *all[] = {&slots[0], &slots[1]};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(ids); i++) {
        ql_uuid_new(ids[i]);
        texts[i] = ids[i];
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(slots); i++) {
        QuizSlot_init(&slots[i]);
        slots[i].question_ids = texts + i * 500;
        slots[i].n_question_ids = 500;
        slots[i].count = 50;
    }
    assert_int_equal(slots_validate(call, all, 2), QL_OK);
    slots[1].n_question_ids = 501;
    assert_int_equal(slots_validate(call, all, 2), QL_INVALID_ARGUMENT);
    assert_string_equal(violated(call), "slots");
    ql_call_clear_status(call);
    slots[1].n_question_ids = 500;
    slots[1].count = 51;
    assert_int_equal(slots_validate(call, all, 2), QL_INVALID_ARGUMENT);
    assert_string_equal(violated(call), "slots");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_are_spelled_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_names_its_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_boards_keep_what_they_count_by, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_quiz_is_what_its_author_says, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_question_is_in_one_slot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_candidates_and_draws_are_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
