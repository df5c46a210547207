/* What the consumer makes of accounts, of weeks, and of what cannot be scored. */
#include "services/evaluation/results/consumer_fixture.h"

static void test_banned_users_leave_and_come_back_with_what_they_have_by_then(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 1});
    change_account(EVENT_USER_BANNED, 1);
    assert_int_equal(points("overall", "all"), -1);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE is_listed"), 0);
    complete(&(const struct test_attempt){.user = 1, .number = 2, .ordinal = 2, .n_right = 3});
    assert_int_equal(points("overall", "all"), -1);
    SQL("DELETE FROM board_scores"); /* as is done with those who left */
    change_account(EVENT_USER_UNBANNED, 1);
    assert_int_equal(points("overall", "all"), 100000);
    assert_int_equal(points("category.redis", "2026-W49"), 100000);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE is_listed"), 6);
}

static void test_deleted_users_never_come_back(void **state)
{
    int64_t before;

    (void)state;
    SQL("INSERT INTO weeks (week, state, final_seq) VALUES ('2026-W40', 'FINAL', 1)");
    SQL("INSERT INTO week_standings VALUES ('2026-W40', 'overall', 1, 1, "
        "'00000000-0000-7000-8000-000000000001', 5, now())");
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 1});
    before = SQL("SELECT max(change_seq) FROM board_scores");
    change_account(EVENT_USER_DELETED, 1);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE is_listed"), 0);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE change_seq > %" PRId64, before),
                     6);
    assert_int_equal(SQL("SELECT count(*) FROM week_standings WHERE user_id IS NULL AND rank = 1"),
                     1);
    complete(&(const struct test_attempt){.user = 1, .number = 2, .ordinal = 2, .n_right = 3});
    change_account(EVENT_USER_UNBANNED, 1);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE is_listed"), 0);
    assert_int_equal(SQL("SELECT count(*) FROM attempts"), 2);
}

static void test_an_account_may_be_heard_of_before_or_after_its_attempts(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 1});
    change_account(EVENT_USER_REGISTERED, 1);
    change_account(EVENT_USER_BANNED, 2);
    complete(&(const struct test_attempt){.user = 2, .number = 2, .n_right = 3});
    assert_int_equal(SQL("SELECT count(*) FROM players"), 2);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE is_listed"), 6);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores"), 12);
}

static void test_a_closed_week_has_the_number_of_its_attempts(void **state)
{
    struct ql_delivery delivery;

    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 1});
    test_week_closed(made, "2026-W49", 2, &delivery);
    handle(&delivery, 1);
    assert_int_equal(SQL("SELECT expected FROM weeks WHERE state = 'CLOSING' AND counted = 1"), 2);
    test_week_closed(made, "2026-W48", 1, &delivery);
    handle(&delivery, 1);
    assert_int_equal(SQL("SELECT counted FROM weeks WHERE week = '2026-W48'"), 0);
}

static void test_late_attempts_count_for_all_time_only(void **state)
{
    (void)state;
    SQL("INSERT INTO weeks (week, state, final_seq, expected, counted) "
        "VALUES ('2026-W49', 'FINAL', 1, 0, 0)");
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    assert_int_equal(points("overall", "all"), 100000);
    assert_int_equal(points("overall", "2026-W49"), -1);
    assert_int_equal(SQL("SELECT count(*) FROM quiz_results"), 1);
    assert_int_equal(SQL("SELECT counted FROM weeks"), 1);
    change_account(EVENT_USER_BANNED, 1);
    change_account(EVENT_USER_UNBANNED, 1);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores"), 3);
}

/* As stored events have them: their items are secret, and in no JSON. */
static void test_what_cannot_be_scored_is_rejected_and_the_rest_is_not(void **state)
{
    struct ql_delivery deliveries[3];
    QuizCompleted *body;
    char user_id[QL_UUID_SIZE];

    (void)state;
    for (int i = 0; i < 3; i++)
        test_completed(made, &(const struct test_attempt){.user = 1, .number = i, .n_right = i},
                       &deliveries[i]);
    assert_int_equal(ql_message_unpack(made, &QuizCompleted_descriptor, deliveries[1].event.body,
                                       deliveries[1].event.body_length, &body),
                     QL_OK);
    body->n_items = 0;
    test_user_id(1, user_id);
    test_pack(made, EVENT_QUIZ_COMPLETED, NULL, ql_arena_strdup(made->arena, user_id), &body->base,
              &deliveries[1]);
    handle(deliveries, 3);
    assert_string_equal(deliveries[1].reject_reason, "ITEMS_MISSING");
    assert_string_equal(deliveries[0].reject_reason, "");
    assert_string_equal(deliveries[2].reject_reason, "");
    assert_int_equal(SQL("SELECT count(*) FROM attempts"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESULT_TEST(test_banned_users_leave_and_come_back_with_what_they_have_by_then),
        RESULT_TEST(test_deleted_users_never_come_back),
        RESULT_TEST(test_an_account_may_be_heard_of_before_or_after_its_attempts),
        RESULT_TEST(test_a_closed_week_has_the_number_of_its_attempts),
        RESULT_TEST(test_late_attempts_count_for_all_time_only),
        RESULT_TEST(test_what_cannot_be_scored_is_rejected_and_the_rest_is_not),
    };
    int failed = RESULT_TESTS_RUN(tests);

    test_results_stop();
    return failed;
}
