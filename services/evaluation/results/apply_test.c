/* What batches come to: rows that do not depend on order, duplicates or sizes of batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/evaluation/v1/names.h"
#include "services/evaluation/results/check.h"
#include "services/evaluation/results/result_fixture.h"

enum { MANY = 80, MANY_USERS = 6, DELIVERIES = 3 * MANY };

#define DAY_MS (24 * 3600 * 1000LL)

static struct ql_call *call, *made; /* the consumer's, and that of the deliveries */

static int set_up(void **state)
{
    (void)state;
    call = test_call_new(&app);
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

static void handle(struct ql_delivery *deliveries, size_t n)
{
    ql_arena_reset(call->arena);
    assert_int_equal(consumer_handle(call, deliveries, n), QL_OK);
}

static void complete(const struct test_attempt *attempt)
{
    struct ql_delivery delivery;

    test_completed(made, attempt, &delivery);
    handle(&delivery, 1);
    assert_string_equal(delivery.reject_reason, "");
}

static void change_account(const char *type, int user)
{
    struct ql_delivery delivery;

    test_account(made, type, user, &delivery);
    handle(&delivery, 1);
}

#define SQL(...) test_sql(&database, __VA_ARGS__)

/* The points of user 1 on a board; -1 for no entry. */
static int64_t points(const char *board, const char *period)
{
    return SQL("SELECT millipoints FROM board_scores WHERE board = '%s' AND period = '%s' AND "
               "user_id = '00000000-0000-7000-8000-000000000001' AND is_listed",
               board, period);
}

/* How many milliseconds after MOMENT_MS they were reached. */
static int64_t reached(const char *board, const char *period)
{
    return SQL("SELECT (extract(epoch FROM reached_at) * 1000)::bigint - %" PRId64
               " FROM board_scores WHERE board = '%s' AND period = '%s'",
               MOMENT_MS, board, period);
}

static void test_an_attempt_becomes_a_score_a_result_and_entries(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 2});
    assert_int_equal(SQL("SELECT millipoints * 10 + is_passed::int FROM attempts WHERE "
                         "max_millipoints = 3000 AND basis_points = 6666 AND week = '2026-W49'"),
                     20001);
    assert_int_equal(SQL("SELECT sum(millipoints) FROM quiz_results WHERE passed_attempts = 1 AND "
                         "attempts = 1 AND best_basis_points = 6666"),
                     2 * 66666);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE millipoints = 66666 AND "
                         "is_listed AND period IN ('all', '2026-W49')"),
                     6);
    assert_int_equal(points("overall", "all"), 66666);
    assert_int_equal(points("category.redis", "2026-W49"), 66666);
    assert_int_equal(points("quiz." TEST_QUIZ, "all"), 66666);
    assert_int_equal(SQL("SELECT counted FROM weeks WHERE week = '2026-W49' AND state = 'OPEN'"),
                     1);
    assert_int_equal(SQL("SELECT count(*) FROM outbox WHERE event_type = 'ScoreCalculated'"), 1);
    assert_int_equal(SQL("SELECT count(*) FROM outbox WHERE event_type = 'LeaderboardUpdated'"), 1);
}

static void complete_three(Questline__Quiz__V1__Grading grading)
{
    for (int i = 0; i < 3; i++)
        complete(&(const struct test_attempt){.user = 1,
                                              .number = i + 1,
                                              .ordinal = i + 1,
                                              .n_right = 3 - i,
                                              .submitted_ms = MOMENT_MS + i * 1000,
                                              .grading = grading});
}

static void test_grading_decides_what_counts_and_when_it_was_reached(void **state)
{
    (void)state;
    complete_three(GRADING_BEST);
    assert_int_equal(points("quiz." TEST_QUIZ, "all"), 100000);
    assert_int_equal(reached("quiz." TEST_QUIZ, "all"), 0);
    test_results_clear();
    complete_three(GRADING_LAST);
    assert_int_equal(points("quiz." TEST_QUIZ, "all"), 33333);
    assert_int_equal(reached("quiz." TEST_QUIZ, "all"), 2000);
    test_results_clear();
    complete_three(GRADING_AVERAGE);
    assert_int_equal(points("quiz." TEST_QUIZ, "all"), 66666);
    assert_int_equal(reached("quiz." TEST_QUIZ, "all"), 2000);
}

