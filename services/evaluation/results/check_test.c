/* Tests of the check of all rows. */
#include "services/evaluation/results/check.h"
#include "services/evaluation/results/consumer_fixture.h"

static int64_t count_differences(struct check_report *ret_report)
{
    ql_arena_reset(call->arena);
    assert_int_equal(check_run(call, app.parts.pg, ret_report), QL_OK);
    return ret_report->n_differences;
}

static void test_a_check_finds_rows_that_attempts_do_not_come_to(void **state)
{
    static struct ql_delivery deliveries[DELIVERIES];
    struct check_report report;

    (void)state;
    make_many(deliveries);
    handle(deliveries, MANY);
    change_account(EVENT_USER_BANNED, 1);
    complete(&(const struct test_attempt){.user = 2,
                                          .number = MANY,
                                          .n_right = 3,
                                          .quiz_id = OTHER_QUIZ,
                                          .grading = GRADING_AVERAGE});
    assert_int_equal(count_differences(&report), 0);
    SQL("DELETE FROM board_scores WHERE NOT is_listed");
    assert_int_equal(count_differences(&report), 0);
    SQL("UPDATE quiz_stats SET players = players + 1 WHERE quiz_id = '" TEST_QUIZ "'");
    SQL("UPDATE weeks SET counted = counted + 1 WHERE week = '2026-W49'");
    SQL("UPDATE board_scores SET millipoints = millipoints + 1 WHERE board = 'overall' AND "
        "period = 'all' AND user_id = '00000000-0000-7000-8000-000000000002'");
    SQL("INSERT INTO quiz_results SELECT user_id, gen_random_uuid(), period, category, true, "
        "attempts, 0, 0, 0, 0, 0, reached_at, last_submitted_at FROM quiz_results LIMIT 1");
    assert_int_equal(count_differences(&report), 4);
    assert_int_equal(report.n_listed, 4);
    assert_string_equal(report.differences[0].table, "quiz_results");
    assert_string_equal(report.differences[0].computed, "");
    assert_string_equal(report.differences[1].key,
                        "overall all 00000000-0000-7000-8000-000000000002");
    assert_string_equal(report.differences[2].table, "weeks");
    assert_string_equal(report.differences[3].key, TEST_QUIZ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESULT_TEST(test_a_check_finds_rows_that_attempts_do_not_come_to),
    };
    int failed = RESULT_TESTS_RUN(tests);

    test_results_stop();
    return failed;
}
