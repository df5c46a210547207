/* What users have reached and how questions work, as methods return it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/evaluation/v1/server.h"
#include "services/evaluation/results/result_fixture.h"

#define USER_1 "00000000-0000-7000-8000-000000000001"

static struct ql_call *call, *made;

static void renew_call(void)
{
    test_call_freep(&call);
    call = test_call_new(&app);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", USER_1);
}

static int set_up(void **state)
{
    (void)state;
    renew_call();
    made = test_call_new(&app);
    test_results_clear();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_call_freep(&call);
    test_call_freep(&made);
    return 0;
}

static void complete(const struct test_attempt *attempt)
{
    struct ql_delivery delivery;

    test_completed(made, attempt, &delivery);
    renew_call();
    assert_int_equal(consumer_handle(call, &delivery, 1), QL_OK);
}

static enum ql_code get_stats(const char *user_id, GetUserStatsResponse *ret_out)
{
    GetUserStatsRequest in;

    renew_call();
    GetUserStatsRequest_init(&in);
    GetUserStatsResponse_init(ret_out);
    in.user_id = (char *)user_id;
    return test_rpc(call, StatsService_GetUserStats_method, &in, ret_out);
}

static void test_a_user_without_attempts_has_zeros(void **state)
{
    GetUserStatsResponse out;

    (void)state;
    assert_int_equal(get_stats(USER_1, &out), QL_OK);
    assert_string_equal(out.stats->user_id, USER_1);
    assert_int_equal(out.stats->attempts, 0);
    assert_int_equal(out.stats->n_categories, 0);
    assert_int_equal(get_stats("me too", &out), QL_INVALID_ARGUMENT);
}

static void complete_some(void)
{
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 2});
    complete(&(const struct test_attempt){
        .user = 1, .number = 2, .ordinal = 2, .n_right = 1, .submitted_ms = MOMENT_MS + 1});
    complete(&(const struct test_attempt){.user = 1,
                                          .number = 3,
                                          .n_right = 3,
                                          .quiz_id = OTHER_QUIZ,
                                          .category = "docker",
                                          .is_practice = true});
}

static void test_stats_are_of_all_quizzes_and_of_each_category(void **state)
{
    GetUserStatsResponse out;

    (void)state;
    complete_some();
    assert_int_equal(get_stats(USER_1, &out), QL_OK);
    assert_int_equal(out.stats->attempts, 3);
    assert_int_equal(out.stats->quizzes, 2);
    assert_int_equal(out.stats->quizzes_passed, 2);
    assert_int_equal(out.stats->millipoints, 66666);
    assert_int_equal(out.stats->average_basis_points, (6666 + 3333 + 10000) / 3);
    assert_int_equal(out.stats->best_basis_points, 10000);
    assert_int_equal(out.stats->mean_duration_ms, 1000);
    assert_int_equal(out.stats->n_categories, 2);
    assert_string_equal(out.stats->categories[0]->category, "docker");
    assert_int_equal(out.stats->categories[0]->millipoints, 0);
    assert_string_equal(out.stats->categories[1]->category, "redis");
    assert_int_equal(out.stats->categories[1]->attempts, 2);
    assert_int_equal(out.stats->categories[1]->average_basis_points, 4999);
}

static void test_results_of_quizzes_come_in_pages(void **state)
{
    ListQuizResultsRequest in;
    ListQuizResultsResponse out;

    (void)state;
    complete_some();
    renew_call();
    ListQuizResultsRequest_init(&in);
    ListQuizResultsResponse_init(&out);
    in.user_id = (char *)USER_1;
    in.page_size = 1;
    assert_int_equal(test_rpc(call, StatsService_ListQuizResults_method, &in, &out), QL_OK);
    assert_int_equal(out.n_results, 1);
    assert_string_equal(out.results[0]->quiz_id, TEST_QUIZ);
    assert_int_equal(out.results[0]->attempts, 2);
    assert_true(out.results[0]->passed);
    assert_int_equal(out.results[0]->millipoints, 66666);
    assert_int_equal(ql_timestamp_ms(out.results[0]->reached_at), MOMENT_MS);
    assert_int_equal(ql_timestamp_ms(out.results[0]->last_submitted_at), MOMENT_MS + 1);
    in.page_token = out.next_page_token;
    ListQuizResultsResponse_init(&out);
    assert_int_equal(test_rpc(call, StatsService_ListQuizResults_method, &in, &out), QL_OK);
    assert_int_equal(out.n_results, 1);
    assert_string_equal(out.results[0]->quiz_id, OTHER_QUIZ);
    assert_int_equal(out.results[0]->millipoints, 0);
    assert_string_equal(out.next_page_token, "");
}

static void list_questions(int32_t page_size, char *token, ListQuestionStatsResponse *ret_out)
{
    ListQuestionStatsRequest in;

    ListQuestionStatsRequest_init(&in);
    ListQuestionStatsResponse_init(ret_out);
    in.quiz_id = (char *)TEST_QUIZ;
    in.page_size = page_size;
    in.page_token = token;
    assert_int_equal(test_rpc(call, StatsService_ListQuestionStats_method, &in, ret_out), QL_OK);
}

/* Users with 1, 2 and 3 right answers of three. */
static void test_questions_have_facility_and_discrimination(void **state)
{
    ListQuestionStatsResponse out;

    (void)state;
    for (int i = 1; i <= 3; i++)
        complete(&(const struct test_attempt){.user = i, .number = i, .n_right = i});
    renew_call();
    list_questions(2, (char *)"", &out);
    assert_int_equal(out.n_questions, 2);
    /* Everybody was right: no variance. */
    assert_int_equal(out.questions[0]->attempts, 3);
    assert_int_equal(out.questions[0]->facility_basis_points, 10000);
    assert_int_equal(out.questions[0]->discrimination_case, 0);
    assert_false(out.questions[0]->reliable);
    /* x 0, 1, 1; of the rest 1/2, 1/2, 1: 0.5. */
    assert_int_equal(out.questions[1]->facility_basis_points, 6666);
    assert_int_not_equal(out.questions[1]->discrimination_case, 0);
    assert_int_equal(out.questions[1]->discrimination_basis_points, 5000);
    list_questions(2, out.next_page_token, &out);
    assert_int_equal(out.n_questions, 1);
    /* x 0, 0, 1; of the rest 1/2, 1, 1. */
    assert_int_equal(out.questions[0]->facility_basis_points, 3333);
    assert_int_equal(out.questions[0]->discrimination_basis_points, 5000);
    assert_string_equal(out.next_page_token, "");
}

static void test_thirty_attempts_are_reliable(void **state)
{
    ListQuestionStatsResponse out;

    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 1});
    test_sql(&database, "UPDATE question_stats SET n = 29");
    renew_call();
    list_questions(0, (char *)"", &out);
    assert_false(out.questions[0]->reliable);
    test_sql(&database, "UPDATE question_stats SET n = 30");
    list_questions(0, (char *)"", &out);
    assert_true(out.questions[0]->reliable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_user_without_attempts_has_zeros),
        TEST(test_stats_are_of_all_quizzes_and_of_each_category),
        TEST(test_results_of_quizzes_come_in_pages),
        TEST(test_questions_have_facility_and_discrimination),
        TEST(test_thirty_attempts_are_reliable),
#undef TEST
    };
    int failed = test_results_start();

    if (failed == 0)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_results_stop();
    return failed;
}