static void test_the_best_attempt_is_the_earliest_of_equal_ones(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){
        .user = 1, .number = 2, .ordinal = 2, .n_right = 3, .submitted_ms = MOMENT_MS + 5000});
    assert_int_equal(reached("overall", "all"), 5000);
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    assert_int_equal(reached("overall", "all"), 0);
}

static void test_a_week_counts_its_own_attempts_alone(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    complete(&(const struct test_attempt){.user = 1,
                                          .number = 2,
                                          .ordinal = 2,
                                          .n_right = 1,
                                          .submitted_ms = MOMENT_MS + 7 * DAY_MS});
    assert_int_equal(points("overall", "all"), 100000);
    assert_int_equal(points("overall", "2026-W49"), 100000);
    assert_int_equal(points("overall", "2026-W50"), 33333);
}

static void test_boards_are_sums_over_quizzes_without_those_for_practice(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    complete(&(const struct test_attempt){.user = 1,
                                          .number = 2,
                                          .n_right = 2,
                                          .quiz_id = OTHER_QUIZ,
                                          .category = "docker",
                                          .submitted_ms = MOMENT_MS + 1});
    complete(&(const struct test_attempt){.user = 1,
                                          .number = 3,
                                          .n_right = 3,
                                          .quiz_id = "00000000-0000-7000-8000-00000000aa03",
                                          .is_practice = true});
    assert_int_equal(points("overall", "all"), 166666);
    assert_int_equal(reached("overall", "all"), 1);
    assert_int_equal(points("category.redis", "all"), 100000);
    assert_int_equal(points("category.docker", "all"), 66666);
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE board LIKE '%%aa03'"), 0);
    assert_int_equal(SQL("SELECT count(*) FROM quiz_results WHERE is_practice"), 2);
    assert_int_equal(SQL("SELECT attempts FROM quiz_stats WHERE quiz_id::text LIKE '%%aa03'"), 1);
}

static void test_zero_points_are_an_entry(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 0});
    assert_int_equal(points("overall", "all"), 0);
}

static void test_points_end_at_the_greatest_that_a_board_holds(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    SQL("INSERT INTO quiz_results SELECT user_id, gen_random_uuid(), period, category, "
        "is_practice, 1, 1, 10000, 10000, 1, 1000000, reached_at, last_submitted_at "
        "FROM quiz_results, generate_series(1, 2147)");
    complete(
        &(const struct test_attempt){.user = 1, .number = 2, .n_right = 3, .quiz_id = OTHER_QUIZ});
    assert_int_equal(points("overall", "all"), 2147200000);
    SQL("UPDATE quiz_results SET millipoints = 1000000");
    complete(&(const struct test_attempt){
        .user = 1, .number = 3, .n_right = 3, .quiz_id = "00000000-0000-7000-8000-00000000aa03"});
    assert_int_equal(points("overall", "all"), 2147483647);
}

/* A digest of all rows that follow from attempts, but for numbers of the log. */
static int64_t digest(void)
{
    return SQL(
        "SELECT hashtextextended(string_agg(line, E'\\n' ORDER BY line), 0) FROM ("
        "SELECT attempts::text AS line FROM attempts UNION ALL SELECT quiz_results::text "
        "FROM quiz_results UNION ALL SELECT (board, period, user_id, millipoints, reached_at, "
        "is_listed)::text FROM board_scores UNION ALL SELECT weeks::text FROM weeks "
        "UNION ALL SELECT question_stats::text FROM question_stats "
        "UNION ALL SELECT quiz_stats::text FROM quiz_stats UNION ALL SELECT players::text "
        "FROM players) AS rows");
}

/* Attempts of six users at two quizzes of different grading, over three weeks. */
static void make_many(struct ql_delivery *deliveries)
{
    unsigned seed = 20261201;

    for (int i = 0; i < MANY; i++) {
        bool is_other = rand_r(&seed) % 2 == 0;

        test_completed(
            made,
            &(const struct test_attempt){.user = rand_r(&seed) % MANY_USERS,
                                         .number = i,
                                         .ordinal = 1 + rand_r(&seed) % 3,
                                         .n_right = rand_r(&seed) % 4,
                                         .submitted_ms = MOMENT_MS + rand_r(&seed) % 14 * DAY_MS,
                                         .quiz_id = is_other ? OTHER_QUIZ : TEST_QUIZ,
                                         .category = is_other ? "docker" : "redis",
                                         .grading = is_other ? GRADING_AVERAGE : GRADING_BEST},
            &deliveries[i]);
    }
}

