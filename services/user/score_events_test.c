/* Tests of what ScoreCalculated leaves in an account, on a real database. */
#include "services/user/score_events.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/evaluation/v1/names.h"
#include "questline/user/v1/server.h"

enum { MAX_DELIVERIES = 4 };

static struct ql_call *call;
static struct ql_delivery deliveries[MAX_DELIVERIES];
static size_t n_deliveries;

static int begin(void **state)
{
    (void)state;
    call = test_call_new(&app);
    memset(deliveries, 0, sizeof(deliveries));
    n_deliveries = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_call_freep(&call);
    return 0;
}

/* Totals in which every number follows from the number of attempts. */
static void add_score(const char *user_id, int64_t sequence, int32_t attempts)
{
    ScoreCalculated body;
    UserTotals totals;

    UserTotals_init(&totals);
    totals.sequence = sequence;
    totals.attempts = attempts;
    totals.quizzes = attempts;
    totals.quizzes_passed = attempts - 1;
    totals.millipoints = attempts * 1000;
    totals.average_basis_points = 6666;
    ScoreCalculated_init(&body);
    body.totals = &totals;
    assert_int_equal(ql_event_make(call, EVENT_SCORE_CALCULATED, NULL, user_id, &body.base,
                                   &deliveries[n_deliveries++].event),
                     QL_OK);
}

static void deliver(void)
{
    assert_int_equal(score_events_consume(call, deliveries, n_deliveries), QL_OK);
    n_deliveries = 0;
}

static User *read_user(const char *user_id)
{
    GetUserRequest in;
    GetUserResponse out;

    GetUserRequest_init(&in);
    GetUserResponse_init(&out);
    in.user_id = (char *)user_id;
    assert_int_equal(test_rpc(call, UserService_GetUser_method, &in, &out), QL_OK);
    return out.user;
}

static void test_account_shows_the_totals_with_the_greatest_sequence(void **state)
{
    char user_id[QL_UUID_SIZE];
    const QuizStats *stats;

    (void)state;
    test_user_insert(user_id);
    assert_null(read_user(user_id)->quiz_stats);
    add_score(user_id, 7, 2); /* the newest in the middle of a batch */
    add_score(user_id, 9, 3);
    add_score(user_id, 8, 1);
    deliver();
    add_score(user_id, 8, 1);
    add_score(user_id, 9, 3);
    deliver(); /* again, and older */
    stats = read_user(user_id)->quiz_stats;
    assert_non_null(stats);
    assert_int_equal(stats->attempts, 3);
    assert_int_equal(stats->quizzes, 3);
    assert_int_equal(stats->quizzes_passed, 2);
    assert_int_equal(stats->millipoints, 3000);
    assert_int_equal(stats->average_basis_points, 6666);
    add_score(user_id, 10, 4);
    deliver();
    assert_int_equal(read_user(user_id)->quiz_stats->attempts, 4);
}

static void test_totals_of_an_account_go_with_it_and_do_not_come_back(void **state)
{
    char user_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE];
    DeleteUserRequest in;
    DeleteUserResponse out;

    (void)state;
    test_user_insert(user_id);
    test_user_insert(other_id);
    add_score(user_id, 1, 1);
    deliver();
    DeleteUserRequest_init(&in);
    DeleteUserResponse_init(&out);
    in.user_id = user_id;
    call->identity.role = QL_ROLE_SERVICE; /* an operator */
    assert_int_equal(test_rpc(call, PersonalDataService_DeleteUser_method, &in, &out), QL_OK);
    assert_null(read_user(user_id)->quiz_stats);
    add_score(user_id, 2, 2);
    add_score("018f0000-0000-7000-8000-00000000dead", 1, 1);
    add_score(other_id, 3, 1);
    deliver();
    assert_null(read_user(user_id)->quiz_stats);
    assert_int_equal(read_user(other_id)->quiz_stats->attempts, 1);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM quiz_stats WHERE user_id = '%s'", user_id), 0);
}

static void test_what_is_no_score_becomes_a_dead_letter_and_the_rest_is_stored(void **state)
{
    char user_id[QL_UUID_SIZE];
    ScoreCalculated without_totals;

    (void)state;
    test_user_insert(user_id);
    ScoreCalculated_init(&without_totals);
    assert_int_equal(ql_event_make(call, EVENT_SCORE_CALCULATED, NULL, user_id,
                                   &without_totals.base, &deliveries[n_deliveries++].event),
                     QL_OK);
    add_score(user_id, 1, 1);
    deliveries[1].event.type = EVENT_USER_DELETED;
    n_deliveries = 2;
    add_score(user_id, 1, 5);
    deliver();
    assert_string_equal(deliveries[0].reject_reason, "UNEXPECTED_BODY");
    assert_string_equal(deliveries[1].reject_reason, "UNEXPECTED_TYPE");
    assert_string_equal(deliveries[2].reject_reason, "");
    assert_int_equal(read_user(user_id)->quiz_stats->attempts, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_account_shows_the_totals_with_the_greatest_sequence,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_totals_of_an_account_go_with_it_and_do_not_come_back,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_is_no_score_becomes_a_dead_letter_and_the_rest_is_stored, begin, end),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
