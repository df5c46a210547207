/* What batches come to: rows that do not depend on order, duplicates or sizes of batches. */
#include "services/evaluation/results/consumer_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESULT_TEST(test_an_attempt_becomes_a_score_a_result_and_entries),
        RESULT_TEST(test_grading_decides_what_counts_and_when_it_was_reached),
        RESULT_TEST(test_the_best_attempt_is_the_earliest_of_equal_ones),
        RESULT_TEST(test_a_week_counts_its_own_attempts_alone),
        RESULT_TEST(test_boards_are_sums_over_quizzes_without_those_for_practice),
        RESULT_TEST(test_zero_points_are_an_entry),
        RESULT_TEST(test_points_end_at_the_greatest_that_a_board_holds),
        RESULT_TEST(test_any_order_and_duplicates_give_the_same_rows),
        RESULT_TEST(test_an_attempt_that_is_announced_again_later_changes_nothing),
        RESULT_TEST(test_only_entries_that_differ_get_a_new_number),
        RESULT_TEST(test_a_score_says_what_was_reached),
        RESULT_TEST(test_one_attempt_at_a_quiz_is_the_first_that_passed),
        RESULT_TEST(test_sums_of_questions_take_first_attempts_alone),
    };
    int failed = RESULT_TESTS_RUN(tests);

    test_results_stop();
    return failed;
}
