/* Which deliveries are rejected, with which reason, and that the others are read. */
#include "services/evaluation/results/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/evaluation/results/result_fixture.h"

static struct ql_call *call, *made;
static struct ql_arena *scratch;

static int set_up(void **state)
{
    (void)state;
    call = test_call_new(NULL);
    made = test_call_new(NULL);
    scratch = ql_arena_new(FIXTURE_SCRATCH);
    return scratch == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    test_call_freep(&call);
    test_call_freep(&made);
    ql_arena_freep(&scratch);
    return 0;
}

/* A valid event, opened to be changed. */
static QuizCompleted *open_attempt(struct ql_delivery *delivery)
{
    QuizCompleted *body;

    test_completed(made, &(const struct test_attempt){.user = 1, .number = 1, .n_right = 1},
                   delivery);
    assert_int_equal(ql_message_unpack(made, &QuizCompleted_descriptor, delivery->event.body,
                                       delivery->event.body_length, &body),
                     QL_OK);
    return body;
}

static void close_attempt(struct ql_delivery *delivery, const QuizCompleted *body)
{
    const char *user_id = delivery->event.user_id;

    test_pack(made, EVENT_QUIZ_COMPLETED, NULL, user_id, &body->base, delivery);
}

/* Reads it between two valid ones, which are read whatever it is. */
static void assert_reason(struct ql_delivery *delivery, const char *reason)
{
    struct ql_delivery deliveries[3];
    struct batch batch;

    test_completed(made, &(const struct test_attempt){.user = 7, .number = 7, .n_right = 3},
                   &deliveries[0]);
    deliveries[1] = *delivery;
    test_account(made, EVENT_USER_BANNED, 8, &deliveries[2]);
    ql_arena_reset(call->arena);
    assert_int_equal(batch_read(call, deliveries, 3, scratch, &batch), QL_OK);
    assert_string_equal(deliveries[1].reject_reason, reason);
    assert_int_equal(batch.n_events, reason[0] == '\0' ? 3 : 2);
    assert_int_equal(batch.attempts[0].score.millipoints, 3000);
    assert_int_equal(batch.n_accounts, 1);
    assert_true(batch.accounts[0].is_banned);
}

static void test_a_valid_attempt_is_read(void **state)
{
    struct ql_delivery delivery;
    QuizCompleted *body = open_attempt(&delivery);

    (void)state;
    close_attempt(&delivery, body);
    assert_reason(&delivery, "");
}

#define ASSERT_CHANGED(statement, reason)                                                          \
    do {                                                                                           \
        struct ql_delivery delivery;                                                               \
        QuizCompleted *body = open_attempt(&delivery);                                             \
                                                                                                   \
        statement;                                                                                 \
        close_attempt(&delivery, body);                                                            \
        assert_reason(&delivery, reason);                                                          \
    } while (0)

static void test_attempts_that_lack_something_are_rejected(void **state)
{
    (void)state;
    ASSERT_CHANGED(delivery.event.user_id = "", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->attempt_id = (char *)"1", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->quiz_id = (char *)"", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->category = (char *)"", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->category = (char *)"Redis", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->category = (char *)"a--b", "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->ordinal = 0, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->duration_ms = -1, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->submitted_at = NULL, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->submitted_at->seconds = 0, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->grading = (Questline__Quiz__V1__Grading)9, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->board_points = 1001, "ATTEMPT_INVALID");
    ASSERT_CHANGED(body->pass_basis_points = 10001, "ATTEMPT_INVALID");
}

static void test_attempts_without_their_questions_are_rejected(void **state)
{
    (void)state;
    ASSERT_CHANGED(body->n_items = 0, "ITEMS_MISSING");
    ASSERT_CHANGED(body->n_items = 2, "ITEMS_MISSING");
    ASSERT_CHANGED(body->items[1]->question_id = (char *)"", "ITEMS_INVALID");
    ASSERT_CHANGED(body->items[1]->revision = 0, "ITEMS_INVALID");
    ASSERT_CHANGED(body->items[1]->answer->choices[0] = 3, "ITEMS_INVALID");
}

static void test_an_attempt_that_takes_too_much_memory_is_rejected(void **state)
{
    struct ql_delivery delivery;
    struct ql_arena *small = ql_arena_new(512);
    struct batch batch;

    (void)state;
    open_attempt(&delivery);
    assert_int_equal(batch_read(call, &delivery, 1, small, &batch), QL_OK);
    assert_string_equal(delivery.reject_reason, "ATTEMPT_TOO_LARGE");
    assert_int_equal(batch.n_events, 0);
    ql_arena_free(small);
}

static void test_weeks_and_accounts_are_checked(void **state)
{
    struct ql_delivery delivery;

    (void)state;
    test_week_closed(made, "2026-W53", 0, &delivery);
    assert_reason(&delivery, "");
    test_week_closed(made, "2026-W54", 1, &delivery);
    assert_reason(&delivery, "WEEK_INVALID");
    test_week_closed(made, "2026-W01", -1, &delivery);
    assert_reason(&delivery, "WEEK_INVALID");
    test_account(made, EVENT_USER_DELETED, 1, &delivery);
    delivery.event.user_id = "";
    assert_reason(&delivery, "USER_MISSING");
    delivery.event.type = EVENT_USER_SIGN_IN;
    assert_reason(&delivery, "UNEXPECTED_TYPE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_valid_attempt_is_read),
        TEST(test_attempts_that_lack_something_are_rejected),
        TEST(test_attempts_without_their_questions_are_rejected),
        TEST(test_an_attempt_that_takes_too_much_memory_is_rejected),
        TEST(test_weeks_and_accounts_are_checked),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