static void shuffle(struct ql_delivery *deliveries, size_t n, unsigned seed)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = (size_t)rand_r(&seed) % (i + 1);
        struct ql_delivery moved = deliveries[i];

        deliveries[i] = deliveries[j];
        deliveries[j] = moved;
    }
}

static void test_any_order_and_duplicates_give_the_same_rows(void **state)
{
    static struct ql_delivery deliveries[DELIVERIES];
    int64_t expected;

    (void)state;
    make_many(deliveries);
    handle(deliveries, MANY);
    expected = digest();
    assert_int_equal(SQL("SELECT count(*) FROM attempts"), MANY);
    memcpy(deliveries + MANY, deliveries, MANY * sizeof(*deliveries));
    memcpy(deliveries + 2 * MANY, deliveries, MANY * sizeof(*deliveries));
    handle(deliveries, MANY);
    assert_int_equal(digest(), expected);
    for (unsigned seed = 1; seed <= 5; seed++) {
        size_t step = 1 + 24 * (seed - 1);

        test_results_clear();
        shuffle(deliveries, DELIVERIES, seed);
        for (size_t i = 0; i < DELIVERIES; i += step)
            handle(deliveries + i, i + step > DELIVERIES ? DELIVERIES - i : step);
        assert_int_equal(digest(), expected);
        assert_int_equal(SQL("SELECT count(*) FROM outbox WHERE event_type = 'ScoreCalculated'"),
                         MANY);
    }
}

/* The inbox forgets after 30 days; attempts do not. */
static void test_an_attempt_that_is_announced_again_later_changes_nothing(void **state)
{
    static struct ql_delivery deliveries[DELIVERIES];
    int64_t expected;

    (void)state;
    make_many(deliveries);
    handle(deliveries, MANY);
    expected = digest();
    SQL("TRUNCATE inbox, outbox");
    handle(deliveries, MANY);
    assert_int_equal(digest(), expected);
    assert_int_equal(SQL("SELECT count(*) FROM outbox"), 0);
}

static void test_only_entries_that_differ_get_a_new_number(void **state)
{
    int64_t before;

    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 3});
    complete(&(const struct test_attempt){.user = 2, .number = 2, .n_right = 3});
    before = SQL("SELECT max(change_seq) FROM board_scores");
    complete(&(const struct test_attempt){
        .user = 1, .number = 3, .ordinal = 2, .n_right = 1, .submitted_ms = MOMENT_MS + 1});
    assert_int_equal(SQL("SELECT max(change_seq) FROM board_scores"), before);
    complete(&(const struct test_attempt){.user = 1,
                                          .number = 4,
                                          .ordinal = 3,
                                          .n_right = 1,
                                          .submitted_ms = MOMENT_MS + DAY_MS * 7});
    assert_int_equal(SQL("SELECT count(*) FROM board_scores WHERE change_seq > %" PRId64, before),
                     3);
}

/* Bodies of ScoreCalculated in the outbox, in order; in the arena of the deliveries. */
static size_t read_scores(ScoreCalculated *ret_scores[], size_t n_max)
{
    static const struct ql_pg_statement select = {
        "scores", "SELECT bytes FROM outbox WHERE event_type = 'ScoreCalculated' ORDER BY id"};
    struct ql_pg_rows rows;

    assert_int_equal(ql_pg_look(made, app.parts.pg, &select, NULL, 0, &rows), QL_OK);
    assert_true(rows.n_rows <= n_max);
    for (size_t i = 0; i < rows.n_rows; i++) {
        struct ql_event event;
        uint8_t *bytes;
        size_t length;

        assert_int_equal(ql_pg_bytes(made, &rows, i, 0, &bytes, &length), QL_OK);
        assert_int_equal(ql_event_unpack(made, bytes, length, &event), QL_OK);
        assert_int_equal(event.occurred_ms, MOMENT_MS);
        assert_int_equal(ql_message_unpack(made, &ScoreCalculated_descriptor, event.body,
                                           event.body_length, &ret_scores[i]),
                         QL_OK);
    }
    return rows.n_rows;
}

static void test_a_score_says_what_was_reached(void **state)
{
    ScoreCalculated *scores[4];
    const ScoreCalculated *score;

    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 2});
    assert_int_equal(read_scores(scores, 4), 1);
    score = scores[0];
    assert_int_equal(score->millipoints, 2000);
    assert_int_equal(score->max_millipoints, 3000);
    assert_int_equal(score->score_percent, 66);
    assert_int_equal(score->score_basis_points, 6666);
    assert_true(score->passed && score->first_pass);
    assert_string_equal(score->week, "2026-W49");
    assert_int_equal(score->ended_by, ENDED_BY_PLAYER);
    assert_int_equal(score->n_items, 3);
    assert_int_equal(score->items[2]->millipoints, 0);
    assert_int_equal(score->items[2]->max_millipoints, 1000);
    assert_int_equal(score->totals->attempts, 1);
    assert_int_equal(score->totals->quizzes_passed, 1);
    assert_int_equal(score->totals->millipoints, 66666);
    assert_int_equal(score->totals->average_basis_points, 6666);
}

static void test_one_attempt_at_a_quiz_is_the_first_that_passed(void **state)
{
    static struct ql_delivery deliveries[4];
    ScoreCalculated *scores[4];
    int n_first = 0;

    (void)state;
    for (int i = 0; i < 4; i++)
        test_completed(made,
                       &(const struct test_attempt){
                           .user = 1, .number = i, .ordinal = i + 1, .n_right = i == 0 ? 1 : 3},
                       &deliveries[i]);
    handle(deliveries + 2, 2);
    handle(deliveries, 2);
    assert_int_equal(read_scores(scores, 4), 4);
    for (int i = 0; i < 4; i++)
        n_first += scores[i]->first_pass;
    assert_int_equal(n_first, 1);
    assert_true(scores[0]->first_pass);
    assert_true(scores[3]->totals->sequence > scores[0]->totals->sequence);
    assert_int_equal(scores[3]->totals->attempts, 4);
    assert_int_equal(scores[3]->totals->quizzes, 1);
}

static void test_sums_of_questions_take_first_attempts_alone(void **state)
{
    (void)state;
    complete(&(const struct test_attempt){.user = 1, .number = 1, .n_right = 2});
    complete(&(const struct test_attempt){.user = 1, .number = 2, .ordinal = 2, .n_right = 3});
    complete(&(const struct test_attempt){.user = 2, .number = 3, .n_right = 1});
    /* The third question: 0 of 1000 twice; the rest of the attempt 100 % and 50 %. */
    assert_int_equal(
        SQL("SELECT count(*) FROM question_stats WHERE n = 2 AND sum_x = 0 AND "
            "sum_y = 15000 AND sum_yy = 125000000 AND question_id::text LIKE '%%bb03'"),
        1);
    /* The first: 1000 twice; 50 % and 0. */
    assert_int_equal(SQL("SELECT count(*) FROM question_stats WHERE n = 2 AND sum_x = 2000 AND "
                         "sum_xx = 2000000 AND sum_y = 5000 AND sum_xy = 5000000"),
                     1);
    assert_int_equal(SQL("SELECT players * 100 + attempts * 10 + passed_attempts FROM quiz_stats"),
                     232);
}

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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_an_attempt_becomes_a_score_a_result_and_entries),
        TEST(test_grading_decides_what_counts_and_when_it_was_reached),
        TEST(test_the_best_attempt_is_the_earliest_of_equal_ones),
        TEST(test_a_week_counts_its_own_attempts_alone),
        TEST(test_boards_are_sums_over_quizzes_without_those_for_practice),
        TEST(test_zero_points_are_an_entry),
        TEST(test_points_end_at_the_greatest_that_a_board_holds),
        TEST(test_any_order_and_duplicates_give_the_same_rows),
        TEST(test_an_attempt_that_is_announced_again_later_changes_nothing),
        TEST(test_only_entries_that_differ_get_a_new_number),
        TEST(test_a_score_says_what_was_reached),
        TEST(test_one_attempt_at_a_quiz_is_the_first_that_passed),
        TEST(test_sums_of_questions_take_first_attempts_alone),
        TEST(test_banned_users_leave_and_come_back_with_what_they_have_by_then),
        TEST(test_deleted_users_never_come_back),
        TEST(test_an_account_may_be_heard_of_before_or_after_its_attempts),
        TEST(test_a_closed_week_has_the_number_of_its_attempts),
        TEST(test_late_attempts_count_for_all_time_only),
        TEST(test_what_cannot_be_scored_is_rejected_and_the_rest_is_not),
        TEST(test_a_check_finds_rows_that_attempts_do_not_come_to),
#undef TEST
    };
    int failed = test_results_start();

    if (failed == 0)
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_results_stop();
    return failed;
}
